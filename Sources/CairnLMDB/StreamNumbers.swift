internal import CairnCore

/// Streams' numbers by their names, in flat memory.
struct StreamNumbers: ~Copyable {
    private struct Entry {
        var number: StreamNumber
        let tag: UInt32
        let start: Int
        let byteCount: Int
    }

    private var table = SlotTable()
    private var entries: [Entry] = []
    /// The names, one after another.
    private var bytes: [UInt8] = []

    var count: Int { entries.count }

    func number(of stream: StreamID) -> StreamNumber? {
        guard !entries.isEmpty else { return nil }
        return entry(of: stream, Self.tag(of: stream)).map { entries[$0].number }
    }

    /// Adds a stream, or gives it another number.
    mutating func set(_ number: StreamNumber, of stream: StreamID) {
        let tag = Self.tag(of: stream)
        if let known = entry(of: stream, tag) {
            entries[known].number = number
            return
        }
        let start = bytes.count
        bytes.append(contentsOf: stream.name.utf8)
        table.add(entries.count, tag)
        entries.append(
            Entry(number: number, tag: tag, start: start, byteCount: bytes.count - start)
        )
    }

    /// Takes the stream out that was added last.
    mutating func removeLast() {
        let removed = entries.removeLast()
        bytes.removeSubrange(removed.start...)
        table.remove(entries.count, removed.tag)
    }

    func name(at index: Int) -> ArraySlice<UInt8> { bytes[place(of: entries[index])] }

    func number(at index: Int) -> StreamNumber { entries[index].number }

    /// The names of streams whose first events are at or before a position.
    func names(upTo last: Position) -> [[UInt8]] {
        entries.indices.filter { entries[$0].number.firstPosition <= last }
            .map { Array(name(at: $0)) }
    }

    /// Whether the bytes of a name come before those of another.
    func isName(at index: Int, before other: Int) -> Bool {
        let bytes = unsafe bytes.span.bytes
        return bytes.extracting(place(of: entries[index]))
            .isOrdered(before: bytes.extracting(place(of: entries[other])))
    }

    /// Asks the processor for the entries of streams, by the tags of their names.
    ///
    /// - Returns: Their numbers, as far as they are met first where they would be looked up.
    func ask(for tags: [UInt32]) -> [StreamNumber] {
        for tag in tags { table.ask(tag) }
        let guesses = tags.compactMap { table.guess($0) }
        for entry in guesses { entries.ask(for: entry) }
        return guesses.map { entry in
            bytes.ask(for: entries[entry].start)
            return entries[entry].number
        }
    }

    private func place(of entry: Entry) -> Range<Int> {
        entry.start..<entry.start + entry.byteCount
    }

    static func tag(of stream: StreamID) -> UInt32 {
        SlotTable.tag(of: UInt64(bitPattern: Int64(stream.hashCode)))
    }

    private func entry(of stream: StreamID, _ tag: UInt32) -> Int? {
        let wanted = unsafe stream.name.utf8Span.span.bytes
        return table.entry(tag) { index in
            unsafe bytes.span.bytes.extracting(place(of: entries[index])).equals(wanted)
        }
    }
}
