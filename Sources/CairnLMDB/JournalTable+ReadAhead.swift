internal import CLMDB
internal import CairnCore
internal import CairnJournal

/// Events far apart are waited for one after another: the pack's header, its directory, the frame,
/// and none of them is in the processor's cache. Asked for before any is read, they come at once.
extension JournalTable {
    /// Events that are asked for at a time: at first few, which is often all that is wanted.
    private static let readAheadCountMin = 8
    private static let readAheadCountMax = 32
    /// Positions closer than this are mostly in one pack, whose pages come with the first of them.
    private static let readAheadSpan: UInt64 = 64
    /// Cache lines of a frame: most have fewer than 256 bytes, and longer ones are read in order.
    private static let frameLineCount = 4

    /// Lends the events at some positions, in the order given, until the body says no.
    func lend(
        _ positions: [Position],
        _ cursor: Cursor,
        _ body: (EventHeader, RawSpan) throws(JournalError) -> PageFlow
    ) throws(JournalError) {
        var index = 0
        var isStopped = false
        var aheadCount = Self.readAheadCountMin
        while index < positions.count, !isStopped {
            let end = min(index + aheadCount, positions.count)
            aheadCount = min(2 * aheadCount, Self.readAheadCountMax)
            let start = index
            let ahead = unsafe readAhead(positions[start..<end], cursor)
            while index < end, !isStopped {
                func lendRun(in pack: RawSpan) throws(JournalError) -> Int {
                    try self.lendRun(positions, from: index, in: pack) {
                        header,
                        frame throws(JournalError) in
                        let flow = try body(header, frame)
                        if case .stop = flow { isStopped = true }
                        return flow
                    }
                }
                let pack = unsafe index - start < ahead.count ? ahead[index - start] : nil
                index =
                    if let pack = unsafe pack {
                        try lendRun(in: unsafe RawSpan(_unsafeBytes: pack.bytes))
                    } else {
                        try withPack(of: positions[index], cursor, lendRun)
                    }
            }
        }
    }

    private func withPack<Value>(
        of position: Position,
        _ cursor: Cursor,
        _ body: (RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        let value = try withKey(position.rawValue) { key throws(JournalError) in
            try cursor.seek(key) { _, pack throws(JournalError) in try body(pack) }
        }
        guard let value else { throw .corrupt(position: position, reason: "no pack holds it") }
        return value
    }

    /// A pack in which an event is looked for, inside the memory map of the view.
    @unsafe
    private struct Sought {
        let position: Position
        let bytes: UnsafeRawBufferPointer

        /// Where the pack's directory would have the event.
        @unsafe var entryOffset: Int? {
            unsafe PackHeader.entryOffset(of: position, in: RawSpan(_unsafeBytes: bytes))
        }

        /// Where the event's frame would begin.
        @unsafe var frameOffset: Int? {
            guard let entry = unsafe entryOffset else { return nil }
            let pack = unsafe RawSpan(_unsafeBytes: bytes)
            return Int(pack.littleEndian(at: entry, as: UInt32.self))
        }

        /// Asks for the bytes at an offset; nothing is read, and nothing happens if there are none.
        @unsafe
        func ask(for offset: Int) {
            if unsafe offset < bytes.count, let start = unsafe bytes.baseAddress {
                unsafe cairn_prefetch(start + offset)
            }
        }
    }

    /// Asks for what the next reads need.
    ///
    /// Only addresses are taken from bytes that nobody has checked yet, and only inside the pack:
    /// what leads elsewhere is found by the read itself.
    /// - Returns: The packs of the positions, nil for those that are looked up in order; empty
    ///   where the positions are near each other.
    @unsafe
    private func readAhead(
        _ positions: ArraySlice<Position>,
        _ cursor: Cursor
    ) -> [Sought?] {
        guard let first = positions.first, let last = positions.last,
            max(first, last).rawValue - min(first, last).rawValue >= Self.readAheadSpan,
            let tree = cursor.aheadTree
        else { return unsafe [] }
        let found = unsafe tree.lookAhead(for: positions.lazy.map(\.rawValue))
        var all: [Sought?] = unsafe []
        unsafe all.reserveCapacity(found.count)
        for (index, position) in positions.enumerated() {
            // The map stays where it is for as long as the view's transaction is open.
            let sought = unsafe tree.value(found[index]).map { bytes in
                unsafe Sought(position: position, bytes: bytes)
            }
            if let entry = unsafe sought?.entryOffset { unsafe sought?.ask(for: entry) }
            unsafe all.append(sought)
        }
        // The first line of each frame before the second of any: it is the page that is waited for.
        let frames = unsafe all.map { unsafe $0?.frameOffset }
        for line in 0..<Self.frameLineCount {
            for (index, frame) in frames.enumerated() {
                if let frame { unsafe all[index]?.ask(for: frame + 64 * line) }
            }
        }
        return unsafe all
    }
}
