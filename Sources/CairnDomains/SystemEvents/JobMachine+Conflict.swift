internal import CairnCore

extension JobMachine: ConflictTelling {
    /// What a refused command says of its conflict; statuses are the words of listings.
    public func conflict(
        of command: JobCommand,
        refusedFor rejection: JobRefusal,
        in state: JobState
    ) -> AtomicUpdateConflict? {
        let actual: String
        switch rejection {
        case .cancelled: actual = "cancelled"
        case .noSuchRun: actual = "ended"
        case .unknown, .nameCollision: return nil
        }
        let change: (operation: String, from: String?, to: String)
        switch command {
        case .beginRun: change = ("beginRun", nil, "running")
        case .endRun: change = ("endRun", "running", "ended")
        case .settleBlock: change = ("settleBlock", "running", "running")
        case .pause: change = ("pause", "running", "paused")
        case .resume: change = ("resume", "paused", "running")
        case .cancel: change = ("cancel", "running", "cancelled")
        }
        return AtomicUpdateConflict(
            operation: change.operation,
            expectedStatus: change.from,
            actualStatus: actual,
            newStatus: change.to,
            reason: rejection.description
        )
    }
}
