public import CairnCore
public import CairnDomains

/// One request with its state.
public struct RequestRow: Hashable, Sendable {
    /// `pagw_id`.
    public let requestID: String
    public let state: PipelineState
    /// The instant for which `time_in_state` is given.
    public let now: Timestamp
    /// `metadata` of the current event: JSON text in UTF-8.
    public let metadata: [UInt8]?

    public init(
        requestID: String,
        state: PipelineState,
        now: Timestamp,
        metadata: [UInt8]? = nil
    ) {
        self.requestID = requestID
        self.state = state
        self.now = now
        self.metadata = metadata
    }

    /// `time_in_state`: how long ago the current event was created.
    public var timeInState: TimeSpan? { state.current.map { now.since($0.createdAt) } }
}

/// The fields of a request's state.
public enum RequestField: String, PredicateField {
    case requestID = "pagw_id"
    case tenant
    /// The current stage's name, with aliases resolved.
    case stage
    case eventType = "event_type"
    case status
    case attempt
    case attemptMax = "attempt_max"
    case isRetryable = "retryable"
    case nextRetryAt = "next_retry_at"
    case sequenceNumber = "sequence_no"
    case createdAt = "created_at"
    case firstCreatedAt = "first_created_at"
    case lastCreatedAt = "last_created_at"
    case timeInState = "time_in_state"
    case eventCount = "event_count"
    case isTerminal = "terminal"
    case reopenedCount = "reopened_count"
    case errorStage = "error_stage"
    case errorCode = "error_code"
    case errorMessage = "error_message"
    case anomalyCount = "anomaly_count"
    /// The counts by kind: `anomalies.late_row > 2`, `anomalies contains reopened`.
    case anomalies
    /// The stages that were seen: `stages.PARSING.status == FAILED`, `stages contains PARSING`.
    case stages
    /// The metadata of the current event: `metadata.diagnosisCount > 10`.
    case metadata

    public var kind: FieldKind {
        switch self {
        case .requestID, .tenant, .stage, .eventType, .status, .errorStage, .errorCode,
            .errorMessage:
            .text
        case .attempt, .attemptMax, .sequenceNumber, .eventCount, .reopenedCount, .anomalyCount:
            .number
        case .isRetryable, .isTerminal: .boolean
        case .nextRetryAt, .createdAt, .firstCreatedAt, .lastCreatedAt: .time
        case .timeInState: .span
        case .anomalies, .stages, .metadata: .document
        }
    }

    public func canonicalSpelling(of word: String) -> String {
        self == .status ? PipelineStatus(word).word : word
    }

    public func partNames(after parts: ArraySlice<String>) -> [String]? {
        switch (self, parts.count) {
        case (.anomalies, 0): PipelineAnomaly.Kind.allCases.map(\.name)
        case (.anomalies, _): []
        // Pipelines have stages of their own.
        case (.stages, 0): nil
        case (.stages, 1): RequestRow.stageParts
        case (.stages, _): []
        default: nil
        }
    }
}

extension RequestRow: FieldResolver {
    public func value(of field: RequestField, at path: JSONPath) -> PredicateValue {
        let current = state.current
        return switch field {
        case .requestID: .text(requestID)
        case .tenant: .text(state.tenant)
        case .stage: .text(current?.stage)
        case .eventType: .text(current?.eventType)
        case .status: .text(current?.status.word)
        case .attempt: .integer(current?.attempt)
        case .attemptMax: .integer(state.attemptMax)
        case .isRetryable: current.map { .boolean($0.isRetryable) } ?? .absent
        case .nextRetryAt: .time(current?.nextRetryAt)
        case .sequenceNumber: .integer(sequenceNumber)
        case .createdAt: .time(current?.createdAt)
        case .firstCreatedAt: .time(state.firstCreatedAt)
        case .lastCreatedAt: .time(state.lastCreatedAt)
        case .timeInState: timeInState.map { .span($0) } ?? .absent
        case .eventCount: .integer(Int64(clamping: state.eventCount))
        case .isTerminal: .boolean(state.isTerminal)
        case .reopenedCount: .integer(Int64(clamping: state.reopenedCount))
        case .errorStage: .text(state.lastError?.stage)
        case .errorCode: .text(state.lastError?.code)
        case .errorMessage: .text(state.lastError?.message)
        case .anomalyCount: .integer(Int64(clamping: state.anomalies.totalCount))
        case .anomalies: anomalies(at: path)
        case .stages: stages(at: path)
        case .metadata: PredicateValue(json: metadata, at: path)
        }
    }

    /// `sequence_no` of the current event: its row's own, or its sequence where it has none.
    public var sequenceNumber: Int64? {
        state.current.map { $0.sequenceNumber ?? Int64(clamping: $0.sequence.rawValue) }
    }

    private func anomalies(at path: JSONPath) -> PredicateValue {
        let kinds = PipelineAnomaly.Kind.allCases.filter { state.anomalies[$0] > 0 }
        guard let name = path.parts.first else { return .names(kinds.map(\.name)) }
        guard path.parts.count == 1,
            let kind = PipelineAnomaly.Kind.allCases.first(where: { $0.name == name })
        else { return .absent }
        return .integer(Int64(clamping: state.anomalies[kind]))
    }

    private func stages(at path: JSONPath) -> PredicateValue {
        guard let name = path.parts.first else { return .names(state.stages.map(\.name)) }
        guard let stage = state[stage: name], path.parts.count <= 2 else { return .absent }
        guard path.parts.count == 2 else { return .names(Self.stageParts) }
        return switch path.parts[1] {
        case "status": .text(stage.status.word)
        case "attempt": .integer(stage.attempt)
        case "attempt_max": .integer(stage.attemptMax)
        case "retryable": .boolean(stage.isRetryable)
        case "next_retry_at": .time(stage.nextRetryAt)
        case "event_count": .integer(Int64(clamping: stage.eventCount))
        case "failure_count": .integer(Int64(clamping: stage.failureCount))
        case "started_at": .time(stage.startedAt)
        case "ended_at": .time(stage.endedAt)
        case "duration_ms": .integer(stage.lastDurationMilliseconds)
        case "total_duration_ms": .integer(stage.totalDurationMilliseconds)
        case "error_code": .text(stage.lastError?.code)
        default: .absent
        }
    }

    /// The names that can follow `stages.NAME` in a predicate.
    public static let stageParts = [
        "status", "attempt", "attempt_max", "retryable", "next_retry_at", "event_count",
        "failure_count", "started_at", "ended_at", "duration_ms", "total_duration_ms",
        "error_code",
    ]
}
