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

    /// Reads one of many stored events as ``read(_:frame:)`` does; names that came before are not
    /// made anew.
    package static func read(
        _ header: EventHeader,
        frame: RawSpan,
        _ names: inout SystemEventNames
    ) throws(EventCodecError) -> SystemEvent? {
        try read(header, frame: frame, withPayload: true) { names.type($0) }
    }

    /// Reads a stored event as ``read(_:frame:)`` does, and its payload only where it is asked for.
    package static func read(
        _ header: EventHeader,
        frame: RawSpan,
        withPayload: Bool,
        named type: (RawSpan) -> SystemEventType = { SystemEventType(stored: $0.text()) }
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
            return try SystemEvent(frame.extracting(header.payloadRange), withPayload, type)
        } catch {
            throw .malformed(type: frameType, reason: error.reason)
        }
    }

    /// Reads all fields in one pass: a page of them is asked for while somebody waits.
    private init(
        _ stored: RawSpan,
        _ withPayload: Bool,
        _ named: (RawSpan) -> SystemEventType
    ) throws(FieldFailure) {
        var (level, lead) = (Int64?.none, Int64?.none)
        var (type, payload, origin) = (Range<Int>?.none, Range<Int>?.none, Range<Int>?.none)
        var reader = ByteReader()
        do throws(TruncatedBytes) {
            while reader.offset < stored.byteCount {
                let start = reader.offset
                let head = try reader.variable(in: stored)
                guard head >> 1 <= UInt64(UInt8.max) else { throw TruncatedBytes(offset: start) }
                let tag = UInt8(truncatingIfNeeded: head >> 1)
                if head & 1 == 0 {
                    let number = try reader.signedVariable(in: stored)
                    if tag == Tag.level { level = number }
                    if tag == Tag.leadID { lead = number }
                } else {
                    let range = try reader.blob(in: stored)
                    if tag == Tag.type { type = range }
                    if tag == Tag.payload { payload = range }
                    if tag == Tag.origin { origin = range }
                }
            }
        } catch {
            throw FieldFailure(reason: "it ends at byte \(error.offset)")
        }
        guard let level else { throw FieldFailure(reason: "no field \(Tag.level)") }
        guard let known = UInt8(exactly: level).flatMap(SystemEventLevel.init(rawValue:)) else {
            throw FieldFailure(reason: "field \(Tag.level) has no meaning")
        }
        guard let type else { throw FieldFailure(reason: "no field \(Tag.type)") }
        if !withPayload { payload = nil }
        self.init(
            known,
            named(stored.extracting(type)),
            leadID: lead.map(LeadID.init(rawValue:)),
            payload: payload.map { SystemEventPayload(stored: stored.extracting($0).array()) },
            origin: try origin.flatMap { range throws(FieldFailure) in
                try RowOrigin(stored: stored.extracting(range).array())
            }
        )
    }
}
