public import CairnCore

/// What a key stands at: exactly one of seven (the skip rule of seed 001, made whole).
public enum KeyVerdict: Hashable, Sendable {
    /// Nothing was ever begun under the key.
    case fresh
    /// The provider took it.
    case done(ItemAcceptance)
    /// A holder may be sending, and expects to be done by an instant of the boot clock.
    case inFlight(worker: WorkerNumber, until: BootInstant)
    /// It may have been sent or not.
    case inDoubt(ItemDoubt, since: Timestamp)
    /// It failed for now; the instant at which it is tried again, as soon as a policy has said
    /// when.
    case failedRetryable(reason: String, retryAt: Timestamp?)
    /// It failed and nothing tries again by itself.
    case failedFinal(reason: String)
    /// The key stands for something else.
    case conflict(stored: ContentDigest, given: ContentDigest)

    /// The verdict in one word, as every listing shows it.
    public var word: String {
        switch self {
        case .fresh: "fresh"
        case .done: "done"
        case .inFlight: "in_flight"
        case .inDoubt: "in_doubt"
        case .failedRetryable: "failed_retryable"
        case .failedFinal: "failed_final"
        case .conflict: "conflict"
        }
    }

    var isConflict: Bool {
        if case .conflict = self { true } else { false }
    }

    /// The words of all verdicts.
    public static let words = [
        "fresh", "done", "in_flight", "in_doubt", "failed_retryable", "failed_final", "conflict",
    ]
}

/// When an item is sent under a key that is known: the source's three wordings, and ours.
///
/// None of them sends while an earlier send may have happened (law 5).
public enum SkipRule: String, Hashable, Sendable, CaseIterable {
    /// Send when fresh or failed for now; skip when done or failed for good.
    case standard
    /// "Skips if idempotency_key exists": send when fresh, and never again.
    case ifKeyExists = "if_key_exists"
    /// "Logic skips if sent or delivered exists", and "an existing record with a non-failed
    /// status": send when fresh or failed in whatever way.
    case unlessFailed = "unless_failed"

    /// Whether a verdict lets a new attempt begin.
    public func allowsAttempt(after verdict: KeyVerdict) -> Bool {
        switch verdict {
        case .fresh: true
        case .failedRetryable: self != .ifKeyExists
        case .failedFinal: self == .unlessFailed
        case .done, .inFlight, .inDoubt, .conflict: false
        }
    }
}

extension ItemState {
    /// What the item's key stands at.
    ///
    /// - Parameters:
    ///   - content: What the caller would do under the key; nil to ask without comparing.
    ///   - isHolderGone: Whether the lock of the current attempt's worker was seen to be free.
    ///     Machines cannot see it; without it an intent without an outcome counts as in flight.
    /// - Returns: The verdict: done as soon as any attempt was taken and has not failed.
    public func verdict(
        for content: ContentDigest? = nil,
        isHolderGone: Bool = false
    ) -> KeyVerdict {
        if !hasUnknownContent, let stored = request?.content, let content, stored != content {
            return .conflict(stored: stored, given: content)
        }
        if isNote { return .done(ItemAcceptance()) }
        guard let current else { return .fresh }
        if let taken = attempts.last(where: { isTaken($0) }) {
            return .done(taken.acceptance ?? ItemAcceptance())
        }
        switch current.standing {
        case .open where isHolderGone && !isBetweenSteps:
            return .inDoubt(ItemDoubt(.holderGone), since: current.beganAt)
        case .open: return .inFlight(worker: current.worker, until: current.leaseEnd)
        case .doubted(let doubt, let since): return .inDoubt(doubt, since: since)
        case .rejected(let rejection):
            if rejection.isFinal || rejection.givenUp != nil {
                return .failedFinal(reason: rejection.reason)
            }
            return .failedRetryable(
                reason: rejection.reason,
                retryAt: rejection.retryAt ?? current.plannedRetry
            )
        case .released:
            return .failedRetryable(reason: "its holder gave it back", retryAt: nil)
        case .accepted:
            return current.facts.isFailureFinal
                ? .failedFinal(reason: "the provider reported a final failure")
                : .failedRetryable(
                    reason: "the provider reported a failure",
                    retryAt: current.plannedRetry
                )
        }
    }

    /// Whether the item does its work in steps and none of them is begun and not ended.
    package var isBetweenSteps: Bool {
        isStepwise && !hasOpenStep
    }

    /// Whether a step is begun and not ended.
    package var hasOpenStep: Bool {
        steps.contains { step in
            if case .open = step.standing { true } else { false }
        }
    }
}

extension ItemState {
    /// Whether the provider has what an attempt sent and has not reported that it failed.
    func isTaken(_ attempt: ItemAttempt) -> Bool {
        if attempt.facts.status == .failed { return false }
        switch attempt.standing {
        case .accepted: return true
        // A report about one step says nothing of those that are still to come.
        case .open, .doubted, .rejected, .released:
            return attempt.facts.status != nil && !isStepwise
        }
    }

    /// Whether the provider has the item and has not said that it failed; a note is done.
    package var isDone: Bool { isNote || attempts.contains { isTaken($0) } }

    /// Whether the last attempt's outcome is not known and no earlier one arrived.
    package var mayBeOnItsWay: Bool {
        guard let current, !isDone else { return false }
        return switch current.standing {
        case .open, .doubted: true
        case .accepted, .rejected, .released: false
        }
    }
}
