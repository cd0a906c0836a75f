public import CairnCore

/// How a session's events are stored: each prompt event under its `evtype`, with its uid as the
/// event's id. `Specs/Machines/PromptSession.md` has the fields.
extension PromptSessionMachine: StoredMachine {
    package static let openedType = "session.opened"
    package static let eventTypePrefix = "prompt."
    private static let version: UInt8 = 1

    /// The tags of the fields.
    private enum Tag {
        static let prompt: UInt8 = 1
        static let user: UInt8 = 2
        static let uid: UInt8 = 3
        /// The bit pattern of the Double.
        static let promptTime: UInt8 = 4
        /// The rating or the index.
        static let number: UInt8 = 5
        /// What else a row of a table says; no part of what the uid stands for.
        static let origin: UInt8 = 6
    }

    public func event(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> PromptSessionFact? {
        let type = header.type(in: frame)
        let kind = Self.kind(type)
        guard kind != nil || type.hasSameBytes(as: Self.openedType) else {
            if let removal = try Removal.stored(header, frame: frame) { return .removed(removal) }
            guard header.flags.contains(.mayBeIgnored) else { throw .unknownType(type) }
            return nil
        }
        if header.flags.contains(.isErased) { return nil }
        guard header.typeVersion <= Self.version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let fields = try ItemFields(payload)
            guard let kind else {
                let owner = try Self.owner(fields, payload)
                return .opened(owner, at: header.occurredAt)
            }
            return .happened(try Self.prompted(kind, fields, payload, header.occurredAt))
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    private static func kind(_ type: String) -> PromptActKind? {
        guard type.utf8.starts(with: eventTypePrefix.utf8) else { return nil }
        return PromptActKind(rawValue: String(type.dropFirst(eventTypePrefix.count)))
    }

    private static func owner(
        _ fields: ItemFields,
        _ payload: RawSpan
    ) throws(FieldFailure) -> PromptSessionOwner {
        let prompt = try fields.text(Tag.prompt, payload)
        let user = try fields.text(Tag.user, payload)
        do throws(PromptEventError) {
            return try PromptSessionOwner(prompt: prompt, user: user)
        } catch {
            throw FieldFailure(reason: error.description)
        }
    }

    private static func prompted(
        _ kind: PromptActKind,
        _ fields: ItemFields,
        _ payload: RawSpan,
        _ createdAt: Timestamp
    ) throws(FieldFailure) -> PromptEvent {
        let uid = try fields.text(Tag.uid, payload)
        let bits = UInt64(bitPattern: try fields.number(Tag.promptTime))
        let origin = try RowOrigin(stored: fields.fields.blob(Tag.origin, in: payload))
        do throws(PromptEventError) {
            return PromptEvent(
                uid: try PromptEventUID(uid),
                act: try PromptAct(kind, number: fields.fields.number(Tag.number)),
                promptTime: try PromptTime(Double(bitPattern: bits)),
                createdAt: createdAt,
                origin: origin
            )
        } catch {
            throw FieldFailure(reason: error.description)
        }
    }

    public func newEvent(_ event: PromptSessionFact) throws(LimitError) -> NewEvent {
        try newEvent(event, recordedAt: nil)
    }

    /// Writes an event of imported history down.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - recordedAt: The recorded time to give it, as far as a journal can; nil for its clock.
    /// - Returns: The event as a journal takes it.
    /// - Throws: `LimitError`.
    public func newEvent(
        _ event: PromptSessionFact,
        recordedAt: Timestamp?
    ) throws(LimitError) -> NewEvent {
        switch event {
        case .opened(let owner, let at):
            var fields = FieldWriter()
            fields.text(Tag.prompt, owner.prompt)
            fields.text(Tag.user, owner.user)
            return try NewEvent(
                type: Self.openedType,
                typeVersion: Self.version,
                occurredAt: at,
                recordedAt: recordedAt,
                payload: fields.finish()
            )
        case .happened(let event):
            return try NewEvent(
                type: Self.eventTypePrefix + event.act.kind.rawValue,
                typeVersion: Self.version,
                id: try EventID(event.uid.name),
                occurredAt: event.createdAt,
                recordedAt: recordedAt,
                payload: Self.encoded(event, at: event.promptTime.seconds, event.origin),
                canonicalContent: Self.identity(of: event)
            )
        case .removed(let removal): return try removal.newEvent()
        }
    }

    /// What the uid stands for, where that is not the payload itself.
    ///
    /// The two zeros are one time, and where the event comes from is not what happened.
    private static func identity(of event: PromptEvent) -> [UInt8]? {
        let isZero = event.promptTime == .zero
        guard isZero || event.origin != nil else { return nil }
        return encoded(event, at: isZero ? 0 : event.promptTime.seconds, nil)
    }

    private static func encoded(
        _ event: PromptEvent,
        at seconds: Double,
        _ origin: RowOrigin?
    ) -> [UInt8] {
        var fields = FieldWriter(capacity: 48)
        fields.text(Tag.uid, event.uid.name)
        fields.count(Tag.promptTime, seconds.bitPattern)
        fields.number(Tag.number, event.act.number)
        fields.blob(Tag.origin, origin?.encoded)
        return fields.finish()
    }
}
