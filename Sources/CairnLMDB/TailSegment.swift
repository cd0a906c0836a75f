internal import CairnCore

/// Index entries of a run of events that the index tables may not have yet.
///
/// Every entry carries its position, so a view can pass over those that are later than it, among
/// them those of a batch that is not committed. Guarded by the monitor of its ``IndexTail``.
final class TailSegment {
    /// The events after this position.
    let base: Position
    /// Up to and with this one; those of an open batch included.
    private(set) var last: Position
    /// Streams whose first event is in the segment.
    private(set) var born: [StreamID: StreamNumber] = [:]
    private(set) var streams: [StreamNumber: StreamRun] = [:]
    private(set) var prefixes: [EventIDPrefix: PrefixRun] = [:]

    init(after base: Position) {
        self.base = base
        last = base
    }

    var eventCount: Int { Int(last.rawValue - base.rawValue) }

    /// One stream's events in the segment.
    final class StreamRun {
        let firstSequence: SequenceNumber
        fileprivate(set) var positions: [Position] = []

        init(firstSequence: SequenceNumber) {
            self.firstSequence = firstSequence
        }

        /// The stream's last sequence at or before a position; nil if the run starts later.
        func lastSequence(upTo bound: Position) -> SequenceNumber? {
            var count = positions.count
            while count > 0, positions[count - 1] > bound { count -= 1 }
            return count == 0
                ? nil : SequenceNumber(rawValue: firstSequence.rawValue + UInt64(count) - 1)
        }

        /// The position of a sequence, if it is in the run.
        func position(of sequence: SequenceNumber) -> Position? {
            guard sequence >= firstSequence else { return nil }
            let index = sequence.rawValue - firstSequence.rawValue
            return index < UInt64(positions.count) ? positions[Int(index)] : nil
        }
    }

    /// The ids of one prefix in the segment, in the order of their positions.
    final class PrefixRun {
        fileprivate(set) var entries: [(suffix: EventIDKey.Suffix, position: Position)] = []
        /// Finds an entry once there are too many to look at each.
        private var places: [EventIDKey.Suffix: Int] = [:]
        /// The tables had no id of the prefix when they were at this generation.
        var absentGeneration: UInt64?

        private static let scanCountMax = 48

        func position(of suffix: EventIDKey.Suffix) -> Position? {
            if entries.count > Self.scanCountMax {
                return places[suffix].map { entries[$0].position }
            }
            for entry in entries.reversed() where entry.suffix == suffix { return entry.position }
            return nil
        }

        fileprivate func add(_ suffix: EventIDKey.Suffix, _ position: Position) {
            entries.append((suffix, position))
            if entries.count == Self.scanCountMax + 1 {
                for (index, entry) in entries.enumerated() { places[entry.suffix] = index }
            } else if entries.count > Self.scanCountMax {
                places[suffix] = entries.count - 1
            }
        }

        fileprivate func removeLast() {
            let removed = entries.removeLast()
            if entries.count >= Self.scanCountMax { places[removed.suffix] = nil }
            if entries.count == Self.scanCountMax { places = [:] }
        }
    }

    /// The run of a prefix, made where there is none.
    func run(of prefix: EventIDPrefix) -> PrefixRun {
        if let run = prefixes[prefix] { return run }
        let run = PrefixRun()
        prefixes[prefix] = run
        return run
    }

    /// Adds the event after the last one.
    func add(
        sequence: SequenceNumber,
        of number: StreamNumber,
        naming stream: StreamID?,
        id: EventIDKey?
    ) {
        last = last.next
        if let stream { born[stream] = number }
        let run: StreamRun
        if let known = streams[number] {
            run = known
        } else {
            run = StreamRun(firstSequence: sequence)
            streams[number] = run
        }
        run.positions.append(last)
        if let id { self.run(of: id.prefix).add(id.suffix, last) }
    }

    /// Takes the last event out again.
    func removeLast(of number: StreamNumber, naming stream: StreamID?, id: EventIDKey?) {
        if let id { prefixes[id.prefix]?.removeLast() }
        if let run = streams[number] {
            run.positions.removeLast()
            if run.positions.isEmpty { streams[number] = nil }
        }
        if let stream { born[stream] = nil }
        last = last.previous
    }
}
