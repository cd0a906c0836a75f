public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal

/// Where what participants of prompts do is recorded (seed 004).
///
/// Each call is one turn and durable when it returns. A call that may be repeated names a uid: the
/// same event under it is taken once, also after its session has ended. What the session refuses is
/// recorded as the system event `atomic_update.conflict`, and nothing else of the call is.
public struct PromptSessions: Sendable {
    /// Where the events stand.
    public let journal: any Journal
    private let clock: ServiceClock
    private let random: @Sendable () -> UInt64

    /// Records into a journal.
    ///
    /// - Parameters:
    ///   - journal: Where the events go.
    ///   - clock: What `created_at` is taken from.
    ///   - random: Where the uids of events come from that the caller gives none.
    public init(
        journal: any Journal,
        clock: ServiceClock = .system,
        random: @escaping @Sendable () -> UInt64 = { .random(in: .min ... .max) }
    ) {
        self.journal = journal
        self.clock = clock
        self.random = random
    }

    /// Records that a user joins a prompt, which begins the session.
    ///
    /// - Parameters:
    ///   - session: The session, which nobody has joined yet.
    ///   - owner: The prompt and the user.
    ///   - time: The prompt time.
    ///   - uid: The event's own name, for a call that may be repeated; nil for a new one.
    /// - Returns: The event and where it stands.
    /// - Throws: ``PromptSessionsError``, as all of these do.
    @discardableResult
    public func join(
        _ session: PromptSessionID,
        of owner: PromptSessionOwner,
        at time: PromptTime = .zero,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.join, in: session, of: owner, at: time, uid: uid)
    }

    /// Records that the user leaves, which ends the session.
    @discardableResult
    public func leave(
        _ session: PromptSessionID,
        at time: PromptTime,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.leave, in: session, at: time, uid: uid)
    }

    /// Records a like.
    @discardableResult
    public func like(
        _ session: PromptSessionID,
        at time: PromptTime,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.like, in: session, at: time, uid: uid)
    }

    /// Records the answer to a numeric prompt; it takes the place of an earlier one.
    @discardableResult
    public func numericResponse(
        _ session: PromptSessionID,
        rating: Int64,
        at time: PromptTime,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.numericResponse(rating: rating), in: session, at: time, uid: uid)
    }

    /// Records that the user begins to press.
    @discardableResult
    public func pressStart(
        _ session: PromptSessionID,
        at time: PromptTime,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.pressStart, in: session, at: time, uid: uid)
    }

    /// Records that the user presses no more.
    @discardableResult
    public func pressEnd(
        _ session: PromptSessionID,
        at time: PromptTime,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.pressEnd, in: session, at: time, uid: uid)
    }

    /// Records the answer to a color prompt; it takes the place of an earlier one.
    @discardableResult
    public func colorResponse(
        _ session: PromptSessionID,
        _ choice: PromptChoice,
        at time: PromptTime,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.colorResponse(choice), in: session, at: time, uid: uid)
    }

    /// Records the answer to a word prompt; it takes the place of an earlier one.
    @discardableResult
    public func wordResponse(
        _ session: PromptSessionID,
        _ choice: PromptChoice,
        at time: PromptTime,
        uid: PromptEventUID? = nil
    ) async throws(PromptSessionsError) -> PromptReceipt {
        try await record(.wordResponse(choice), in: session, at: time, uid: uid)
    }

    private func record(
        _ act: PromptAct,
        in session: PromptSessionID,
        of owner: PromptSessionOwner? = nil,
        at time: PromptTime,
        uid: PromptEventUID?
    ) async throws(PromptSessionsError) -> PromptReceipt {
        let event = PromptEvent(
            uid: uid ?? PromptEventUID(high: random(), low: random()),
            act: act,
            promptTime: time,
            createdAt: clock.now()
        )
        let turn = PromptSessionTurn(session: session, owner: owner, event: event)
        do throws(EngineError<PromptSessionRefusal>) {
            return try await journal.engineTurn { scope throws(EngineError<PromptSessionRefusal>) in
                let receipt = try turn.recordTellingConflicts(in: scope)
                return PromptReceipt(event: event, receipt: receipt)
            }
        } catch {
            throw PromptSessionsError(error)
        }
    }
}

/// An event that is in the journal.
public struct PromptReceipt: Hashable, Sendable {
    /// The event as this call gave it; of a repetition, `created_at` is that of the repetition.
    public let event: PromptEvent
    public let receipt: Receipt
}

/// Why a prompt event was not recorded.
public enum PromptSessionsError: Error, Hashable, Sendable {
    /// The session does not take it; only that is recorded, as `atomic_update.conflict`.
    case refused(PromptSessionRefusal)
    /// The journal refuses it, or failed.
    case journal(JournalError)
    /// A stored event of the session cannot be read.
    case unreadable(position: Position, EventCodecError)

    init(_ error: EngineError<PromptSessionRefusal>) {
        switch error {
        case .refused(let refusal): self = .refused(refusal)
        case .journal(let error): self = .journal(error)
        case .unreadable(let position, let error): self = .unreadable(position: position, error)
        }
    }
}

extension PromptSessionsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        }
    }
}
