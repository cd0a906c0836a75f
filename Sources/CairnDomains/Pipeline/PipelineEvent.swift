public import CairnCore

/// One row of the source's `event_tracker` (seed 002): something happened to a request.
///
/// Stored in the stream `pipeline/<pagw_id>`; the request's id is the stream's key and not in
/// the payload. Every column of the table has its place here, `metadata` included. Durations are
/// 64-bit, because real cases last longer than 32 bits of milliseconds can say.
public struct PipelineEvent: Hashable, Sendable {
    /// The kind of the streams that hold requests.
    public static let streamKind = StreamKind("pipeline")
    /// The frame type of every pipeline event; `event_type` is a field, because pipelines are data.
    public static let frameType = "pipeline"

    /// `tenant`
    public var tenant: String
    /// `stage`, as the source wrote it; aliases are resolved when it is folded.
    public var stage: String
    /// `event_type`
    public var eventType: String
    /// `status`
    public var status: PipelineStatus
    /// `sequence_no` of the source's row, if it had one.
    public var sequenceNumber: Int64?
    /// `attempt`, 1 unless the source says otherwise.
    public var attempt: Int64
    /// `retryable`, true unless the source says otherwise.
    public var isRetryable: Bool
    /// `next_retry_at`
    public var nextRetryAt: Timestamp?
    /// `external_reference`
    public var externalReference: String?
    /// `duration_ms`
    public var durationMilliseconds: Int64?
    /// `error_code`
    public var errorCode: String?
    /// `error_message`
    public var errorMessage: String?
    /// `worker_id`: pod name or function request id.
    public var workerID: String?
    /// `service_name`
    public var serviceName: String?
    /// `started_at`
    public var startedAt: Timestamp?
    /// `completed_at`
    public var completedAt: Timestamp?
    /// `created_at`; the event's occurred time in the journal.
    public var createdAt: Timestamp
    /// `metadata`: JSON text in UTF-8, byte for byte as the caller gave it.
    public var metadata: [UInt8]?
    /// `id` of the source's row, if it had one.
    public var sourceID: Int64?

    /// Describes an event with the table's own defaults for what is left out.
    public init(
        tenant: String,
        stage: String,
        eventType: String,
        status: PipelineStatus = .started,
        createdAt: Timestamp
    ) {
        self.tenant = tenant
        self.stage = stage
        self.eventType = eventType
        self.status = status
        attempt = 1
        isRetryable = true
        self.createdAt = createdAt
    }
}

/// `pagw_event_status` of seed 002, and any other word a source uses.
public enum PipelineStatus: Hashable, Sendable {
    case started, completed, failed, skipped, retryScheduled
    /// A word that is none of the five, kept as it was written.
    case other(String)

    /// Reads a word; `SUCCESS` and `FAILURE` mean completed and failed.
    public init(_ word: String) {
        self =
            switch word {
            case "STARTED": .started
            case "COMPLETED", "SUCCESS": .completed
            case "FAILED", "FAILURE": .failed
            case "SKIPPED": .skipped
            case "RETRY_SCHEDULED": .retryScheduled
            default: .other(word)
            }
    }

    /// The word as the table spells it.
    public var word: String {
        switch self {
        case .started: "STARTED"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        case .skipped: "SKIPPED"
        case .retryScheduled: "RETRY_SCHEDULED"
        case .other(let word): word
        }
    }
}
