public import CairnCore

/// Where two machines part on one stream: the first event after which they differ.
public struct Divergence: Hashable, Sendable {
    public let stream: StreamID
    public let position: Position
    public let sequence: SequenceNumber
    public let recordedAt: Timestamp
    public let occurredAt: Timestamp
    /// The type of the event's frame.
    public let type: String
    /// What the event says, as the old machine tells it, or the new one where only that reads it.
    public let event: JSONValue
    public let cause: DivergenceCause
    /// What the states differ in right after the event, before is old; nothing where the machines
    /// only read the event differently so far.
    public let differences: [Difference]
    /// What the states differ in after the last event of the view.
    public let finalDifferences: [Difference]
    /// Whether they agree again after the last event, and both could read as far as that.
    public let isHealed: Bool
}

/// What diverging streams have in common: how their first divergence looks.
public struct DivergenceCause: Hashable, Sendable {
    /// The type of the event's frame.
    public let type: String
    /// The members of the event by which streams are grouped, such as `stage` and `event_type`.
    public let members: [JSONMember]
    /// What the old machine made of the event.
    public let oldReading: ReadingOutcome
    /// What the new machine made of the event.
    public let newReading: ReadingOutcome
    /// Where the states differ, indices as `*`, each place once, sorted by bytes.
    public let fields: [String]

    /// Whether one of the machines makes less of the event than the other: it passes over what
    /// the other reads, or cannot read it at all.
    public var isOfReading: Bool { oldReading != newReading }
}

/// One cause, and the streams that it is the cause of.
public struct DivergenceGroup: Hashable, Sendable {
    public let cause: DivergenceCause
    public let streamCount: Int
    /// How many of the streams have not ended.
    public let inFlightCount: Int
    /// How many of the streams agree again after their last events.
    public let healedCount: Int
    /// The first streams, by the positions at which they diverge.
    public let examples: [Divergence]
}

/// A stream on which two machines differ.
public struct DivergedStream: Hashable, Sendable {
    public let stream: StreamNumber
    /// The first event after which they differ.
    public let position: Position
    public let sequence: SequenceNumber
    /// The index of the group in ``ComparisonReport/groups``.
    public let group: Int
    public let isInFlight: Bool
    public let isHealed: Bool
}

/// What two machines make of the same journal.
public struct ComparisonReport: Hashable, Sendable {
    /// How many streams were compared.
    public let streamCount: Int
    /// How many of them have not ended.
    public let inFlightCount: Int
    /// The streams on which the machines differ, by the positions at which they begin to.
    public let streams: [DivergedStream]
    /// The same by cause: the one of most streams first, then the one that is met first.
    public let groups: [DivergenceGroup]

    /// Whether the machines agree after each event of each stream.
    public var isEqual: Bool { streams.isEmpty }
}
