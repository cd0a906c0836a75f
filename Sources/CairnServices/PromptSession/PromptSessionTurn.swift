internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// One event's turn: an event whose uid is known was taken before, and is not decided again.
struct PromptSessionTurn: Sendable {
    typealias Failure = EngineError<PromptSessionRefusal>

    let session: PromptSessionID
    let owner: PromptSessionOwner?
    let event: PromptEvent

    /// Records the event in the session as the journal holds it; a refusal is recorded in the same
    /// batch as `atomic_update.conflict`, and thrown.
    ///
    /// - Complexity: One pass over the session's events.
    func recordTellingConflicts(in scope: any TurnScope) throws(Failure) -> Receipt {
        let fold = try fold()
        var folded = fold.start
        let command = PromptSessionCommand.record(event)
        do throws(Failure) {
            return try run(command, fold, on: &folded, in: scope)
        } catch .refused(let refusal) {
            let conflict = fold.machine.conflict(
                of: command,
                refusedFor: refusal,
                in: folded.state
            )
            do throws(JournalError) {
                if let conflict { try scope.record(conflict, of: fold.stream) }
            } catch {
                throw .journal(error)
            }
            throw .refused(refusal)
        } catch {
            throw error
        }
    }

    /// Runs the turn on a state that is known.
    func run(
        _ command: PromptSessionCommand,
        _ fold: StreamFold<PromptSessionMachine>,
        on folded: inout Folded<PromptSessionState>,
        in scope: any TurnScope
    ) throws(Failure) -> Receipt {
        if let known = try repeated(in: scope) { return known }
        try fold.catchUp(&folded, in: scope)
        // Decided before anything is appended, because a refusal leaves the batch as it is.
        var next = folded
        try check(command, next.state, in: scope)
        if let owner {
            let opened = try fold.decide(
                .open(owner, at: event.createdAt),
                on: &next,
                in: scope
            )
            if !opened.isEmpty { try link(owner, in: scope) }
        }
        _ = try fold.decide(command, on: &next, in: scope)
        folded = next
        guard let receipt = try receipt(in: scope) else {
            throw .journal(.outcomeUnknown)
        }
        return Receipt(
            position: receipt.position,
            sequence: receipt.sequence,
            recordedAt: receipt.recordedAt,
            isDuplicate: false
        )
    }

    /// Throws what the two decisions would throw.
    private func check(
        _ command: PromptSessionCommand,
        _ state: PromptSessionState,
        in scope: any TurnScope
    ) throws(Failure) {
        let context = TurnContext(now: scope.now)
        do throws(PromptSessionRefusal) {
            if let owner {
                let open = PromptSessionCommand.open(owner, at: event.createdAt)
                _ = try PromptSessionMachine().decide(open, in: state, context: context)
            }
            _ = try PromptSessionMachine().decide(command, in: state, context: context)
        } catch {
            throw .refused(error)
        }
    }

    /// The receipt of the same event that was taken before; with another content it is a conflict.
    private func repeated(in scope: any TurnScope) throws(Failure) -> Receipt? {
        guard try receipt(in: scope) != nil else { return nil }
        do throws(JournalError) {
            let new = try limited { () throws(LimitError) in
                try PromptSessionMachine().newEvent(.happened(event))
            }
            let stream = try limited { () throws(LimitError) in
                try PromptSessionMachine.stream(of: session)
            }
            return try scope.append([new], to: stream, expecting: .any).first
        } catch {
            throw .journal(error)
        }
    }

    private func receipt(in scope: any TurnScope) throws(Failure) -> Receipt? {
        do throws(JournalError) {
            let id = try limited { () throws(LimitError) in try EventID(event.uid.name) }
            return try scope.receipt(of: id)
        } catch {
            throw .journal(error)
        }
    }

    private func link(_ owner: PromptSessionOwner, in scope: any TurnScope) throws(Failure) {
        let link = PromptSessionLink(session: session, owner: owner, openedAt: event.createdAt)
        do throws(JournalError) {
            let new = try limited { () throws(LimitError) in try link.newEvent() }
            let streams = try limited { () throws(LimitError) in
                [
                    try PromptSessionLink.stream(ofPrompt: owner.prompt),
                    try PromptSessionLink.stream(ofUser: owner.user),
                ]
            }
            for stream in streams { try scope.append([new], to: stream, expecting: .any) }
        } catch {
            throw .journal(error)
        }
    }

    /// The session's stream under its machine.
    func fold() throws(Failure) -> StreamFold<PromptSessionMachine> {
        do throws(LimitError) {
            let stream = try PromptSessionMachine.stream(of: session)
            return StreamFold(PromptSessionMachine(), of: stream)
        } catch {
            throw .journal(.limit(error))
        }
    }
}
