public import CairnCore

/// One of the sessions of a prompt, or of a user, in the order in which they were opened.
///
/// Written to `prompt/<prompt>` and `prompt_user/<user>` in the turn that opens the session, so
/// that both lists are complete whenever they are asked for. It happened when the session was
/// opened, which is when its user joined.
public struct PromptSessionLink: Hashable, Sendable {
    public static let promptStreamKind = StreamKind("prompt")
    public static let userStreamKind = StreamKind("prompt_user")
    private static let eventType = "session.linked"
    private static let removedType = "session.unlinked"
    private static let version: UInt8 = 1

    public let session: PromptSessionID
    public let owner: PromptSessionOwner
    public let openedAt: Timestamp

    private enum Tag {
        static let session: UInt8 = 1
        static let prompt: UInt8 = 2
        static let user: UInt8 = 3
    }

    public init(session: PromptSessionID, owner: PromptSessionOwner, openedAt: Timestamp) {
        self.session = session
        self.owner = owner
        self.openedAt = openedAt
    }

    /// The stream of a prompt's sessions.
    public static func stream(ofPrompt prompt: String) throws(LimitError) -> StreamID {
        try StreamID(kind: promptStreamKind, longKey: prompt)
    }

    /// The stream of a user's sessions.
    public static func stream(ofUser user: String) throws(LimitError) -> StreamID {
        try StreamID(kind: userStreamKind, longKey: user)
    }

    /// The event that adds the session to either stream.
    ///
    /// - Parameter recordedAt: The recorded time to give it, as far as a journal can; nil for its
    ///   clock.
    /// - Returns: The event.
    /// - Throws: `LimitError`.
    public func newEvent(recordedAt: Timestamp? = nil) throws(LimitError) -> NewEvent {
        var fields = FieldWriter()
        fields.text(Tag.session, session.name)
        fields.text(Tag.prompt, owner.prompt)
        fields.text(Tag.user, owner.user)
        return try NewEvent(
            type: Self.eventType,
            typeVersion: Self.version,
            occurredAt: openedAt,
            recordedAt: recordedAt,
            payload: fields.finish()
        )
    }

    /// The event that takes a session out of either stream, because it was removed.
    ///
    /// - Throws: `LimitError`.
    public static func removal(
        of session: PromptSessionID,
        at: Timestamp
    ) throws(LimitError) -> NewEvent {
        var fields = FieldWriter()
        fields.text(Tag.session, session.name)
        return try NewEvent(
            type: removedType,
            typeVersion: version,
            occurredAt: at,
            payload: fields.finish()
        )
    }

    /// Reads which session an event takes out of the list, if it is one that does.
    ///
    /// - Throws: `EventCodecError`.
    public static func removedSession(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> PromptSessionID? {
        let type = header.type(in: frame)
        guard type.hasSameBytes(as: removedType) else { return nil }
        guard header.typeVersion <= version else {
            throw .newerVersion(type: type, version: header.typeVersion)
        }
        let payload = frame.extracting(header.payloadRange)
        do throws(FieldFailure) {
            let name = try ItemFields(payload).text(Tag.session, payload)
            guard let session = try? PromptSessionID(name) else {
                throw FieldFailure(reason: "it names no session")
            }
            return session
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    /// Reads a stored link; nil for what may be passed over.
    ///
    /// - Throws: `EventCodecError`.
    public static func read(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(EventCodecError) -> PromptSessionLink? {
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
        do throws(FieldFailure) {
            return try PromptSessionLink(try ItemFields(payload), payload, header.occurredAt)
        } catch {
            throw .malformed(type: type, reason: error.reason)
        }
    }

    private init(
        _ fields: ItemFields,
        _ payload: RawSpan,
        _ openedAt: Timestamp
    ) throws(FieldFailure) {
        let session = try fields.text(Tag.session, payload)
        let prompt = try fields.text(Tag.prompt, payload)
        let user = try fields.text(Tag.user, payload)
        do throws(PromptEventError) {
            self.init(
                session: try PromptSessionID(session),
                owner: try PromptSessionOwner(prompt: prompt, user: user),
                openedAt: openedAt
            )
        } catch {
            throw FieldFailure(reason: error.description)
        }
    }
}
