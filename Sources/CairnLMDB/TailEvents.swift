internal import CairnCore
internal import CairnJournal

/// Index entries of a run of events, in flat memory.
///
/// Arrays of numbers that lead to each other: so what a thousand open streams and their ids need
/// stays in the caches of one core. Objects of streams and ids would be 25 counted references an
/// event, most of them in cold memory.
///
/// Entries are added at the end and taken out there, with what they alone needed.
struct TailEvents: ~Copyable {
    /// One event's entries; but for the stream, numbers count from 1, and 0 is none.
    private struct Event {
        /// Its stream's place among them.
        let stream: UInt32
        /// The stream's event before.
        let previous: UInt32
        /// The stream's last event before whose number in the run is a multiple of ``skipCount``.
        let skip: UInt32
        /// The prefix of its id.
        let prefix: UInt32
        let tagOfID: UInt32
        /// What stands behind the prefix, as ``EventIDKey/Suffix/short(_:)`` has it; of a long one,
        /// where it lies among those.
        let suffix: UInt128
    }

    private struct Stream {
        let number: StreamNumber
        let first: SequenceNumber
        var count: UInt64
        var last: UInt32
        var skip: UInt32
    }

    private struct Prefix {
        let tag: UInt32
        let start: Int
        let byteCount: Int
        var idCount = 0
        /// The tables had no id of the prefix but those noted, when they were at this generation.
        var notedGeneration: UInt64?
        /// The tags of the ids that they had.
        var noted = 0..<0
    }

    private let base: Position
    private var events: [Event] = []
    private var streams: [Stream] = []
    private var streamTable = SlotTable()
    private var prefixes: [Prefix] = []
    private var prefixTable = SlotTable()
    private var prefixBytes: [UInt8] = []
    private var idTable = SlotTable()
    private var longSuffixes: [UInt8] = []
    private var notedTags: [UInt32] = []

