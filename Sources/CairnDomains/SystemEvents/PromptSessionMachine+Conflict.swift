internal import CairnCore

extension PromptSessionMachine: ConflictTelling {
    /// What a refused command says of its conflict; statuses are the columns of
    /// `Specs/Machines/PromptSession.md`.
    ///
    /// None for a row that is kept and for a removal: those are refused nothing.
    public func conflict(
        of command: PromptSessionCommand,
        refusedFor rejection: PromptSessionRefusal,
        in state: PromptSessionState
    ) -> AtomicUpdateConflict? {
        let change: (operation: String, from: String?, to: String)
        switch command {
        case .open: change = ("open", nil, "opened")
        case .record(let event):
            switch event.act {
            case .join: change = ("join", nil, "joined")
            case .leave: change = ("leave", "joined", "left")
            case .like: change = ("like", "joined", "joined")
            case .numericResponse: change = ("numericResponse", "joined", "joined")
            case .pressStart: change = ("pressStart", "joined", "joined")
            case .pressEnd: change = ("pressEnd", "joined", "joined")
            case .colorResponse: change = ("colorResponse", "joined", "joined")
            case .wordResponse: change = ("wordResponse", "joined", "joined")
            }
        case .keep, .forget: return nil
        }
        return AtomicUpdateConflict(
            operation: change.operation,
            expectedStatus: change.from,
            actualStatus: state.status,
            newStatus: change.to,
            reason: reason(rejection)
        )
    }

    /// The refusal in words that name nobody: what is forgotten later stays in system events.
    private func reason(_ rejection: PromptSessionRefusal) -> String {
        switch rejection {
        case .otherOwner: "the session is another user's, or of another prompt"
        case .flaw, .removed: rejection.description
        }
    }
}

extension PromptSessionState {
    /// Where the session stands, in one word; nil where nothing of it was ever recorded.
    fileprivate var status: String? {
        if removal != nil { return "removed" }
        if leftAt != nil { return "left" }
        if joinedAt != nil { return "joined" }
        return isThere ? "opened" : nil
    }
}
