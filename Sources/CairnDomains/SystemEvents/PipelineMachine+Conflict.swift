internal import CairnCore

extension PipelineMachine {
    /// What a refused report says of its conflict.
    ///
    /// A conflict is a refusal for what the request already is. What a report itself lacks, or the
    /// definition does not list, is its sender's mistake and none.
    package func conflict(
        of command: PipelineCommand,
        refusedFor rejection: PipelineRejection,
        in state: PipelineState
    ) -> AtomicUpdateConflict? {
        let actual: PipelineStatus?
        var expected: PipelineStatus?
        switch rejection {
        case .notFailed, .notRetryable, .attemptsExhausted:
            (expected, actual) = (.failed, stageStatus(command, in: state))
        case .alreadyTerminal: (expected, actual) = (.failed, state.current?.status)
        case .tenantMismatch: actual = state.current?.status
        case .emptyTenant, .emptyStage, .unknownStage, .unknownEventType, .eventTypeNeeded,
            .sequenceNumbersExhausted:
            return nil
        }
        return AtomicUpdateConflict(
            operation: command.verb.rawValue,
            expectedStatus: expected?.word,
            actualStatus: actual?.word,
            newStatus: command.verb.status.word,
            reason: rejection.description
        )
    }

    /// What a report says of a conflict that the journal found, or a lease.
    package func conflict(
        of command: PipelineCommand,
        expected: PipelineStatus?,
        reason: String,
        in state: PipelineState
    ) -> AtomicUpdateConflict {
        AtomicUpdateConflict(
            operation: command.verb.rawValue,
            expectedStatus: expected?.word,
            actualStatus: stageStatus(command, in: state)?.word,
            newStatus: command.verb.status.word,
            reason: reason
        )
    }

    private func stageStatus(
        _ command: PipelineCommand,
        in state: PipelineState
    ) -> PipelineStatus? {
        state[stage: stageName(of: command.report.stage)]?.status
    }
}
