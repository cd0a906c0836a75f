public import CairnCore

extension PipelineEvent {
    /// The stream that holds a request's events.
    ///
    /// - Throws: `LimitError`.
    public static func streamID(request: String) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, key: request)
    }

    /// The id of a row that carries a number: `<pagw_id>/<sequence_no>`.
    ///
    /// - Throws: `LimitError`.
    public static func eventID(
        request: String,
        sequenceNumber: Int64
    ) throws(LimitError) -> EventID {
        try EventID("\(request)/\(sequenceNumber)")
    }

    /// The stored form of everything but ``createdAt``, as ``PipelineStep`` lays it out.
    public func encoded() -> [UInt8] { encoded(metadata: storedMetadata, origin?.encoded) }

    /// The metadata unless it is JSON's null, which rows in JSON cannot tell from none at all.
    private var storedMetadata: [UInt8]? {
        guard let metadata, metadata.trimmingJSONSpace.elementsEqual("null".utf8) else {
            return metadata
        }
        return nil
    }

    /// The bytes that decide whether two rows are the same (law 4): every field but ``origin``,
    /// with the metadata as canonical JSON, then the instant of creation.
    ///
    /// - Throws: `JSONError` when the metadata is not JSON.
    public func canonicalContent() throws(JSONError) -> [UInt8] {
        var canonicalMetadata: [UInt8]?
        if let metadata = storedMetadata {
            canonicalMetadata = try JSONValue.parse(metadata).canonicalBytes
        }
        var writer = ByteWriter(capacity: 128)
        writer.raw(encoded(metadata: canonicalMetadata, nil))
        writer.littleEndian(createdAt.nanoseconds)
        return writer.finish()
    }

    /// Makes the event that a journal appends.
    ///
    /// - Parameters:
    ///   - id: The event's own id; ``eventID(request:sequenceNumber:)`` where the row carries a
    ///     number, and nil where two equal rows are two events.
    ///   - recordedAt: For history that is imported: when its source recorded it.
    /// - Returns: The event, checked and digested.
    /// - Throws: ``PipelineEventError``.
    public func newEvent(
        id: EventID?,
        recordedAt: Timestamp? = nil
    ) throws(PipelineEventError) -> NewEvent {
        let content: [UInt8]
        do { content = try canonicalContent() } catch { throw .metadata(error) }
        let payload = encoded()
        do {
            return try NewEvent(
                type: Self.frameType,
                typeVersion: payload[0],
                id: id,
                occurredAt: createdAt,
                recordedAt: recordedAt,
                payload: payload,
                canonicalContent: content
            )
        } catch {
            throw .limit(error)
        }
    }

    /// Reads an event's payload.
    ///
    /// - Parameters:
    ///   - payload: The payload, exactly.
    ///   - occurredAt: The occurred time of its frame.
    /// - Throws: ``PipelineCodecError``.
    public init(_ payload: RawSpan, occurredAt: Timestamp) throws(PipelineCodecError) {
        let step = try PipelineStep(payload, occurredAt: occurredAt)
        self.init(
            tenant: step.tenant.text(in: payload),
            stage: step.stage.text(in: payload),
            eventType: step.eventType.text(in: payload),
            status: PipelineStatus(step, in: payload),
            createdAt: occurredAt
        )
        sequenceNumber = step.sequenceNumber
        attempt = step.attempt
        isRetryable = step.isRetryable
        durationMilliseconds = step.durationMilliseconds
        nextRetryAt = step.nextRetryAt
        startedAt = step.startedAt
        completedAt = step.completedAt
        sourceID = step.sourceID
        let presence = step.presence
        var reader = PipelinePayloadReader(offset: step.tailOffset)
        externalReference = try reader.text(if: presence.contains(.externalReference), in: payload)
        errorCode = try reader.text(if: presence.contains(.errorCode), in: payload)
        errorMessage = try reader.text(if: presence.contains(.errorMessage), in: payload)
        workerID = try reader.text(if: presence.contains(.workerID), in: payload)
        serviceName = try reader.text(if: presence.contains(.serviceName), in: payload)
        if presence.contains(.metadata) {
            metadata = payload.extracting(try reader.blob(in: payload)).array()
        }
        if presence.contains(.origin) {
            let start = reader.offset
            let stored = payload.extracting(try reader.blob(in: payload)).array()
            do throws(FieldFailure) {
                origin = try RowOrigin(stored: stored)
            } catch {
                throw .malformed(offset: start)
            }
        }
        guard reader.offset == payload.byteCount else { throw .malformed(offset: reader.offset) }
    }

    /// Reads an event out of its frame.
    ///
    /// - Throws: ``PipelineCodecError``.
    public init(_ header: EventHeader, frame: RawSpan) throws(PipelineCodecError) {
        try self.init(
            frame.extracting(header.payloadRange),
            occurredAt: header.occurredAt
        )
    }

    private var presence: PipelineStep.Presence {
        var presence: PipelineStep.Presence = []
        if sequenceNumber != nil { presence.insert(.sequenceNumber) }
        if attempt != 1 { presence.insert(.attempt) }
        if durationMilliseconds != nil { presence.insert(.duration) }
        if nextRetryAt != nil { presence.insert(.nextRetryAt) }
        if startedAt != nil { presence.insert(.startedAt) }
        if completedAt != nil { presence.insert(.completedAt) }
        if sourceID != nil { presence.insert(.sourceID) }
        if externalReference != nil { presence.insert(.externalReference) }
        if errorCode != nil { presence.insert(.errorCode) }
        if errorMessage != nil { presence.insert(.errorMessage) }
        if workerID != nil { presence.insert(.workerID) }
        if serviceName != nil { presence.insert(.serviceName) }
        return presence
    }

    private func encoded(metadata: [UInt8]?, _ origin: [UInt8]?) -> [UInt8] {
        var writer = ByteWriter(capacity: 96 + (metadata?.count ?? 0) + (origin?.count ?? 0))
        // A status made from a known word is the known status, whichever way it was spelled.
        let status = PipelineStatus(self.status.word)
        let stageCode = PipelineVocabulary.code(of: stage)
        let typeCode = PipelineVocabulary.code(of: eventType)
        writer.littleEndian(origin == nil ? PipelineStep.plainVersion : PipelineStep.version)
        writer.littleEndian(status.code.rawValue | (isRetryable ? PipelineStep.retryableBit : 0))
        writer.littleEndian(stageCode)
        writer.littleEndian(typeCode)
        var presence = presence
        if metadata != nil { presence.insert(.metadata) }
        if origin != nil { presence.insert(.origin) }
        writer.littleEndian(presence.rawValue)
        if let sequenceNumber { writer.variable(sequenceNumber) }
        if attempt != 1 { writer.variable(attempt) }
        if let durationMilliseconds { writer.variable(durationMilliseconds) }
        for instant in [nextRetryAt, startedAt, completedAt] {
            guard let instant else { continue }
            writer.variable(instant.nanoseconds &- createdAt.nanoseconds)
        }
        if let sourceID { writer.variable(sourceID) }
        if stageCode == PipelineVocabulary.literal { writer.text(stage) }
        if typeCode == PipelineVocabulary.literal { writer.text(eventType) }
        if status.code == .other { writer.text(status.word) }
        writer.text(tenant)
        for text in [externalReference, errorCode, errorMessage, workerID, serviceName] {
            if let text { writer.text(text) }
        }
        if let metadata { writer.blob(metadata) }
        if let origin { writer.blob(origin) }
        return writer.finish()
    }
}

extension PipelineStatus {
    /// The status of a step, with its word where it is none of the known ones.
    public init(_ step: PipelineStep, in payload: RawSpan) {
        self =
            switch step.status {
            case .started: .started
            case .completed: .completed
            case .failed: .failed
            case .skipped: .skipped
            case .retryScheduled: .retryScheduled
            case .other: .other(step.statusText.text(in: payload))
            }
    }
}
