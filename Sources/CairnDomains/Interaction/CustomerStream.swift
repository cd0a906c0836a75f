public import CairnCore

/// A customer's interactions, each by one event that names its stream, in the order they began.
///
/// Written in the turn that begins the interaction, so that a history is complete whenever it is
/// asked for.
public enum CustomerStream {
    public static let streamKind = StreamKind("customer")
    private static let eventType = "interaction.opened"
    private static let streamTag: UInt8 = 1
    private static let version: UInt8 = 1

    /// The stream of a customer.
    public static func stream(of customer: String) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, longKey: customer)
    }

    /// The event that adds an interaction.
    public static func newEvent(
        for stream: StreamID,
        at instant: Timestamp,
        recordedAt: Timestamp? = nil
    ) throws(LimitError) -> NewEvent {
        var fields = FieldWriter(capacity: 64)
        fields.text(streamTag, stream.name)
        return try NewEvent(
            type: eventType,
            typeVersion: version,
            occurredAt: instant,
            recordedAt: recordedAt,
            payload: fields.finish()
        )
    }

    /// The stream of the interaction that an event adds; nil for what may be passed over.
    public static func interaction(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> StreamID? {
        let type = header.type(in: frame)
        guard type.hasSameBytes(as: eventType) else {
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        guard let name = (try? FieldReader(payload))?.text(streamTag, in: payload),
            let stream = try? StreamID(name)
        else { throw .malformed(type: type, reason: "it names no stream") }
        return stream
    }
}
