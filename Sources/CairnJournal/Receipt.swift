public import CairnCore

/// Proof that an event is in the journal: where it stands and when it was recorded.
public struct Receipt: Hashable, Sendable {
    public let position: Position
    public let sequence: SequenceNumber
    public let recordedAt: Timestamp
    /// The event was there before under the same id, and nothing was appended for it now.
    public let isDuplicate: Bool

    public init(
        position: Position,
        sequence: SequenceNumber,
        recordedAt: Timestamp,
        isDuplicate: Bool
    ) {
        self.position = position
        self.sequence = sequence
        self.recordedAt = recordedAt
        self.isDuplicate = isDuplicate
    }
}

/// What a stream must have reached for an append to be taken.
public enum ExpectedSequence: Hashable, Sendable {
    /// Whatever it has reached.
    case any
    /// The stream has no event yet.
    case noneYet
    /// The stream's last event has exactly this sequence.
    case exactly(SequenceNumber)

    /// Whether a stream that has reached `actual` is as expected.
    public func allows(_ actual: SequenceNumber) -> Bool {
        switch self {
        case .any: true
        case .noneYet: actual == .zero
        case .exactly(let expected): actual == expected
        }
    }
}

/// The end of a journal, as one view sees it.
public struct JournalHead: Hashable, Sendable {
    /// The position of the last event; `Position.zero` in an empty journal.
    public let lastPosition: Position
    /// When the last event was recorded; the distant past in an empty journal.
    public let lastRecordedAt: Timestamp
    /// The hash over all headers up to the last event.
    public let runningHash: RunningHash

    public init(lastPosition: Position, lastRecordedAt: Timestamp, runningHash: RunningHash) {
        self.lastPosition = lastPosition
        self.lastRecordedAt = lastRecordedAt
        self.runningHash = runningHash
    }
}
