public import CairnCore

/// A session of a prompt: who goes through which prompt, and what they did there.
///
/// A session is joined once and left once; what comes after the leave event is refused, and so is
/// what comes after its removal. Rows of a table or a log are facts and are all taken: those that
/// a command would be refused for are anomalies. The transition table is
/// `Specs/Machines/PromptSession.md`; `PromptSessionTableTests` keeps the two equal.
public struct PromptSessionMachine: Machine {
    public static let streamKind = StreamKind("session")

    public init() {}

    /// The stream of a session.
    ///
    /// - Throws: Nothing in fact; a session's name keeps the limits.
    public static func stream(of session: PromptSessionID) throws(LimitError) -> StreamID {
        try StreamID(kind: streamKind, key: session.name)
    }

    public var initial: PromptSessionState { PromptSessionState() }

    public func decide(
        _ command: PromptSessionCommand,
        in state: PromptSessionState,
        context: TurnContext
    ) throws(PromptSessionRefusal) -> [PromptSessionFact] {
        switch command {
        case .open(let owner, let at):
            guard let known = state.owner else { return [.opened(owner, at: at)] }
            guard known == owner else { throw .otherOwner(known) }
            return []
        case .record(let event):
            if let removal = state.removal { throw .removed(at: removal.at) }
            if let flaw = state.flaw(of: event) { throw .flaw(flaw) }
            return [.happened(event)]
        case .keep(let event): return [.happened(event)]
        case .forget(let by, let reason):
            guard state.isThere else { return [] }
            return [.removed(Removal(.stream, at: context.now, by: by, reason: reason))]
        }
    }

    public func evolve(_ state: inout PromptSessionState, by event: PromptSessionFact) {
        switch event {
        case .opened(let owner, _):
            // The first one holds.
            if state.owner == nil { state.owner = owner } else { state.anomalyCount &+= 1 }
        case .happened(let event): state.take(event)
        case .removed(let removal): state.take(removal)
        }
    }
}

/// Something that is asked of a session.
public enum PromptSessionCommand: Hashable, Sendable {
    /// Say whose session it is, from an instant on.
    case open(PromptSessionOwner, at: Timestamp)
    /// Record what a participant does now.
    case record(PromptEvent)
    /// Take a row of imported history, whatever came before it.
    case keep(PromptEvent)
    /// Leave out from now on what is there; nothing happens where nothing is.
    case forget(by: String?, reason: String?)
}

/// What a session's stream holds.
public enum PromptSessionFact: Hashable, Sendable {
    case opened(PromptSessionOwner, at: Timestamp)
    case happened(PromptEvent)
    case removed(Removal)
}

/// What the events of a session amount to, in the order they were stored; what was removed is not
/// among them.
public struct PromptSessionState: Hashable, Sendable {
    public internal(set) var owner: PromptSessionOwner?
    /// The prompt time of the join event.
    public internal(set) var joinedAt: PromptTime?
    /// The prompt time of the leave event that ended the session.
    public internal(set) var leftAt: PromptTime?
    /// The largest prompt time that any event has.
    public internal(set) var lastAt: PromptTime?
    /// Prompt events, anomalies among them.
    public internal(set) var eventCount: UInt64 = 0
    /// Facts that came where they should not have (law 6).
    public internal(set) var anomalyCount: UInt64 = 0
    /// Prompt events that were removed.
    public internal(set) var removedCount: UInt64 = 0
    /// The last removal of the session, after which nothing is recorded in it any more.
    public internal(set) var removal: Removal?

    public init() {}

    /// Whether there is anything of it that was not removed.
    public var isThere: Bool { owner != nil || eventCount > 0 }

    /// What is wrong with an event as the next of the session; nil where nothing is.
    public func flaw(of event: PromptEvent) -> PromptSessionFlaw? {
        if let leftAt { return .ended(at: leftAt) }
        switch event.act {
        case .join: return joinedAt.map { .joinedBefore(at: $0) }
        case .leave:
            guard joinedAt != nil else { return .notJoined }
            guard let lastAt, event.promptTime < lastAt else { return nil }
            return .leftTooEarly(last: lastAt)
        case .like, .numericResponse, .pressStart, .pressEnd, .colorResponse, .wordResponse:
            return joinedAt == nil ? .notJoined : nil
        }
    }

    mutating func take(_ removal: Removal) {
        // A truncation has no place in a session's own stream, and covers nothing from there.
        guard removal.extent == .stream else {
            anomalyCount &+= 1
            return
        }
        let removedCount = self.removedCount &+ eventCount
        self = PromptSessionState()
        self.removedCount = removedCount
        self.removal = removal
    }

    mutating func take(_ event: PromptEvent) {
        eventCount &+= 1
        if flaw(of: event) != nil { anomalyCount &+= 1 }
        lastAt = max(lastAt ?? event.promptTime, event.promptTime)
        switch event.act {
        case .join: joinedAt = joinedAt ?? event.promptTime
        case .leave: leftAt = leftAt ?? event.promptTime
        case .like, .numericResponse, .pressStart, .pressEnd, .colorResponse, .wordResponse: break
        }
    }
}

/// Why an event does not follow from what its session holds.
public enum PromptSessionFlaw: Hashable, Sendable {
    /// The session was left.
    case ended(at: PromptTime)
    /// Nobody joined the session yet.
    case notJoined
    /// The session was joined already; who joins again begins another session.
    case joinedBefore(at: PromptTime)
    /// A leave event before the prompt time of another event of the session.
    case leftTooEarly(last: PromptTime)

    /// The flaw in one word.
    public var word: String {
        switch self {
        case .ended: "after_leave"
        case .notJoined: "not_joined"
        case .joinedBefore: "joined_before"
        case .leftTooEarly: "left_too_early"
        }
    }

    /// Whether an event with this flaw counts in what holds at a moment: all do but those after
    /// the leave event.
    public var counts: Bool {
        switch self {
        case .ended: false
        case .notJoined, .joinedBefore, .leftTooEarly: true
        }
    }
}

/// Why a command to a session is refused; nothing of it was recorded.
public enum PromptSessionRefusal: Error, Hashable, Sendable {
    case flaw(PromptSessionFlaw)
    /// The session is known as that of another user or prompt.
    case otherOwner(PromptSessionOwner)
    /// The session was removed, and its name is not used again.
    case removed(at: Timestamp)
}

extension PromptSessionRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .flaw(.ended(let time)): "the session was left at prompt time \(time)"
        case .flaw(.notJoined): "nobody has joined the session"
        case .flaw(.joinedBefore(let time)):
            "the session was joined at prompt time \(time) already"
        case .flaw(.leftTooEarly(let last)):
            "the session has an event at prompt time \(last), after this end"
        case .otherOwner(let owner):
            "the session is known as that of user '\(owner.user)' in prompt '\(owner.prompt)', and "
                + "now another owner is given"
        case .removed(let at): "the session was removed at \(at)"
        }
    }
}
