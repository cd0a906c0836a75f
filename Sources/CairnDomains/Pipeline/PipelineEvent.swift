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

    /// Column `tenant`.
    public var tenant: String
    /// Column `stage`, as the source wrote it; aliases are resolved when it is folded.
    public var stage: String
    /// Column `event_type`.
    public var eventType: String
    /// Column `status`.
    public var status: PipelineStatus
    /// Column `sequence_no` of the source's row, if it had one.
    public var sequenceNumber: Int64?
    /// Column `attempt`, 1 unless the source says otherwise.
    public var attempt: Int64
    /// Column `retryable`, true unless the source says otherwise.
    public var isRetryable: Bool
    /// Column `next_retry_at`.
    public var nextRetryAt: Timestamp?
    /// Column `external_reference`.
    public var externalReference: String?
    /// Column `duration_ms`.
    public var durationMilliseconds: Int64?
    /// Column `error_code`.
    public var errorCode: String?
    /// Column `error_message`.
    public var errorMessage: String?
    /// Column `worker_id`: pod name or function request id.
    public var workerID: String?
    /// Column `service_name`.
    public var serviceName: String?
    /// Column `started_at`.
    public var startedAt: Timestamp?
    /// Column `completed_at`.
    public var completedAt: Timestamp?
    /// Column `created_at`; the event's occurred time in the journal, and stored only there.
    public var createdAt: Timestamp
    /// Column `metadata`: JSON text in UTF-8, byte for byte as the caller gave it.
    ///
    /// JSON's null is stored as no metadata.
    public var metadata: [UInt8]?
    /// Column `id` of the source's row, if it had one.
    public var sourceID: Int64?
    /// The texts of those cells of the source's row that an export would write otherwise, by their
    /// columns' places in the table.
    ///
    /// An empty one says that the cell was NULL where the event has the column's default. Whoever
    /// changes the event sets it to nil.
    public var origin: RowOrigin?

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
