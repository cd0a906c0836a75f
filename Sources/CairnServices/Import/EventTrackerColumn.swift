/// The columns of `event_tracker`, in the order in which the table has them.
public enum EventTrackerColumn: Int, CaseIterable, Sendable {
    case id, tenant, requestID, stage, eventType, status, sequenceNumber, attempt, retryable,
        nextRetryAt, externalReference, durationMilliseconds, errorCode, errorMessage, workerID,
        serviceName, startedAt, completedAt, createdAt, metadata

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
        }
    }

    /// Whether every row needs a value, because nothing could stand in for it.
    var isRequired: Bool {
        switch self {
        case .tenant, .requestID, .stage, .eventType, .createdAt: true
        case .id, .status, .sequenceNumber, .attempt, .retryable, .nextRetryAt,
            .externalReference, .durationMilliseconds, .errorCode, .errorMessage, .workerID,
            .serviceName, .startedAt, .completedAt, .metadata:
            false
        }
    }

    /// Whether the value is text; a JSON row gives a string for it.
    var isText: Bool {
        switch self {
        case .tenant, .requestID, .stage, .eventType, .status, .nextRetryAt, .externalReference,
            .errorCode, .errorMessage, .workerID, .serviceName, .startedAt, .completedAt,
            .createdAt:
            true
        case .id, .sequenceNumber, .attempt, .retryable, .durationMilliseconds, .metadata: false
        }
    }

    private static let named = [String: EventTrackerColumn](
        uniqueKeysWithValues: allCases.map { ($0.name, $0) }
    )

    /// The column with a name; nil if the table has none.
    public init?(name: String) {
        // Text compares by canonical equivalence; only ASCII can be a column's name.
        guard name.utf8.allSatisfy({ $0 < 0x80 }), let column = Self.named[name] else {
            return nil
        }
        self = column
    }
}
