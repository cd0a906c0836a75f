/// The columns of `event_tracker`, in the order in which the table has them, and one of Cairn's own.
public enum EventTrackerColumn: Int, CaseIterable, Sendable {
    case id, tenant, requestID, stage, eventType, status, sequenceNumber, attempt, retryable,
        nextRetryAt, externalReference, durationMilliseconds, errorCode, errorMessage, workerID,
        serviceName, startedAt, completedAt, createdAt, metadata
    /// The journal's id of the event, which is no column of the table.
    ///
    /// A row has it only where its request and number do not tell the id, as ``RowNaming`` says.
    case eventID

    /// The columns of the table alone.
    public static let table = allCases.filter { $0 != .eventID }

    /// The name that tables, CSV headers and JSON keys use.
    public var name: String {
        switch self {
        case .id: "id"
        case .tenant: "tenant"
        case .requestID: "pagw_id"
        case .stage: "stage"
        case .eventType: "event_type"
        case .status: "status"
        case .sequenceNumber: "sequence_no"
        case .attempt: "attempt"
        case .retryable: "retryable"
        case .nextRetryAt: "next_retry_at"
        case .externalReference: "external_reference"
        case .durationMilliseconds: "duration_ms"
        case .errorCode: "error_code"
        case .errorMessage: "error_message"
        case .workerID: "worker_id"
        case .serviceName: "service_name"
        case .startedAt: "started_at"
        case .completedAt: "completed_at"
        case .createdAt: "created_at"
        case .metadata: "metadata"
        case .eventID: "event_id"
        }
    }

    /// Whether every row needs a value, because nothing could stand in for it.
    var isRequired: Bool {
        switch self {
        case .tenant, .requestID, .stage, .eventType, .createdAt: true
        case .id, .status, .sequenceNumber, .attempt, .retryable, .nextRetryAt,
            .externalReference, .durationMilliseconds, .errorCode, .errorMessage, .workerID,
            .serviceName, .startedAt, .completedAt, .metadata, .eventID:
            false
        }
    }

    /// Whether the value is text; a JSON row gives a string for it.
    var isText: Bool {
        switch self {
        case .tenant, .requestID, .stage, .eventType, .status, .nextRetryAt, .externalReference,
            .errorCode, .errorMessage, .workerID, .serviceName, .startedAt, .completedAt,
            .createdAt, .eventID:
            true
        case .id, .sequenceNumber, .attempt, .retryable, .durationMilliseconds, .metadata: false
        }
    }

    /// Most characters that the source has room for; nil where it states none.
    var characterCountMax: Int? {
        SourceTable.pipeline.columns[rawValue].characterCountMax
    }

    private static let named = [String: EventTrackerColumn](
        uniqueKeysWithValues: allCases.map { ($0.name, $0) }
    )

    /// The column with a name; nil if there is none.
    public init?(name: String) {
        // Text compares by canonical equivalence; only ASCII can be a column's name.
        guard name.utf8.allSatisfy({ $0 < 0x80 }), let column = Self.named[name] else {
            return nil
        }
        self = column
    }
}
