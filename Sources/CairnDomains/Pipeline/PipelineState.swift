public import CairnCore

/// Where a request stands: the fold over the events of its stream.
///
/// What is current follows the order of the source: a row with a `sequence_no` below one that
/// was seen before counts and changes its stage's sums, but not where the request stands.
public struct PipelineState: Hashable, Sendable {
    /// The tenant of the first event; nil before it.
    public internal(set) var tenant: String?
    /// The last row in the order of the source; nil before the first event.
    public internal(set) var current: Current?
    /// Every stage that was seen, sorted by the bytes of its name.
    public internal(set) var stages: [PipelineStageState] = []
    /// The greatest attempt of any row.
    public internal(set) var attemptMax: Int64 = 0
    public internal(set) var lastError: PipelineFailure?
    /// The earliest `created_at`.
    public internal(set) var firstCreatedAt: Timestamp?
    /// The latest `created_at`.
    public internal(set) var lastCreatedAt: Timestamp?
    public internal(set) var eventCount: UInt64 = 0
    /// The highest `sequence_no` of any row; nil where no row carries one.
    public internal(set) var lastSequenceNumber: Int64?
    /// Whether the request has ended and was not reopened since.
    public internal(set) var isTerminal = false
    public internal(set) var reopenedCount: UInt64 = 0
    public internal(set) var anomalies = PipelineAnomalies()
    /// The event types that began something that has not ended, in the order they came.
    public internal(set) var openStarts: [String] = []

    public init() {}

    /// What the last row in the order of the source says.
    public struct Current: Hashable, Sendable {
        /// The stage's name, with aliases resolved.
        public let stage: String
        public let eventType: String
        public let status: PipelineStatus
        public let attempt: Int64
        public let isRetryable: Bool
        public let nextRetryAt: Timestamp?
        public let createdAt: Timestamp
        /// The row's own `sequence_no`.
        public let sequenceNumber: Int64?
        /// The row's place among the request's rows: that in its stream, which holds no others.
        public let sequence: SequenceNumber
    }

    /// The state of a stage by its name; nil if no row was in it.
    public subscript(stage name: String) -> PipelineStageState? {
        let index = stageIndex(of: name)
        guard stages.indices.contains(index), stages[index].isNamed(name) else { return nil }
        return stages[index]
    }

    /// Where a stage stands in ``stages``, or should be put.
    func stageIndex(of name: String) -> Int {
        var range = 0..<stages.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if stages[middle].name.utf8.lexicographicallyPrecedes(name.utf8) {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }
}

/// Where one stage of a request stands.
public struct PipelineStageState: Hashable, Sendable {
    public let name: String
    /// What its last row in the order of the source says.
    public internal(set) var status: PipelineStatus
    /// The attempt of that row.
    public internal(set) var attempt: Int64
    public internal(set) var isRetryable: Bool
    public internal(set) var nextRetryAt: Timestamp?
    /// The highest `sequence_no` of its rows.
    public internal(set) var lastSequenceNumber: Int64?
    public internal(set) var attemptMax: Int64
    public internal(set) var eventCount: UInt64 = 0
    public internal(set) var failureCount: UInt64 = 0
    public internal(set) var firstCreatedAt: Timestamp
    public internal(set) var lastCreatedAt: Timestamp
    /// When its last start was, as far as rows say.
    public internal(set) var startedAt: Timestamp?
    /// When it was last completed, failed or skipped, as far as rows say.
    public internal(set) var endedAt: Timestamp?
    /// The `duration_ms` of the last row that carries one.
    public internal(set) var lastDurationMilliseconds: Int64?
    /// The sum of `duration_ms` over its rows; stays at the ends of the range.
    public internal(set) var totalDurationMilliseconds: Int64 = 0
    public internal(set) var lastError: PipelineFailure?

    init(name: String, first event: PipelineEvent) {
        self.name = name
        status = event.status
        attempt = event.attempt
        attemptMax = event.attempt
        isRetryable = event.isRetryable
        firstCreatedAt = event.createdAt
        lastCreatedAt = event.createdAt
    }

    func isNamed(_ name: String) -> Bool { self.name.utf8.elementsEqual(name.utf8) }
}

/// A failed row's error.
public struct PipelineFailure: Hashable, Sendable {
    /// The stage's name, with aliases resolved.
    public let stage: String
    public let code: String?
    public let message: String?
    public let attempt: Int64
    public let createdAt: Timestamp
}
