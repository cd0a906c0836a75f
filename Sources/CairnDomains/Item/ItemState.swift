public import CairnCore

/// What the events of an item amount to.
public struct ItemState: Hashable, Sendable {
    /// What is to be done; nil before the first event.
    public internal(set) var request: ItemRequest?
    /// When the first event happened.
    public internal(set) var beganAt: Timestamp?
    public internal(set) var attempts: [ItemAttempt] = []
    /// The steps and timers of the item, in the order they were first met, for all its attempts.
    public internal(set) var steps = ItemSteps()
    /// How often a holder was gone without an outcome.
    public internal(set) var lossCount: Int64 = 0
    public internal(set) var setAside: ItemSetAside?
    /// A note by hand is an interaction that nothing was sent for.
    public internal(set) var isNote = false
    /// The row of the source's table that the item came from; nil for one of our own.
    public internal(set) var imported: ImportedInteraction?
    /// Whether nobody has said yet what was asked for under the key, as a row does not.
    public internal(set) var hasUnknownContent = false
    /// Reports that fit no attempt.
    public internal(set) var strayCallbackCount: UInt64 = 0
    /// Facts that came where they should not have (law 6): kept, and of effect only where they
    /// say that something may have been sent.
    public internal(set) var anomalyCount: UInt64 = 0
    public internal(set) var eventCount: UInt64 = 0

    public init() {}

    /// The attempt that counts; nil before the first.
    public var current: ItemAttempt? { attempts.last }

    /// Whether the item does its outside work in steps, which know of themselves what was done.
    ///
    /// Whoever began it said so. That it has steps would not do: it may have sent before them.
    public var isStepwise: Bool { request?.worksInSteps ?? false }

    /// The status of seed 001: the best that any attempt came to.
    ///
    /// Between attempts FAILED < SENT < DELIVERED < OPENED: a failure is made good by the attempt
    /// that follows it. A note counts as sent.
    public var status: InteractionStatus? {
        if isNote { return .sent }
        return attempts.compactMap(\.status).max { Self.rank($0) < Self.rank($1) }
    }

    private static func rank(_ status: InteractionStatus) -> Int {
        switch status {
        case .failed: 0
        case .sent: 1
        case .delivered: 2
        case .opened: 3
        }
    }
}

/// One try at an item.
public struct ItemAttempt: Hashable, Sendable {
    public internal(set) var number: Int64
    /// The sequence of the event that gave the right to send: what a holder's writes are checked
    /// by, so that those of a holder before it fail.
    public internal(set) var fence: SequenceNumber
    public internal(set) var worker: WorkerNumber
    public internal(set) var leaseEnd: BootInstant
    public internal(set) var beganAt: Timestamp
    /// How often it was sent again under the same provider key.
    public internal(set) var resendCount: Int64 = 0
    /// Whether it was sent again while an earlier send under its key might have arrived: what is
    /// known of the repeat alone says nothing of that one.
    public internal(set) var mayHaveArrived = false
    public internal(set) var standing: Standing
    /// The worker of each send under the attempt's key that was in doubt while it ran, out of its
    /// time or beside a step in doubt, and has not ended since, as far as is known: while that
    /// worker lives, it may still arrive.
    public internal(set) var laggards: [WorkerNumber] = []
    /// What was learned from the provider, by its answer or later.
    public internal(set) var facts = CallbackFacts()
    public internal(set) var acceptance: ItemAcceptance?
    /// Who decided a doubt about it, if there was one.
    public internal(set) var settlement: ItemSettlement?
    /// When it is tried again, where that was not said with its failure.
    public internal(set) var plannedRetry: Timestamp?

    /// Where an attempt stands between its intent and its end.
    public enum Standing: Hashable, Sendable {
        /// Its holder may be sending.
        case open
        case accepted
        case rejected(ItemRejection)
        /// Given back by its holder between two steps.
        case released
        /// Nobody knows, since an instant.
        case doubted(ItemDoubt, since: Timestamp)
    }

    /// The status that this attempt alone has; nil while nothing is known.
    public var status: InteractionStatus? {
        if let status = facts.status { return status }
        // It is known that nothing was sent, or somebody decided so.
        if case .rejected = standing { return .failed }
        return nil
    }
}

/// A step or a timer of an item.
public struct ItemStep: Hashable, Sendable {
    public internal(set) var name: String
    public internal(set) var standing: Standing

    /// Where a step stands.
    public enum Standing: Hashable, Sendable {
        /// Its holder, known by its fence, may be at it.
        case open(fence: SequenceNumber)
        case done(result: [UInt8])
        case failed(reason: String)
        case timer(ItemTimer)
    }
}
