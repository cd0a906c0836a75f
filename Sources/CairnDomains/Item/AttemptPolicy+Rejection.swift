internal import CairnCore

extension AttemptPolicy {
    /// What becomes of an item after a failure that is known.
    func rejection(
        _ source: ItemRejection.Source,
        isFinal: Bool,
        reason: String,
        in state: ItemState,
        _ context: TurnContext
    ) -> ItemRejection {
        var rejection = ItemRejection(source: source, isFinal: isFinal, reason: reason)
        guard !isFinal else { return rejection }
        let number = state.current?.number ?? 1
        guard number < retry.attemptCountMax else {
            rejection.givenUp = .attempts
            return rejection
        }
        let retryAt = context.clockNow.adding(retry.delay(afterAttempt: number, seed: context.seed))
        // The age of an imported row is not time that this item was tried for.
        let sent = state.attempts.dropFirst(state.imported?.attemptCount ?? 0).first
        if let durationMax, let beganAt = sent?.beganAt ?? state.beganAt,
            retryAt > beganAt.adding(durationMax)
        {
            rejection.givenUp = .duration
            return rejection
        }
        rejection.retryAt = retryAt
        return rejection
    }
}
