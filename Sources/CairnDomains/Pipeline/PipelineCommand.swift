public import CairnCore

/// A service's report about one stage of a request, or its wish to try the stage again.
public struct PipelineCommand: Hashable, Sendable {
    public var verb: Verb
    public var report: PipelineReport

    public init(_ verb: Verb, _ report: PipelineReport) {
        self.verb = verb
        self.report = report
    }

    /// What is asked for.
    public enum Verb: String, Hashable, Sendable, CaseIterable {
        case recordStart, recordCompletion, recordFailure, recordSkip
        /// Records that someone else decided to try again, at the instant the report names.
        case recordRetry
        /// Decides when to try again, by the stage's retry policy, and records it.
        case scheduleRetry

        /// The status that the row gets.
        public var status: PipelineStatus {
            switch self {
            case .recordStart: .started
            case .recordCompletion: .completed
            case .recordFailure: .failed
            case .recordSkip: .skipped
            case .recordRetry, .scheduleRetry: .retryScheduled
            }
        }
    }
}

/// The columns of a row that its service fills; what is nil is chosen in `decide`.
public struct PipelineReport: Hashable, Sendable {
    public var tenant: String
    public var stage: String
    /// Nil for the definition's first type of this stage and status.
    public var eventType: String?
    /// Nil for the number after the highest one so far.
    public var sequenceNumber: Int64?
    /// Nil for the stage's current attempt, or the next one where a failed stage starts again.
    public var attempt: Int64?
    public var isRetryable = true
    public var nextRetryAt: Timestamp?
    public var externalReference: String?
    public var durationMilliseconds: Int64?
    public var errorCode: String?
    public var errorMessage: String?
    public var workerID: String?
    public var serviceName: String?
    public var startedAt: Timestamp?
    public var completedAt: Timestamp?
    /// Nil for the instant of the turn.
    public var createdAt: Timestamp?
    /// JSON text in UTF-8, kept byte for byte.
    public var metadata: [UInt8]?

    public init(tenant: String, stage: String) {
        self.tenant = tenant
        self.stage = stage
    }
}

/// Why a report is refused; nothing was recorded.
///
/// Few things are: a log takes what happened, in whatever order it is told.
public enum PipelineRejection: Error, Hashable, Sendable {
    case emptyTenant
    case emptyStage
    /// The request belongs to another tenant.
    case tenantMismatch(known: String, given: String)
    /// The definition is closed and does not list the stage.
    case unknownStage(String)
    /// The definition is closed and does not list the event type.
    case unknownEventType(String)
    /// The definition is closed and no event type of the stage implies the status.
    case eventTypeNeeded(stage: String, status: PipelineStatus)
    /// The numbers of rows have reached the end of 64 bits.
    case sequenceNumbersExhausted
    /// A retry of a stage that has not failed.
    case notFailed(stage: String)
    /// A retry of a stage whose failure was final.
    case notRetryable(stage: String)
    /// A retry of a request that has ended.
    case alreadyTerminal
    /// A retry beyond the tries that the policy allows.
    case attemptsExhausted(attemptCountMax: Int64)
}

extension PipelineRejection: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyTenant: "the tenant is empty"
        case .emptyStage: "the stage is empty"
        case .tenantMismatch(let known, let given):
            "the request belongs to tenant '\(known)', not '\(given)'"
        case .unknownStage(let stage): "the pipeline has no stage '\(stage)'"
        case .unknownEventType(let type): "the pipeline has no event type '\(type)'"
        case .eventTypeNeeded(let stage, let status):
            "stage '\(stage)' has no event type for \(status); name one"
        case .sequenceNumbersExhausted: "the request's sequence numbers are used up"
        case .notFailed(let stage): "stage '\(stage)' has not failed"
        case .notRetryable(let stage): "the failure of stage '\(stage)' is final"
        case .alreadyTerminal: "the request has ended"
        case .attemptsExhausted(let max): "all \(max) attempts are used up"
        }
    }
}
