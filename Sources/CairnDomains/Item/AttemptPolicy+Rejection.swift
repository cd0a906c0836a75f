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
        do throws(Exhausted) { rejection.retryAt = try nextRetry(in: state, context) } catch {
            rejection.givenUp = error.bound
        }
        return rejection
    }

    /// When an item is tried again after its last attempt failed.
    ///
    /// - Returns: The instant; nil where a bound is reached.
    func retryAt(in state: ItemState, _ context: TurnContext) -> Timestamp? {
        try? nextRetry(in: state, context)
    }

    private func nextRetry(
        in state: ItemState,
        _ context: TurnContext
    ) throws(Exhausted) -> Timestamp {
        let number = state.current?.number ?? 1
        guard number < retry.attemptCountMax else { throw Exhausted(bound: .attempts) }
        let retryAt = context.clockNow.adding(retry.delay(afterAttempt: number, seed: context.seed))
        // The age of an imported row is not time that this item was tried for.
        let sent = state.attempts.dropFirst(state.imported?.attemptCount ?? 0).first
        // Nor is what a person takes to decide, who may have let it be tried again.
        let isDecided = state.current?.settlement?.source == .person
        if let durationMax, let sent, !isDecided, retryAt > sent.beganAt.adding(durationMax) {
            throw Exhausted(bound: .duration)
        }
        return retryAt
    }
}

/// No further attempt is made.
private struct Exhausted: Error {
    let bound: ItemRejection.GivingUp
}
