public import CairnCore

/// What a run does next about an item.
///
/// A run does what it says and a dry run shows what it says: there is no second place in which
/// that is decided. The writer's own check of each command, ``ItemMachine``, holds beside it.
public enum ItemDecision: Hashable, Sendable {
    /// Begin an attempt at once, or go on with one that was given back between two steps.
    case begin
    /// Begin the next attempt after a failure, at an instant; nil for one that is still to be
    /// chosen and written down.
    case retry(reason: String, at: Timestamp?)
    /// Go on with the attempt under a new fence: with its steps, or by sending once more under
    /// its provider key.
    case goOn(ItemBeginning.Cause)
    /// Nothing: the provider has it.
    case done(ItemAcceptance)
    /// Nothing: it failed for good.
    case failed(reason: String)
    /// Nothing: it failed for now, and no attempt is left or no time for one.
    case giveUp(reason: String)
    /// Nothing: it failed for now, and the rule tries no failure again.
    case skip(reason: String)
    /// Wait as long as the holder lives, which its lock tells.
    case wait(WorkerNumber, until: BootInstant)
    /// Write down that the holder is gone, and decide anew.
    case noteLoss
    /// Wait for a report of the provider until an instant.
    case awaitReport(ItemDoubt, since: Timestamp, until: Timestamp)
    /// Ask the provider whether it has it.
    case ask(ItemDoubt, since: Timestamp)
    /// Leave it in doubt, for a person.
    case park(ItemDoubt, since: Timestamp)
    /// Write down that no rule goes on with it, and leave it to a person.
    case setAside(ItemSetAside, ItemBeginning.Cause)
    /// Leave it to code that works in steps, or to code that does not, as what began it.
    case otherWay(isStepwise: Bool)
    /// Nothing: the key stands for something else.
    case conflict(stored: ContentDigest, given: ContentDigest)
}

extension ItemState {
    /// What a run does next about the item.
    ///
    /// - Parameters:
    ///   - content: What the run has under the item's key; nil to decide without comparing.
    ///   - rule: How the run treats items.
    ///   - isHolderGone: Whether the lock of the current attempt's worker was seen to be free.
    ///   - now: The instant by the clock.
    /// - Returns: The decision.
    public func decision(
        for content: ContentDigest? = nil,
        under rule: ItemRule,
        isHolderGone: Bool = false,
        at now: Timestamp
    ) -> ItemDecision {
        let verdict = verdict(for: content)
        switch verdict {
        case .fresh: return .begin
        case .done(let acceptance): return .done(acceptance)
        case .conflict(let stored, let given): return .conflict(stored: stored, given: given)
        case .failedFinal(let reason):
            return rule.skip.allowsAttempt(after: verdict) ? .begin : .failed(reason: reason)
        case .failedRetryable(let reason, let retryAt):
            // It goes on and does not begin anew, whatever the rule says of that.
            if isReleased { return .begin }
            guard rule.skip.allowsAttempt(after: verdict) else { return .skip(reason: reason) }
            // What was written down with a failure holds, whatever another rule would have said.
            let isLeft =
                retryAt != nil || rule.attempts.retryAt(in: self, TurnContext(now: now)) != nil
            return isLeft ? .retry(reason: reason, at: retryAt) : .giveUp(reason: reason)
        case .inFlight(let worker, let until):
            guard isHolderGone else { return .wait(worker, until: until) }
            return isStepwise ? goingOn(.steps, under: rule, at: now) : .noteLoss
        case .inDoubt(let doubt, let since):
            return decision(in: doubt, since: since, under: rule, at: now)
        }
    }

    private func decision(
        in doubt: ItemDoubt,
        since: Timestamp,
        under rule: ItemRule,
        at now: Timestamp
    ) -> ItemDecision {
        let parked = ItemDecision.park(doubt, since: since)
        guard setAside == nil else { return parked }
        if isStepwise {
            // A step that its own policy parked stays so; a lost holder's steps are looked at.
            return doubt.cause == .holderGone ? goingOn(.steps, under: rule, at: now) : parked
        }
        switch rule.doubt {
        case .park: return parked
        case .dedupByKey: return goingOn(.dedup, under: rule, at: now)
        case .ask: return .ask(doubt, since: since)
        case .awaitCallback(let span):
            let until = since.adding(span)
            return now < until ? .awaitReport(doubt, since: since, until: until) : parked
        }
    }

    /// What becomes of an attempt that is to be gone on with.
    ///
    /// - Parameters:
    ///   - cause: Why.
    ///   - rule: How the run treats items.
    ///   - now: The instant by the clock.
    /// - Returns: The decision: going on, setting aside, or leaving it to other code.
    package func goingOn(
        _ cause: ItemBeginning.Cause,
        under rule: ItemRule,
        at now: Timestamp
    ) -> ItemDecision {
        if let worksInSteps = rule.worksInSteps, worksInSteps != isStepwise {
            return .otherWay(isStepwise: isStepwise)
        }
        return reasonToSetAside(before: cause, rule.bounds, at: now)
            .map { .setAside($0, cause) } ?? .goOn(cause)
    }

    /// Which bound keeps the current attempt from being gone on with; nil for none.
    func reasonToSetAside(
        before cause: ItemBeginning.Cause,
        _ bounds: ResumeBounds,
        at now: Timestamp
    ) -> ItemSetAside? {
        // A loss that was written down as a doubt is counted; this one will be by what follows.
        let lossCount = lossCount &+ (isLost(at: now) ? 1 : 0)
        guard lossCount < bounds.lossCountMax else { return .losses(lossCount) }
        let resendCount = current?.resendCount ?? 0
        guard resendCount + 1 < bounds.resendCountMax || cause == .steps else {
            return .resends(resendCount + 1)
        }
        return nil
    }

    /// Whether going on with the item means that a holder was lost at it.
    func isLost(at now: Timestamp) -> Bool {
        guard case .open = current?.standing else { return false }
        // Nothing was at work while the item slept, so it has lost nobody.
        return !isAsleep(at: now)
    }
}
