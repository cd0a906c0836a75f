public import CairnCore
public import CairnDomains

/// One request as a list shows it: what can be told of many requests at once.
public struct RequestLine: Hashable, Sendable {
    /// `pagw_id`.
    public internal(set) var requestID: String
    /// `tenant` of the first event.
    public let tenant: String?
    /// The current stage's name, with aliases resolved.
    public let stage: String?
    /// `event_type` of the current event.
    public let eventType: String?
    public let status: PipelineStatus?
    public let attempt: Int64?
    /// The greatest attempt of any event.
    public let attemptMax: Int64
    public let isRetryable: Bool?
    /// `sequence_no` of the current event: its row's own, or its sequence where it has none.
    public let sequenceNumber: Int64?
    public let eventCount: UInt64
    /// `created_at` of the current event.
    public let createdAt: Timestamp?
    public let firstCreatedAt: Timestamp?
    public let lastCreatedAt: Timestamp?
    public let nextRetryAt: Timestamp?
    public let isTerminal: Bool
    public let reopenedCount: UInt64
    /// `error_code` of the last failed event.
    public let errorCode: String?
    public let anomalyCount: UInt64
    /// The instant for which ``timeInState`` is given.
    public let now: Timestamp

    /// `time_in_state`: how long ago the current event was created.
    public var timeInState: TimeSpan? { createdAt.map { now.since($0) } }

    /// What a line tells of a request whose state is known in full.
    public init(_ row: RequestRow) {
        let (state, current) = (row.state, row.state.current)
        requestID = row.requestID
        tenant = state.tenant
        stage = current?.stage
        eventType = current?.eventType
        status = current?.status
        attempt = current?.attempt
        attemptMax = state.attemptMax
        isRetryable = current?.isRetryable
        sequenceNumber = row.sequenceNumber
        eventCount = state.eventCount
        createdAt = current?.createdAt
        firstCreatedAt = state.firstCreatedAt
        lastCreatedAt = state.lastCreatedAt
        nextRetryAt = current?.nextRetryAt
        isTerminal = state.isTerminal
        reopenedCount = state.reopenedCount
        errorCode = state.lastError?.code
        anomalyCount = state.anomalies.totalCount
        now = row.now
    }

    /// What a brief tells, by the words of its fleet.
    init(_ brief: PipelineBrief, id: String, in fleet: PipelineFleet, now: Timestamp) {
        let summary = brief.summary
        requestID = id
        tenant = fleet.text(of: summary.tenant)
        stage = fleet.text(of: summary.stage)
        eventType = fleet.text(of: summary.eventType)
        status = PipelineStatus(summary, in: fleet)
        attempt = summary.attempt
        attemptMax = summary.attemptMax
        isRetryable = summary.isRetryable
        sequenceNumber = brief.sequenceNumber
        eventCount = summary.eventCount
        createdAt = summary.createdAt
        firstCreatedAt = summary.firstCreatedAt
        lastCreatedAt = summary.lastCreatedAt
        nextRetryAt = summary.nextRetryAt
        isTerminal = summary.isTerminal
        reopenedCount = summary.reopenedCount
        errorCode = brief.errorCode.map { String(decoding: $0, as: UTF8.self) }
        anomalyCount = brief.anomalyCount
        self.now = now
    }
}

extension RequestLine: FieldResolver {
    /// The fields that a line knows; of the others it knows nothing.
    static let fields: Set<RequestField> = [
        .requestID, .tenant, .stage, .eventType, .status, .attempt, .attemptMax, .isRetryable,
        .nextRetryAt, .sequenceNumber, .createdAt, .firstCreatedAt, .lastCreatedAt, .timeInState,
        .eventCount, .isTerminal, .reopenedCount, .errorCode, .anomalyCount,
    ]

    public func value(of field: RequestField, at path: JSONPath) -> PredicateValue {
        switch field {
        case .requestID: .text(requestID)
        case .tenant: .text(tenant)
        case .stage: .text(stage)
        case .eventType: .text(eventType)
        case .status: .text(status?.word)
        case .attempt: .integer(attempt)
        case .attemptMax: .integer(attemptMax)
        case .isRetryable: isRetryable.map { .boolean($0) } ?? .absent
        case .nextRetryAt: .time(nextRetryAt)
        case .sequenceNumber: .integer(sequenceNumber)
        case .createdAt: .time(createdAt)
        case .firstCreatedAt: .time(firstCreatedAt)
        case .lastCreatedAt: .time(lastCreatedAt)
        case .timeInState: timeInState.map { .span($0) } ?? .absent
        case .eventCount: .integer(Int64(clamping: eventCount))
        case .isTerminal: .boolean(isTerminal)
        case .reopenedCount: .integer(Int64(clamping: reopenedCount))
        case .errorCode: .text(errorCode)
        case .anomalyCount: .integer(Int64(clamping: anomalyCount))
        case .errorStage, .errorMessage, .anomalies, .stages, .metadata: .absent
        }
    }
}

extension PipelineStatus {
    /// The status of a summary, with its word where it is none of the known ones.
    fileprivate init(_ summary: PipelineSummary, in fleet: PipelineFleet) {
        self =
            switch summary.status {
            case .started: .started
            case .completed: .completed
            case .failed: .failed
            case .skipped: .skipped
            case .retryScheduled: .retryScheduled
            case .other: .other(fleet.text(of: summary.statusWord))
            }
    }
}
