internal import CairnCore

extension PipelineBrief {
    /// What the rows of a stage leave to be tried again: what ``OpenRetries`` keeps of them.
    ///
    /// Only what nothing has closed: a row that is closed stays closed whatever comes, and so does
    /// every row before it.
    struct Tries: Hashable, Sendable {
        let stage: UInt32
        /// The last failed row.
        var failure: Attempt?
        /// The last `RETRY_SCHEDULED` that names a time.
        var plan: Attempt?

        /// The try that the stage waits for: when its last plan says, or else its open failure.
        var next: DueTry? {
            if let plan, let nextRetryAt = plan.nextRetryAt,
                failure.map({ $0.order < plan.order }) ?? true
            {
                return DueTry(position: (failure ?? plan).position, nextRetryAt: nextRetryAt)
            }
            guard let failure, let nextRetryAt = failure.nextRetryAt else { return nil }
            return DueTry(position: failure.position, nextRetryAt: nextRetryAt)
        }
    }

    /// A row that may lead to another try.
    struct Attempt: Hashable, Sendable {
        let order: StreamOrder
        let position: Position
        /// Nil where it leads to none.
        let nextRetryAt: Timestamp?
    }

    /// Takes a row into what is left to be tried again, after it was taken into its stage and
    /// among the ends.
    @inline(__always)
    mutating func takeTries(
        _ step: PipelineStep,
        at position: Position,
        _ place: StreamOrder,
        inStage name: UInt32,
        isEnd: Bool
    ) {
        switch step.status {
        case .started, .completed, .skipped:
            if !tries.isEmpty { closeTries(upTo: place) { $0 == name } }
        case .failed:
            let nextRetryAt = step.isRetryable ? step.nextRetryAt : nil
            let attempt = Attempt(order: place, position: position, nextRetryAt: nextRetryAt)
            put(attempt, inStage: name, \.failure)
        case .retryScheduled where step.nextRetryAt != nil:
            let attempt = Attempt(order: place, position: position, nextRetryAt: step.nextRetryAt)
            put(attempt, inStage: name, \.plan)
        // A plan without a time and a word that says nothing leave a stage as it was.
        case .retryScheduled, .other: break
        }
        if isEnd, !tries.isEmpty { closeTries(upTo: place) { _ in true } }
    }

    private mutating func put(
        _ attempt: Attempt,
        inStage name: UInt32,
        _ kind: WritableKeyPath<Tries, Attempt?>
    ) {
        if let end, attempt.order <= end { return }
        if let closing = stageIndex(of: name).flatMap({ stages[$0].closing }),
            attempt.order <= closing
        {
            return
        }
        let index = tries.place(of: name, by: \.stage)
        if index == tries.count || tries[index].stage != name {
            tries.insert(Tries(stage: name), at: index)
        }
        if let known = tries[index][keyPath: kind], attempt.order < known.order { return }
        tries[index][keyPath: kind] = attempt
    }

    /// Forgets the rows of some stages that are not behind a row that closes them.
    private mutating func closeTries(upTo order: StreamOrder, where isMeant: (UInt32) -> Bool) {
        for index in tries.indices where isMeant(tries[index].stage) {
            if let failure = tries[index].failure, failure.order <= order {
                tries[index].failure = nil
            }
            if let plan = tries[index].plan, plan.order <= order { tries[index].plan = nil }
        }
        tries.removeAll { $0.failure == nil && $0.plan == nil }
    }
}
