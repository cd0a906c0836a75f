public import CairnCore

/// Where a request stands, without texts: what ``PipelineFold`` keeps of each.
///
/// Plain data, and in all its fields the same as what ``PipelineMachine`` folds.
public struct PipelineSummary: Hashable, Sendable {
    public internal(set) var eventCount: UInt64 = 0
    /// The highest `sequence_no` of any row.
    public internal(set) var lastSequenceNumber: Int64?
    /// Where the row that is current stands.
    var order = PipelineOrder.least
    var ending = PipelineEnding()
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

    public init() {}

    /// The place among the request's rows of the one that is current.
    public var sequence: UInt64 { order.place }
    public var isTerminal: Bool { ending.isTerminal }
    public var reopenedCount: UInt64 { ending.reopenedCount }
}
