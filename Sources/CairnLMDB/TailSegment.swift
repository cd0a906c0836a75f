internal import CairnCore
internal import CairnJournal

/// Index entries of a run of events that the index tables may not have yet.
///
/// Every entry carries its position, so a view can pass over those that are later than it, among
/// them those of a batch that is not committed. Guarded by the monitor of its ``IndexTail``; what
/// is sealed changes no more, and the writer reads it without.
final class TailSegment {
    /// The events after this position.
    let base: Position
    /// Streams whose first event is in the segment.
    private(set) var born = StreamNumbers()
    private(set) var events: TailEvents

    init(after base: Position) {
        self.base = base
        events = TailEvents(after: base)
    }

    /// Goes on after another one, with room for as many events of as many streams.
    init(following other: TailSegment) {
        base = other.last
        events = TailEvents(after: base, roomFor: other.events)
    }

    var eventCount: Int { events.eventCount }
    /// Up to and with this one; those of an open batch included.
    var last: Position { Position(rawValue: base.rawValue + UInt64(events.eventCount)) }

    /// Adds the event after the last one.
    func add(
        sequence: SequenceNumber,
        of number: StreamNumber,
        naming stream: StreamID?,
        id: EventIDKey?
    ) {
        if let stream { born.set(number, of: stream) }
        events.add(sequence, of: number, id: id)
    }

    /// Takes the last event out again.
    func removeLast() {
        let position = last
        let number = events.removeLast()
        // A stream has the number of its first event, which names it.
        if number.firstPosition == position { born.removeLast() }
    }

    /// Notes all ids of a prefix that the tables had when they were at a generation.
    func note(
        _ prefix: EventIDPrefix,
        hasOnly suffixes: [EventIDKey.Suffix],
        at generation: UInt64
    ) {
        events.note(prefix, hasOnly: suffixes, at: generation)
    }
}
