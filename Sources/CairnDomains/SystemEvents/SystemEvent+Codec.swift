public import CairnCore

/// How system events are stored: all those of a journal in one stream, in the order they were
/// recorded.
///
/// They are asked for newest first, across all levels, types and leads, which is that stream read
/// backwards; a stream for each type or lead would have to be merged. So level, type and lead
/// stand in the payload, and the type of every stored event is the same. `Specs/SystemEvents.md`
/// has the bytes.
extension SystemEvent {
    public static let streamKind = StreamKind("system")
    /// The type of the stored events.
    public static let frameType = "system_event.recorded"
    private static let frameTypeBytes = Array(frameType.utf8)
    private static let version: UInt8 = 1

    private enum Tag {
        static let level: UInt8 = 1
        static let type: UInt8 = 2
        static let leadID: UInt8 = 3
        static let payload: UInt8 = 4
        static let origin: UInt8 = 5
        /// Only in what an id stands for.
        static let createdAt: UInt8 = 6
    }

    /// The one stream of a journal's system events.
    ///
    /// - Throws: Nothing in fact; the name keeps the limits.
    public static func stream() throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, key: "events")
    }

    /// Makes the event that a journal appends.
    ///
    /// - Parameters:
    ///   - instant: `created_at`.
    ///   - id: The caller's own id, under which the same event is taken once. What counts as the
    ///     same is everything but the instant; of a row of a table the instant, too.
    ///   - recordedAt: For history that is imported: when its source recorded it.
    /// - Returns: The event, checked and digested.
    /// - Throws: `LimitError`.
    public func newEvent(
        at instant: Timestamp,
        id: EventID? = nil,
        recordedAt: Timestamp? = nil
    ) throws(LimitError) -> NewEvent {
        try NewEvent(
            type: Self.frameType,
            typeVersion: Self.version,
            id: id,
            occurredAt: instant,
            recordedAt: recordedAt,
            // A log beside what it tells of: whoever does not know it misses no state.
            mayBeIgnored: true,
            payload: encoded(payload?.bytes, origin),
            // Compared only under an id, so only then it is worth being read.
            canonicalContent: id == nil ? nil : identity(at: instant)
        )
    }

    private var canonicalPayload: [UInt8]? {
        payload.map { (try? JSONValue.parse($0.bytes))?.canonicalBytes ?? $0.bytes }
    }

    private func identity(at instant: Timestamp) -> [UInt8] {
        encoded(canonicalPayload, nil, at: origin?.id == nil ? nil : instant)
    }

    private func encoded(
        _ payload: [UInt8]?,
        _ origin: RowOrigin?,
        at instant: Timestamp? = nil
    ) -> [UInt8] {
        var fields = FieldWriter(capacity: 48 + (payload?.count ?? 0))
        fields.count(Tag.level, UInt64(level.rawValue))
        fields.text(Tag.type, type.name)
        fields.number(Tag.leadID, leadID?.rawValue)
        fields.blob(Tag.payload, payload)
        fields.blob(Tag.origin, origin?.encoded)
        fields.time(Tag.createdAt, instant)
        return fields.finish()
    }

    /// Reads a stored event; nil for one that may be passed over, or that was erased.
    ///
    /// The name is taken as it stands, because a table that was imported may have kept no rule.
    ///
    /// - Throws: `EventCodecError`.
    public static func read(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> SystemEvent? {
        try read(header, frame: frame, withPayload: true)
    }

    /// Reads a stored event as ``read(_:frame:)`` does, and its payload only where it is asked for.
    package static func read(
        _ header: EventHeader,
        frame: RawSpan,
        withPayload: Bool
    ) throws(EventCodecError) -> SystemEvent? {
        guard frame.extracting(header.typeRange).equals(frameTypeBytes.span.bytes) else {
            guard header.flags.contains(.mayBeIgnored) else {
                throw .unknownType(header.type(in: frame))
            }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= version else {
            throw .newerVersion(type: frameType, version: header.typeVersion)
        }
        do throws(FieldFailure) {
            return try SystemEvent(frame.extracting(header.payloadRange), withPayload)
        } catch {
            throw .malformed(type: frameType, reason: error.reason)
        }
    }

    private init(_ stored: RawSpan, _ withPayload: Bool) throws(FieldFailure) {
        let fields = try ItemFields(stored)
        self.init(
            try fields.code(Tag.level),
            SystemEventType(stored: try fields.text(Tag.type, stored)),
            leadID: fields.fields.number(Tag.leadID).map(LeadID.init(rawValue:)),
            payload: withPayload
                ? fields.fields.blob(Tag.payload, in: stored)
                    .map(SystemEventPayload.init(stored:)) : nil,
            origin: try RowOrigin(stored: fields.fields.blob(Tag.origin, in: stored))
        )
    }
}
