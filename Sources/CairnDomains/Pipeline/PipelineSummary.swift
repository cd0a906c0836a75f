public import CairnCore

/// Where a request stands, without texts: what ``PipelineFold`` keeps of each.
///
/// Plain data, and in all its fields the same as what ``PipelineMachine`` folds.
public struct PipelineSummary: Hashable, Sendable {
    public internal(set) var eventCount: UInt64 = 0
    /// How many rows say that something failed.
    public internal(set) var failureCount: UInt64 = 0
    /// How many rows came after one with a `sequence_no` as high or higher.
    public internal(set) var lateCount: UInt64 = 0
    public internal(set) var reopenedCount: UInt64 = 0
    /// The highest `sequence_no` of any row.
    public internal(set) var lastSequenceNumber: Int64?
    /// The place in the stream of the row that is current.
    public internal(set) var sequence: UInt64 = 0
    public internal(set) var attempt: Int64 = 0
    public internal(set) var attemptMax: Int64 = 0
    public internal(set) var createdAt = Timestamp.unixEpoch
    public internal(set) var firstCreatedAt = Timestamp.distantFuture
    public internal(set) var lastCreatedAt = Timestamp.distantPast
    public internal(set) var nextRetryAt: Timestamp?
    /// Numbers of words; ``PipelineFold/text(of:)`` tells the words.
    public internal(set) var tenant: UInt32 = 0
    public internal(set) var stage: UInt32 = 0
    public internal(set) var eventType: UInt32 = 0
    public internal(set) var statusWord: UInt32 = 0
    public internal(set) var status = PipelineStatus.Code.other
    public internal(set) var isRetryable = true
    public internal(set) var isTerminal = false

    public init() {}
}
