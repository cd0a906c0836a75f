internal import CairnCore
internal import CairnJournal

/// The entries of a run of events in the order of the index tables.
///
/// Filled in one pass over the run. To go back from each stream's last event, and from each
/// prefix' last id, waits for cold memory at every step, which costs more than all else in a flush
/// (measured). Takes 24 bytes an event for as long as the flush is at work.
struct TailGroups: ~Copyable {
    private let base: Position
    /// Where the events of each stream end so far; at last where those of the next one start.
    private var streamEnds: [Int]
    private var streamEvents: [UInt32]
    private var prefixEnds: [Int]
    private var prefixEvents: [UInt32]
    /// Beside the events of the prefixes: the end of each id.
    private var suffixes: [UInt128]
    private let longSuffixes: [UInt8]

    /// Makes room for groups of known sizes.
    init(
        after base: Position,
        streams: [Int],
        prefixes: [Int],
        longSuffixes: [UInt8]
    ) {
        self.base = base
        self.longSuffixes = longSuffixes
        let streamEventCount: Int
        let prefixEventCount: Int
        (streamEnds, streamEventCount) = Self.starts(of: streams)
        (prefixEnds, prefixEventCount) = Self.starts(of: prefixes)
        streamEvents = [UInt32](repeating: 0, count: streamEventCount)
        prefixEvents = [UInt32](repeating: 0, count: prefixEventCount)
        suffixes = [UInt128](repeating: 0, count: prefixEventCount)
    }

    private static func starts(of counts: [Int]) -> (starts: [Int], total: Int) {
        var total = 0
        let starts = counts.map { count in
            defer { total += count }
            return total
        }
        return (starts, total)
    }

    /// Adds an event, counted from 1, to a stream that has room for it.
    mutating func add(_ event: UInt32, toStream stream: Int) {
        streamEvents[streamEnds[stream]] = event
        streamEnds[stream] += 1
    }

    /// Adds an event to those whose ids have a prefix.
    mutating func add(_ event: UInt32, _ suffix: UInt128, toPrefix prefix: Int) {
        let index = prefixEnds[prefix]
        prefixEvents[index] = event
        suffixes[index] = suffix
        prefixEnds[prefix] = index + 1
    }

    /// The positions of a stream's events, ascending.
    func positions(ofStream stream: Int) -> [Position] {
        let start = stream == 0 ? 0 : streamEnds[stream - 1]
        return streamEvents[start..<streamEnds[stream]].map { position($0) }
    }

    /// The ids of a prefix in the order of their positions.
    func ids(ofPrefix prefix: Int) -> [IndexedID] {
        let start = prefix == 0 ? 0 : prefixEnds[prefix - 1]
        return (start..<prefixEnds[prefix]).map { index in
            IndexedID(
                suffix: suffix(suffixes[index]),
                position: position(prefixEvents[index])
            )
        }
    }

    private func suffix(_ stored: UInt128) -> EventIDKey.Suffix {
        LongSuffix(stored).map { .long(Array(longSuffixes[$0.range])) } ?? .short(stored)
    }

    private func position(_ event: UInt32) -> Position {
        Position(rawValue: base.rawValue + UInt64(event))
    }
}