    /// How many ids of the tables a run notes at most, at 4 bytes each.
    private static let notedCountMax = 1 << 18
    /// How far apart the events of a stream are that one can go back by.
    private static let skipCount: UInt64 = 64
    /// So that nobody who does not know it can choose ids whose hashes meet.
    private let seed = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))

    init(after base: Position) { self.base = base }

    /// Starts with room for an eighth more than another run has, so that runs which follow each
    /// other are not copied while they grow.
    init(after base: Position, roomFor other: borrowing TailEvents) {
        self.base = base
        events.reserveCapacity(Self.room(for: other.events.count))
        streams.reserveCapacity(Self.room(for: other.streams.count))
        streamTable = SlotTable(roomFor: other.streams.count)
        prefixes.reserveCapacity(Self.room(for: other.prefixes.count))
        prefixTable = SlotTable(roomFor: other.prefixes.count)
        prefixBytes.reserveCapacity(Self.room(for: other.prefixBytes.count))
        idTable = SlotTable(roomFor: other.events.count)
        longSuffixes.reserveCapacity(Self.room(for: other.longSuffixes.count))
    }

    private static func room(for count: Int) -> Int { count + count / 8 }

    var eventCount: Int { events.count }
    var streamCount: Int { streams.count }
    var prefixCount: Int { prefixes.count }

    private func position(_ event: UInt32) -> Position {
        Position(rawValue: base.rawValue + UInt64(event))
    }

    // MARK: adding

    mutating func add(_ sequence: SequenceNumber, of number: StreamNumber, id: EventIDKey?) {
        let event = UInt32(events.count + 1)
        let stream = entry(of: number, startingWith: sequence)
        let (previous, skip) = (streams[stream].last, streams[stream].skip)
        if streams[stream].count % Self.skipCount == 0 { streams[stream].skip = event }
        streams[stream].count += 1
        streams[stream].last = event
        var (prefix, idTag, suffix) = (0, UInt32(0), UInt128(0))
        if let id {
            prefix = entry(of: id.prefix)
            prefixes[prefix].idCount += 1
            idTag = tag(of: id.suffix, prefix)
            suffix = store(id.suffix)
            idTable.add(events.count, idTag)
        }
        events.append(
            Event(
                stream: UInt32(stream),
                previous: previous,
                skip: skip,
                prefix: id == nil ? 0 : UInt32(prefix + 1),
                tagOfID: idTag,
                suffix: suffix
            )
        )
    }

    /// Takes the last event out again.
    ///
    /// - Returns: The number of its stream.
    mutating func removeLast() -> StreamNumber {
        let event = events.removeLast()
        if event.prefix > 0 {
            let prefix = Int(event.prefix) - 1
            prefixes[prefix].idCount -= 1
            idTable.remove(events.count, event.tagOfID)
            if let long = LongSuffix(event.suffix) {
                longSuffixes.removeSubrange(long.start...)
            }
            removeIdlePrefixes()
        }
        let stream = Int(event.stream)
        let number = streams[stream].number
        streams[stream].last = event.previous
        streams[stream].skip = event.skip
        streams[stream].count -= 1
        if streams[stream].count == 0 {
            // The last event's stream began after all others that are there.
            streams.removeLast()
            streamTable.remove(stream, Self.tag(of: number))
        }
        return number
    }

    private mutating func entry(
        of number: StreamNumber,
        startingWith sequence: SequenceNumber
    ) -> Int {
        if let known = entry(of: number) { return known }
        streamTable.add(streams.count, Self.tag(of: number))
        streams.append(Stream(number: number, first: sequence, count: 0, last: 0, skip: 0))
        return streams.count - 1
    }

    private mutating func entry(of prefix: EventIDPrefix) -> Int {
        if let known = known(prefix) { return known }
        let tag = Self.tag(of: prefix)
        prefixTable.add(prefixes.count, tag)
        prefixes.append(Prefix(tag: tag, start: prefixBytes.count, byteCount: prefix.byteCount))
        prefixBytes += prefix.bytes
        return prefixes.count - 1
    }

    /// Takes out, from the end on, prefixes of which nothing is known any more.
    private mutating func removeIdlePrefixes() {
        while let last = prefixes.last, last.idCount == 0, last.notedGeneration == nil {
            prefixes.removeLast()
            prefixTable.remove(prefixes.count, last.tag)
            prefixBytes.removeSubrange(last.start...)
        }
    }

    // MARK: streams

    private func entry(of number: StreamNumber) -> Int? {
        streamTable.entry(Self.tag(of: number)) { streams[$0].number == number }
    }

    /// One of the events of a stream, and its place among them.
    private struct Place {
        var event: UInt32
        var index: UInt64
    }

    /// The stream's last sequence at or before a position; nil if it begins later.
    func lastSequence(of number: StreamNumber, upTo bound: Position) -> SequenceNumber? {
        guard let known = entry(of: number) else { return nil }
        let stream = streams[known]
        var place = Place(event: stream.last, index: stream.count - 1)
        goBack(&place) { position($0.event) > bound }
        return place.event == 0
            ? nil : SequenceNumber(rawValue: stream.first.rawValue + place.index)
    }

    /// Adds the positions of a stream's events from a sequence on, if that one is there.
    func appendPositions(
        of number: StreamNumber,
        _ sequences: ClosedRange<UInt64>,
        to positions: inout [Position]
    ) {
        guard let known = entry(of: number) else { return }
        let stream = streams[known]
        let first = stream.first.rawValue
        guard sequences.lowerBound >= first, sequences.lowerBound - first < stream.count else {
            return
        }
        let start = sequences.lowerBound - first
        let end = min(sequences.upperBound - first, stream.count - 1)
        var place = Place(event: stream.last, index: stream.count - 1)
        goBack(&place) { $0.index > end }
        let oldCount = positions.count
        for _ in start...end {
            positions.append(position(place.event))
            place.event = events[Int(place.event) - 1].previous
        }
        positions[oldCount...].reverse()
    }

    /// Goes back to the last event that is not too late; to none if all are.
    private func goBack(_ place: inout Place, while isLate: (Place) -> Bool) {
        while place.event > 0, isLate(place) {
            let event = events[Int(place.event) - 1]
            if event.skip > 0 {
                let far = Place(
                    event: event.skip,
                    index: (place.index - 1) / Self.skipCount * Self.skipCount
                )
                if isLate(far) {
                    place = far
                    continue
                }
            }
            place = Place(event: event.previous, index: place.index &- 1)
        }
    }

    // MARK: ids

    /// Where the event with an id stands, and at which generation the tables had no such id.
    func position(of id: EventIDKey) -> (position: Position?, absentGeneration: UInt64?) {
        guard let prefix = known(id.prefix) else { return (nil, nil) }
        let tag = tag(of: id.suffix, prefix)
        let found = idTable.entry(tag) { event in
            events[event].prefix == UInt32(prefix + 1) && holds(events[event].suffix, id.suffix)
        }
        let mayBeNoted = notedTags[prefixes[prefix].noted].contains(tag)
        return (
            found.map { position(UInt32($0 + 1)) },
            mayBeNoted ? nil : prefixes[prefix].notedGeneration
        )
    }

    /// Notes all ids of a prefix that the tables had at a generation.
    mutating func note(
        _ prefix: EventIDPrefix,
        hasOnly suffixes: [EventIDKey.Suffix],
        at generation: UInt64
    ) {
        guard notedTags.count + suffixes.count <= Self.notedCountMax else { return }
        let index = entry(of: prefix)
        prefixes[index].notedGeneration = generation
        prefixes[index].noted = notedTags.count..<notedTags.count + suffixes.count
        for suffix in suffixes { notedTags.append(tag(of: suffix, index)) }
    }

    private func known(_ prefix: EventIDPrefix) -> Int? {
        prefixTable.entry(Self.tag(of: prefix)) { index in
            unsafe prefix.hasBytes(prefixBytes.span.bytes.extracting(place(ofPrefix: index)))
        }
    }

    private mutating func store(_ suffix: EventIDKey.Suffix) -> UInt128 {
        switch suffix {
        case .short(let packed): return packed
        case .long(let bytes):
            let place = LongSuffix(start: longSuffixes.count, byteCount: bytes.count)
            longSuffixes += bytes
            return place.stored
        }
    }

    private func holds(_ stored: UInt128, _ suffix: EventIDKey.Suffix) -> Bool {
        switch suffix {
        case .short(let packed): stored == packed
        case .long(let bytes):
            LongSuffix(stored).map { longSuffixes[$0.range].elementsEqual(bytes) } ?? false
        }
    }

    // MARK: the flush

    func number(ofStream index: Int) -> StreamNumber { streams[index].number }

    func prefix(at index: Int) -> ArraySlice<UInt8> { prefixBytes[place(ofPrefix: index)] }

    /// Whether a prefix comes before another: the shorter one, or else by its bytes.
    func isPrefix(at index: Int, before other: Int) -> Bool {
        let (one, two) = (place(ofPrefix: index), place(ofPrefix: other))
        guard one.count == two.count else { return one.count < two.count }
        let bytes = unsafe prefixBytes.span.bytes
        return bytes.extracting(one).isOrdered(before: bytes.extracting(two))
    }

    private func place(ofPrefix index: Int) -> Range<Int> {
        prefixes[index].start..<prefixes[index].start + prefixes[index].byteCount
    }

    /// How many ids a prefix has; none where only its absence was noted.
    func idCount(ofPrefix index: Int) -> Int { prefixes[index].idCount }

    /// The entries as the index tables have them: by stream, and by the prefix of their ids.
    ///
    /// - Complexity: One pass over the run.
    func groups() -> TailGroups {
        var groups = TailGroups(
            after: base,
            streams: streams.map { Int($0.count) },
            prefixes: prefixes.map(\.idCount),
            longSuffixes: longSuffixes
        )
        for (index, event) in events.enumerated() {
            let number = UInt32(index + 1)
            groups.add(number, toStream: Int(event.stream))
            guard event.prefix > 0 else { continue }
            groups.add(number, event.suffix, toPrefix: Int(event.prefix) - 1)
        }
        return groups
    }

    // MARK: asking

    /// Asks the processor for the entries of streams, and of prefixes by their tags.
    func ask(forStreams numbers: [StreamNumber], prefixes tags: [UInt32]) {
        for tag in tags { prefixTable.ask(tag) }
        for number in numbers { streamTable.ask(Self.tag(of: number)) }
        let guesses = tags.compactMap { prefixTable.guess($0) }
        for prefix in guesses { prefixes.ask(for: prefix) }
        for number in numbers {
            if let stream = streamTable.guess(Self.tag(of: number)) { streams.ask(for: stream) }
        }
        for prefix in guesses { prefixBytes.ask(for: prefixes[prefix].start) }
    }

    // MARK: hashes

    private static func tag(of number: StreamNumber) -> UInt32 {
        // Streams' numbers are positions, which nobody chooses.
        UInt32(truncatingIfNeeded: (number.rawValue &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }

    private static func tag(of prefix: EventIDPrefix) -> UInt32 {
        tag(ofPrefix: prefix.hashCode)
    }

    static func tag(ofPrefix hashCode: Int) -> UInt32 {
        SlotTable.tag(of: UInt64(bitPattern: Int64(hashCode)))
    }

    private func tag(of suffix: EventIDKey.Suffix, _ prefix: Int) -> UInt32 {
        switch suffix {
        case .short(let packed):
            let low = (UInt64(truncatingIfNeeded: packed) ^ seed.0) &+ UInt64(prefix)
            let high = (UInt64(truncatingIfNeeded: packed >> 64) ^ seed.1) &+ UInt64(prefix) << 32
            return SlotTable.tag(of: Self.mixed(low, high))
        case .long(let bytes):
            var hasher = Hasher()
            hasher.combine(prefix)
            hasher.combine(bytes)
            return SlotTable.tag(of: UInt64(bitPattern: Int64(hasher.finalize())))
        }
    }

    private static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return (product.high ^ product.low) &* 0x9E37_79B9_7F4A_7C15
    }
}
