/// An event that is to be appended: checked and digested, but not yet in a journal.
public struct NewEvent: Sendable {
    /// The name of the event's type, at most ``Limits/eventTypeByteCountMax`` bytes.
    public let type: String
    /// The version of the type's encoding.
    public let typeVersion: UInt8
    /// The caller's own id for exact dedupe; nil where two equal events are two events.
    public let id: EventID?
    /// When it happened, as the caller says.
    public let occurredAt: Timestamp
    /// When the system that the event is imported from recorded it; nil for an event of now.
    public let recordedAt: Timestamp?
    /// Whether a program that does not know the type may pass over the event.
    public let mayBeIgnored: Bool
    public let codec: PayloadCodec
    public let payload: [UInt8]
    /// Digest of the canonical content, compared when the id is seen again.
    public let contentDigest: ContentDigest

    /// Describes an event; the work of checking and digesting it is done here, by the caller.
    ///
    /// - Parameters:
    ///   - type: The name of the event's type.
    ///   - typeVersion: The version of the type's encoding.
    ///   - id: The caller's own id, unique in the journal.
    ///   - occurredAt: When it happened. Not part of the content that an id stands for.
    ///   - recordedAt: For imported history: the recorded time to give the event instead of the
    ///     journal's clock. Taken as far as recorded times neither decrease nor pass the clock.
    ///   - mayBeIgnored: Whether a program that does not know the type may pass over it.
    ///   - codec: How `payload` is encoded.
    ///   - payload: The stored bytes, at most ``Limits/payloadByteCountMax``.
    ///   - canonicalContent: The bytes that are digested where several payloads mean the same;
    ///     the payload itself by default.
    /// - Throws: ``LimitError``.
    public init(
        type: String,
        typeVersion: UInt8 = 1,
        id: EventID? = nil,
        occurredAt: Timestamp,
        recordedAt: Timestamp? = nil,
        mayBeIgnored: Bool = false,
        codec: PayloadCodec = .binary,
        payload: [UInt8],
        canonicalContent: [UInt8]? = nil
    ) throws(LimitError) {
        let typeByteCount = type.utf8.count
        guard typeByteCount > 0 else { throw .emptyEventType }
        guard typeByteCount <= Limits.eventTypeByteCountMax else {
            throw .eventTypeTooLong(
                byteCount: typeByteCount,
                byteCountMax: Limits.eventTypeByteCountMax
            )
        }
        guard payload.count <= Limits.payloadByteCountMax else {
            throw .payloadTooLarge(
                byteCount: payload.count,
                byteCountMax: Limits.payloadByteCountMax
            )
        }
        self.type = type
        self.typeVersion = typeVersion
        self.id = id
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.mayBeIgnored = mayBeIgnored
        self.codec = codec
        self.payload = payload
        let content = canonicalContent ?? payload
        contentDigest = ContentDigest(type: type, content: content.span.bytes)
    }

    /// Describes the event as another journal is to hold it.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - id: Its id there.
    ///   - occurredAt: When it happened; nil for when the event says.
    ///   - recordedAt: The recorded time to give it.
    package init(
        _ event: NewEvent,
        id: EventID?,
        occurredAt: Timestamp? = nil,
        recordedAt: Timestamp
    ) {
        type = event.type
        typeVersion = event.typeVersion
        self.id = id
        self.occurredAt = occurredAt ?? event.occurredAt
        self.recordedAt = recordedAt
        mayBeIgnored = event.mayBeIgnored
        codec = event.codec
        payload = event.payload
        contentDigest = event.contentDigest
    }

    /// Describes a stored event as it stands, for another journal.
    package init(_ record: EventRecord) {
        type = record.type
        typeVersion = record.typeVersion
        id = record.id
        occurredAt = record.occurredAt
        recordedAt = record.recordedAt
        mayBeIgnored = record.flags.contains(.mayBeIgnored)
        codec = record.codec
        payload = record.payload
        contentDigest = record.contentDigest
    }

    /// The recorded time the event gets, given the last one and the journal's clock.
    public func recordedAt(notBefore last: Timestamp, now: Timestamp) -> Timestamp {
        max(last, min(recordedAt ?? now, now))
    }
}
