public import CairnCore

/// One row of seed 004's `interactive_prompt_events`.
public struct PromptEvent: Hashable, Sendable {
    public let uid: PromptEventUID
    public let act: PromptAct
    public let promptTime: PromptTime
    /// `created_at`, which may run against the prompt time.
    public let createdAt: Timestamp
    /// What else the row of a table says that it was imported from.
    public let origin: RowOrigin?

    public init(
        uid: PromptEventUID,
        act: PromptAct,
        promptTime: PromptTime,
        createdAt: Timestamp,
        origin: RowOrigin? = nil
    ) {
        self.uid = uid
        self.act = act
        self.promptTime = promptTime
        self.createdAt = createdAt
        self.origin = origin
    }

    /// The event's place in the one order of prompt events.
    public var key: PromptEventKey { PromptEventKey(promptTime: promptTime, uid: uid) }
}

/// The order of prompt events: by prompt time, and at one time by uid.
///
/// The order in which events were stored is another one: participants of many years meet at one
/// prompt time.
public struct PromptEventKey: Hashable, Comparable, Sendable {
    public let promptTime: PromptTime
    public let uid: PromptEventUID

    public init(promptTime: PromptTime, uid: PromptEventUID) {
        self.promptTime = promptTime
        self.uid = uid
    }

    public static func < (left: PromptEventKey, right: PromptEventKey) -> Bool {
        if left.promptTime != right.promptTime { return left.promptTime < right.promptTime }
        return left.uid < right.uid
    }
}

/// The name of a session: one user's one passage through one prompt.
///
/// 1 to ``byteCountMax`` bytes of UTF-8, compared by bytes.
public struct PromptSessionID: Hashable, Sendable {
    /// Longest name in bytes.
    public static let byteCountMax = 400

    public let name: String

    /// Takes a name.
    ///
    /// - Throws: ``PromptEventError/sessionID(byteCount:)``.
    public init(_ name: String) throws(PromptEventError) {
        let count = name.utf8.count
        guard (1...Self.byteCountMax).contains(count) else { throw .sessionID(byteCount: count) }
        self.name = name
    }

    public static func == (left: PromptSessionID, right: PromptSessionID) -> Bool {
        left.name.hasSameBytes(as: right.name)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: name) }
}

extension PromptSessionID: CustomStringConvertible {
    public var description: String { name }
}

/// Which prompt a session goes through, and who does: what the source's sessions table says.
public struct PromptSessionOwner: Hashable, Sendable {
    public let prompt: String
    public let user: String

    /// Names both.
    ///
    /// - Throws: ``PromptEventError/emptyOwner``.
    public init(prompt: String, user: String) throws(PromptEventError) {
        guard !prompt.isEmpty, !user.isEmpty else { throw .emptyOwner }
        self.prompt = prompt
        self.user = user
    }

    public static func == (left: PromptSessionOwner, right: PromptSessionOwner) -> Bool {
        left.prompt.hasSameBytes(as: right.prompt) && left.user.hasSameBytes(as: right.user)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytesOf: prompt)
        hasher.combine(bytesOf: user)
    }
}
