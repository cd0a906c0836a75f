internal import CairnCore

extension ItemMachine: ConflictTelling {
    /// What a refused command says of its conflict; statuses are the words of verdicts.
    ///
    /// None for a beginning: there a refusal is the skip rule's answer, which is how a key keeps
    /// what is done from being done again. None where nothing of the name exists, nor for code
    /// that meets other steps than before: those are no races about a status.
    public func conflict(
        of command: ItemCommand,
        refusedFor rejection: ItemRefusal,
        in state: ItemState
    ) -> AtomicUpdateConflict? {
        switch rejection {
        case .verdict, .fenced, .notOpen, .notInDoubt: break
        case .keyCollision, .stepMismatch, .notInSteps, .otherWay, .workerLeft, .unknown:
            return nil
        }
        guard let change = command.change else { return nil }
        return AtomicUpdateConflict(
            operation: change.operation,
            expectedStatus: change.from,
            actualStatus: state.verdict().word,
            newStatus: change.to,
            reason: rejection.description
        )
    }
}

extension ItemCommand {
    /// A change of verdict as a command means it.
    fileprivate struct Change {
        let operation: String
        let from: String
        let to: String
    }

    /// From which verdict to which one the command leads; nil for one that no verdict refuses but
    /// by its rule.
    fileprivate var change: Change? {
        switch self {
        case .begin, .receive, .planRetry: nil
        case .resume: Change(operation: "resume", from: "in_doubt", to: "in_flight")
        case .accept: Change(operation: "accept", from: "in_flight", to: "done")
        case .reject(_, let isFinal, _, _):
            Change(
                operation: "reject",
                from: "in_flight",
                to: isFinal ? "failed_final" : "failed_retryable"
            )
        case .doubt: Change(operation: "doubt", from: "in_flight", to: "in_doubt")
        case .release: Change(operation: "release", from: "in_flight", to: "failed_retryable")
        case .noteLoss: Change(operation: "noteLoss", from: "in_flight", to: "in_doubt")
        case .settle(let settlement):
            Change(operation: "settle", from: "in_doubt", to: settlement.verdict.word)
        case .beginStep: Change(operation: "beginStep", from: "in_flight", to: "in_flight")
        case .endStep: Change(operation: "endStep", from: "in_flight", to: "in_flight")
        case .failStep: Change(operation: "failStep", from: "in_flight", to: "in_flight")
        case .setTimer: Change(operation: "setTimer", from: "in_flight", to: "in_flight")
        case .note: Change(operation: "note", from: "fresh", to: "done")
        }
    }
}

extension ItemSettlement.Verdict {
    fileprivate var word: String {
        switch self {
        case .sent: "done"
        case .failed: "failed_retryable"
        case .failedFinal: "failed_final"
        }
    }
}
