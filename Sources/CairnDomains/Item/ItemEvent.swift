public import CairnCore

/// Something that happened to an item; the facts of law 5 in the order they became known.
public struct ItemEvent: Hashable, Sendable {
    /// When it happened: the instant of the turn that decided it.
    public let at: Timestamp
    public let fact: Fact

    public init(_ fact: Fact, at: Timestamp) {
        self.fact = fact
        self.at = at
    }

    /// What happened.
    public enum Fact: Hashable, Sendable {
        /// The intent: a holder may send from now on.
        case began(ItemBeginning)
        /// The outcome: the provider took it.
        case accepted(ItemAcceptance)
        /// The outcome: it is known not to have happened.
        case rejected(ItemRejection)
        /// Nobody knows whether it happened.
        case doubted(ItemDoubt)
        /// Its holder gave it back between two steps, to be gone on with by another.
        case released
        /// Someone decided what a doubt amounts to.
        case settled(ItemSettlement)
        /// When a failure is tried again that became known without its policy at hand: by a late
        /// answer, a report or a person.
        case retryPlanned(Timestamp)
        /// No policy goes on with it; a person decides.
        case setAside(ItemSetAside)
        /// The provider reported on it.
        case calledBack(InteractionCallback)
        /// A step's intent.
        case stepBegan(ItemStepMark)
        /// A step's result, to be returned whenever the step is met again.
        case stepEnded(ItemStepEnd)
        /// A step is known not to have happened and may be tried again.
        case stepFailed(ItemStepFailure)
        /// A wait that survives restarts.
        case timerSet(ItemTimer)
        /// A note by hand: the whole of an interaction that nothing was sent for.
        case noted(InteractionMessage)
        /// A row of the source's table.
        case imported(ImportedInteraction)
    }
}

/// An intent, and who holds it.
public struct ItemBeginning: Hashable, Sendable {
    /// Why the right to send was given.
    public enum Cause: UInt8, Hashable, Sendable, CaseIterable {
        /// A new attempt: the first, or one after a failure that is known.
        case attempt = 1
        /// The same attempt once more, because the provider ignores repeats of its key.
        case dedup
        /// The same attempt once more, because it was found not to have happened.
        case notSent
        /// The same attempt once more: it does its outside work in steps, and goes on with them.
        case steps
    }

    public var attempt: Int64
    public var cause: Cause
    /// The worker, whose lock tells whether it lives.
    public var worker: WorkerNumber
    /// Until when the holder expects to be done.
    public var leaseEnd: BootInstant
    /// The holder before was gone without an outcome.
    public var followsLoss: Bool
    /// What is to be done; in the stream's first event only.
    public var request: ItemRequest?
}

/// An outcome: the provider has taken what was sent.
public struct ItemAcceptance: Hashable, Sendable {
    public var provider: String?
    /// `provider_reference`: the provider's own name of it.
    public var providerReference: String?
    /// `notify_reference`.
    public var notifyReference: String?
    /// `body_content`: what was sent.
    public var body: String?
    /// JSON text in UTF-8, kept byte for byte; a further part of `meta_data`.
    public var metadata: [UInt8]?

    public init(
        provider: String? = nil,
        providerReference: String? = nil,
        notifyReference: String? = nil,
        body: String? = nil,
        metadata: [UInt8]? = nil
    ) {
        self.provider = provider
        self.providerReference = providerReference
        self.notifyReference = notifyReference
        self.body = body
        self.metadata = metadata
    }
}

/// An outcome: it is known that nothing was sent.
public struct ItemRejection: Hashable, Sendable {
    /// How it is known.
    public enum Source: UInt8, Hashable, Sendable, CaseIterable {
        /// The provider said no.
        case provider = 1
        /// The sender stopped before it sent anything.
        case sender
        /// A step-wise attempt ended with an error, and each of its steps is known.
        case steps
    }

    public var source: Source
    /// The provider will never take it.
    public var isFinal: Bool
    public var reason: String
    /// When it is to be tried again; nil where it is not.
    public var retryAt: Timestamp?
    /// Why it is not tried again although the failure is not final.
    public var givenUp: GivingUp?

    public init(
        source: Source,
        isFinal: Bool,
        reason: String,
        retryAt: Timestamp? = nil,
        givenUp: GivingUp? = nil
    ) {
        self.source = source
        self.isFinal = isFinal
        self.reason = reason
        self.retryAt = retryAt
        self.givenUp = givenUp
    }

    /// Whether nobody has said yet whether it is tried again.
    var isOpen: Bool { !isFinal && retryAt == nil && givenUp == nil }

    /// Which bound of the policy was reached.
    public enum GivingUp: UInt8, Hashable, Sendable, CaseIterable {
        case attempts = 1
        case duration
    }
}

/// Nobody knows whether it was sent.
public struct ItemDoubt: Hashable, Sendable {
    /// Why nobody knows.
    public enum Cause: UInt8, Hashable, Sendable, CaseIterable {
        /// The holder's process ended between intent and outcome.
        case holderGone = 1
        /// The sender threw something that does not say that nothing was sent.
        case error
        /// The sender took longer than it was given.
        case timeout
        /// The sender was cancelled.
        case cancelled
        /// A step of it is in doubt.
        case step
        /// A repeat was not taken, and a send before it under the same key may have been.
        case repeated
    }

    public var cause: Cause
    /// What the error said.
    public var detail: String?

    public init(_ cause: Cause, detail: String? = nil) {
        self.cause = cause
        self.detail = detail
    }

    /// Whether the sender may be at it still.
    var mayRunOn: Bool { cause == .timeout || cause == .step }

    /// Whether it says that the sender is at it no more.
    var hasEnded: Bool { cause == .error || cause == .cancelled || cause == .repeated }
}

/// What a doubt was decided to be, and by whom.
public struct ItemSettlement: Hashable, Sendable {
    /// What the doubt was decided to be.
    public enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
        case sent = 1
        /// It did not happen, and may be tried again.
        case failed
        /// It did not happen, and is not to be tried again.
        case failedFinal
    }

    /// Who decided, or how.
    public enum Source: UInt8, Hashable, Sendable, CaseIterable {
        /// The provider was asked.
        case ask = 1
        /// A person decided.
        case person
        /// The send's own answer came after all.
        case lateReply
        /// The sender said, after its time, that it had sent nothing.
        case sender
    }

    public var verdict: Verdict
    public var source: Source
    /// The person, or the policy.
    public var by: String
    public var reason: String?
    /// What the provider told of it, where it was sent.
    public var acceptance: ItemAcceptance?

    public init(
        _ verdict: Verdict,
        source: Source,
        by: String,
        reason: String? = nil,
        acceptance: ItemAcceptance? = nil
    ) {
        self.verdict = verdict
        self.source = source
        self.by = by
        self.reason = reason
        self.acceptance = acceptance
    }
}

/// Why no policy goes on with an item.
public enum ItemSetAside: Hashable, Sendable {
    /// Its holders ended that many times while they had it.
    case losses(Int64)
    /// Its doubt led to that many sends under one key, and none of them had an answer.
    case resends(Int64)
}
