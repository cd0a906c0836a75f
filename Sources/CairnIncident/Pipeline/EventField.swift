public import CairnCore
public import CairnDomains

/// The fields of one pipeline event, under the names of the source's columns.
///
/// All columns of `event_tracker`, and what the journal knows of an event besides.
public enum EventField: String, PredicateField {
    case requestID = "pagw_id"
    case tenant
    case stage
    case eventType = "event_type"
    case status
    /// The row's own number, or the event's sequence in its stream where it has none.
    case sequenceNumber = "sequence_no"
    case attempt
    case isRetryable = "retryable"
    case nextRetryAt = "next_retry_at"
    case externalReference = "external_reference"
    case durationMilliseconds = "duration_ms"
    case errorCode = "error_code"
    case errorMessage = "error_message"
    case workerID = "worker_id"
    case serviceName = "service_name"
    case startedAt = "started_at"
    case completedAt = "completed_at"
    case createdAt = "created_at"
    case metadata
    /// `id` of the source's row.
    case sourceID = "id"
    case position
    case sequence
    case recordedAt = "recorded_at"
    /// The type of the frame, not of the row.
    case type

    public var kind: FieldKind {
        switch self {
        case .requestID, .tenant, .stage, .eventType, .status, .externalReference, .errorCode,
            .errorMessage, .workerID, .serviceName, .type:
            .text
        case .sequenceNumber, .attempt, .sourceID, .position, .sequence: .number
        case .durationMilliseconds: .milliseconds
        case .isRetryable: .boolean
        case .nextRetryAt, .startedAt, .completedAt, .createdAt, .recordedAt: .time
        case .metadata: .document
        }
    }

    public func canonicalSpelling(of word: String) -> String {
        self == .status ? PipelineStatus(word).word : word
    }
}

/// One event of a request: the source's row and its place in the journal.
public struct EventRow: Hashable, Sendable {
    /// `pagw_id`.
    public let requestID: String
    public let position: Position
    public let sequence: SequenceNumber
    public let recordedAt: Timestamp
    public let event: PipelineEvent

    public init(
        requestID: String,
        position: Position,
        sequence: SequenceNumber,
        recordedAt: Timestamp,
        event: PipelineEvent
    ) {
        self.requestID = requestID
        self.position = position
        self.sequence = sequence
        self.recordedAt = recordedAt
        self.event = event
    }

    /// Reads an event that was copied out of its journal.
    ///
    /// - Throws: ``IncidentError/event(position:_:)``.
    public init(_ record: EventRecord) throws(IncidentError) {
        do throws(PipelineCodecError) {
            self.init(
                requestID: record.stream.key,
                position: record.position,
                sequence: record.sequence,
                recordedAt: record.recordedAt,
                event: try PipelineEvent(record.payload.span.bytes, occurredAt: record.occurredAt)
            )
        } catch {
            throw .event(position: record.position, error)
        }
    }

    /// `sequence_no`: the row's own, or the event's sequence in its stream where it has none.
    public var sequenceNumber: Int64 {
        event.sequenceNumber ?? Int64(clamping: sequence.rawValue)
    }
}

extension EventRow: FieldResolver {
    public func value(of field: EventField, at path: JSONPath) -> PredicateValue {
        switch field {
        case .requestID: .text(requestID)
        case .tenant: .text(event.tenant)
        case .stage: .text(event.stage)
        case .eventType: .text(event.eventType)
        case .status: .text(event.status.word)
        case .sequenceNumber: .integer(sequenceNumber)
        case .attempt: .integer(event.attempt)
        case .isRetryable: .boolean(event.isRetryable)
        case .nextRetryAt: .time(event.nextRetryAt)
        case .externalReference: .text(event.externalReference)
        case .durationMilliseconds: .integer(event.durationMilliseconds)
        case .errorCode: .text(event.errorCode)
        case .errorMessage: .text(event.errorMessage)
        case .workerID: .text(event.workerID)
        case .serviceName: .text(event.serviceName)
        case .startedAt: .time(event.startedAt)
        case .completedAt: .time(event.completedAt)
        case .createdAt: .time(event.createdAt)
        case .metadata: PredicateValue(json: event.metadata, at: path)
        case .sourceID: .integer(event.sourceID)
        case .position: .integer(Int64(clamping: position.rawValue))
        case .sequence: .integer(Int64(clamping: sequence.rawValue))
        case .recordedAt: .time(recordedAt)
        case .type: .text(PipelineEvent.frameType)
        }
    }
}
