public import CairnCore
public import CairnDomains

extension PipelineEvent {
    /// The event as a JSON object with the source's columns; `created_at` among them, the
    /// request's id not, and null for what is absent.
    public var document: JSONValue {
        let row = EventRow(
            requestID: "",
            position: .zero,
            sequence: .zero,
            recordedAt: createdAt,
            event: self
        )
        return .object(
            Self.documentFields.map { field in
                let value =
                    switch field {
                    case .sequenceNumber: JSONValue(.integer(sequenceNumber))
                    case .metadata: row.jsonValue(of: EventColumn(.metadata))
                    default: JSONValue(row.value(of: field, at: JSONPath(parts: [])))
                    }
                return JSONMember(field.rawValue, value)
            }
        )
    }

    /// The columns of an event, without those that only the journal knows.
    public static let documentFields: [EventField] = EventField.allCases.filter { field in
        switch field {
        case .requestID, .position, .sequence, .recordedAt, .type: false
        default: true
        }
    }

    /// Reads an event from such an object.
    ///
    /// Members may be left out: `attempt` is then 1, `retryable` is true, `status` is STARTED, and
    /// the others are absent.
    ///
    /// - Parameters:
    ///   - document: The object; `stage` and `event_type` must be there.
    ///   - tenant: Whose it is, where the object does not say.
    ///   - instant: `created_at`, where the object does not say.
    /// - Throws: ``EventDocumentError``.
    public init(
        document: JSONValue,
        tenant: String? = nil,
        at instant: Timestamp
    ) throws(EventDocumentError) {
        let reader = try EventDocumentReader(document)
        guard let tenant = try reader.text(.tenant) ?? tenant else {
            throw .missing(member: EventField.tenant.rawValue)
        }
        guard let stage = try reader.text(.stage) else {
            throw .missing(member: EventField.stage.rawValue)
        }
        guard let eventType = try reader.text(.eventType) else {
            throw .missing(member: EventField.eventType.rawValue)
        }
        self.init(
            tenant: tenant,
            stage: stage,
            eventType: eventType,
            status: try reader.text(.status).map { PipelineStatus($0) } ?? .started,
            createdAt: try reader.time(.createdAt) ?? instant
        )
        sequenceNumber = try reader.integer(.sequenceNumber)
        attempt = try reader.integer(.attempt) ?? 1
        isRetryable = try reader.bool(.isRetryable) ?? true
        nextRetryAt = try reader.time(.nextRetryAt)
        externalReference = try reader.text(.externalReference)
        durationMilliseconds = try reader.integer(.durationMilliseconds)
        errorCode = try reader.text(.errorCode)
        errorMessage = try reader.text(.errorMessage)
        workerID = try reader.text(.workerID)
        serviceName = try reader.text(.serviceName)
        startedAt = try reader.time(.startedAt)
        completedAt = try reader.time(.completedAt)
        metadata = reader.json(.metadata)
        sourceID = try reader.integer(.sourceID)
    }
}

/// The members of an event's object.
private struct EventDocumentReader {
    private let document: JSONValue

    init(_ document: JSONValue) throws(EventDocumentError) {
        guard case .object(let members) = document else { throw .notAnObject }
        let known = Set(PipelineEvent.documentFields.map { ExactText($0.rawValue) })
        for member in members where !known.contains(ExactText(member.key)) {
            throw .unknown(member: member.key)
        }
        self.document = document
    }

    /// What a column holds; nil where it is left out or null.
    private func value(_ field: EventField) -> JSONValue? {
        guard let value = document[field.rawValue], value != .null else { return nil }
        return value
    }

    func text(_ field: EventField) throws(EventDocumentError) -> String? {
        guard let value = value(field) else { return nil }
        guard case .string(let text) = value else { throw wrong(field, "a text") }
        return text
    }

    func integer(_ field: EventField) throws(EventDocumentError) -> Int64? {
        guard let value = value(field) else { return nil }
        guard case .number(let text) = value, let number = JSONNumber(text)?.integer() else {
            throw wrong(field, "a whole number of 64 bits")
        }
        return number
    }

    func bool(_ field: EventField) throws(EventDocumentError) -> Bool? {
        guard let value = value(field) else { return nil }
        guard case .bool(let flag) = value else { throw wrong(field, "true or false") }
        return flag
    }

    func time(_ field: EventField) throws(EventDocumentError) -> Timestamp? {
        guard let text = try text(field) else { return nil }
        guard let time = try? Timestamp(rfc3339: text) else {
            throw wrong(field, "a time such as 2025-12-25T10:00:00Z")
        }
        return time
    }

    func json(_ field: EventField) -> [UInt8]? {
        value(field).map { value in
            var writer = JSONWriter()
            writer.value(value)
            return writer.bytes
        }
    }

    private func wrong(_ field: EventField, _ expected: String) -> EventDocumentError {
        .wrongValue(member: field.rawValue, expected: expected)
    }
}
