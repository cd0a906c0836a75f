internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// One report's turn: fold what came since, decide, append, evolve.
///
/// Runs on the journal's writer, perhaps more than once, and keeps nothing between runs.
struct PipelineTrackerTurn: Sendable {
    let machine: PipelineMachine
    let command: PipelineCommand
    let request: String
    let stream: StreamID
    /// The caller's own id of the event.
    let id: EventID?
    let seed: UInt64
    /// The request as it stood before the batch opened.
    let folded: FoldedRequest
    /// The lease that the report is given under, if it is.
    let lease: RetryLease?

    struct Recorded: Sendable {
        let receipt: Receipt?
        let folded: FoldedRequest
    }

    typealias Outcome = Result<Recorded, PipelineTrackerError>

    /// Runs the turn; a refusal is a value, because the batch goes on without it.
    ///
    /// One that is a conflict is recorded as `atomic_update.conflict` in its place.
    ///
    /// - Throws: What the journal fails at.
    func run(in scope: any TurnScope) throws(JournalError) -> Outcome {
        var current = folded
        do throws(PipelineTrackerError) {
            return .success(try record(on: &current, in: scope))
        } catch {
            if let conflict = conflict(error, in: current.state) {
                try scope.record(conflict, of: stream)
                return .failure(error)
            }
            // The journal's own errors leave the closure, so that it drops what was appended.
            if case .journal(let error) = error { throw error }
            return .failure(error)
        }
    }

    /// What an error says of a conflict; nil for one that is none.
    ///
    /// Whatever it is, the turn has appended nothing before it.
    private func conflict(
        _ error: PipelineTrackerError,
        in state: PipelineState
    ) -> AtomicUpdateConflict? {
        switch error {
        case .refused(let rejection):
            machine.conflict(of: command, refusedFor: rejection, in: state)
        case .workerLeft: nil
        case .leaseLost:
            machine.conflict(
                of: command,
                expected: lease?.row.status,
                reason: error.description,
                in: state
            )
        case .journal(.eventIDConflict), .journal(.eventIDInOtherStream):
            machine.conflict(of: command, expected: nil, reason: error.description, in: state)
        case .invalid, .removed, .journal, .unreadable, .unreadableLease: nil
        }
    }

    private func record(
        on current: inout FoldedRequest,
        in scope: any TurnScope
    ) throws(PipelineTrackerError) -> Recorded {
        try fold(&current, in: scope) { _ in .proceed }
        if let lease { try lease.check(in: scope) }
        if let id = try repeatableID(), let receipt = try receipt(of: id, in: scope),
            let stored = try stored(id: id, at: receipt.sequence, in: scope)
        {
            return try repeated(stored, id: id, at: receipt, current: current, in: scope)
        }
        if let removedAt = current.removedAt { throw .removed(at: removedAt) }
        let context = TurnContext(now: scope.now, clockNow: scope.clockNow, seed: seed)
        guard let row = try decide(command, in: current.state, context: context) else {
            return Recorded(receipt: nil, folded: current)
        }
        let receipt = try append(row, in: scope)
        machine.evolve(&current.state, by: row)
        current.sequence = receipt.sequence
        return Recorded(receipt: receipt, folded: current)
    }

    /// Takes a report that is there under its id: what it left open is as it was chosen then.
    private func repeated(
        _ stored: PipelineEvent,
        id: EventID,
        at receipt: Receipt,
        current: FoldedRequest,
        in scope: any TurnScope
    ) throws(PipelineTrackerError) -> Recorded {
        var before = FoldedRequest(state: machine.initial)
        try fold(&before, in: scope) { $0 < receipt.sequence ? .proceed : .stop }
        var command = command
        command.report.createdAt = command.report.createdAt ?? stored.createdAt
        command.report.sequenceNumber = command.report.sequenceNumber ?? stored.sequenceNumber
        if command.verb == .scheduleRetry {
            command.report.nextRetryAt = command.report.nextRetryAt ?? stored.nextRetryAt
        }
        let context = TurnContext(now: stored.createdAt, seed: seed)
        guard let row = try decide(command, in: before.state, context: context) else {
            return Recorded(receipt: nil, folded: current)
        }
        return Recorded(receipt: try append(row, in: scope), folded: current)
    }

    private func decide(
        _ command: PipelineCommand,
        in state: PipelineState,
        context: TurnContext
    ) throws(PipelineTrackerError) -> PipelineEvent? {
        do throws(PipelineRejection) {
            return try machine.decide(command, in: state, context: context).first
        } catch {
            throw .refused(error)
        }
    }

    private func append(
        _ row: PipelineEvent,
        in scope: any TurnScope
    ) throws(PipelineTrackerError) -> Receipt {
        let event: NewEvent
        do throws(PipelineEventError) {
            event = try row.newEvent(id: try eventID(of: row.sequenceNumber))
        } catch {
            throw .invalid(error)
        }
        do throws(JournalError) {
            return try scope.append([event], to: stream, expecting: .any)[0]
        } catch {
            throw .journal(error)
        }
    }

    /// The id under which a repetition would find the row; nil where the caller names none.
    private func repeatableID() throws(PipelineTrackerError) -> EventID? {
        do throws(PipelineEventError) {
            return try eventID(of: command.report.sequenceNumber)
        } catch {
            throw .invalid(error)
        }
    }

    /// The caller's own id, or the one that a row's number makes.
    private func eventID(of number: Int64?) throws(PipelineEventError) -> EventID? {
        if let id { return id }
        guard let number else { return nil }
        do throws(LimitError) {
            return try PipelineEvent.eventID(request: request, sequenceNumber: number)
        } catch {
            throw .limit(error)
        }
    }
}

extension PipelineTrackerTurn {
    /// Folds the stream on from where a state stands, as long as the body lets it.
    private func fold(
        _ folded: inout FoldedRequest,
        in scope: any TurnScope,
        _ body: (SequenceNumber) -> PageFlow
    ) throws(PipelineTrackerError) {
        var failure: PipelineTrackerError?
        do throws(JournalError) {
            try scope.forEachEvent(of: stream, from: folded.sequence.next) { header, frame in
                guard body(header.sequence) == .proceed else { return .stop }
                return folded.take(header, frame: frame, machine: machine, failure: &failure)
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
    }

    private func receipt(
        of id: EventID,
        in scope: any TurnScope
    ) throws(PipelineTrackerError) -> Receipt? {
        do throws(JournalError) { return try scope.receipt(of: id) } catch {
            throw .journal(error)
        }
    }

    /// The row with an id at a place of this stream; nil if another stream has the id, or if the
    /// row was erased and only its digest can still be compared.
    private func stored(
        id: EventID,
        at sequence: SequenceNumber,
        in scope: any TurnScope
    ) throws(PipelineTrackerError) -> PipelineEvent? {
        var found: PipelineEvent?
        var failure: PipelineTrackerError?
        do throws(JournalError) {
            try scope.forEachEvent(of: stream, from: sequence) { header, frame in
                guard header.sequence == sequence, header.eventID(in: frame) == id else {
                    return .stop
                }
                do throws(PipelineCodecError) {
                    if try PipelineGate.isRow(header, frame: frame) {
                        found = try PipelineEvent(header, frame: frame)
                    }
                } catch {
                    failure = .unreadable(position: header.position, error: error)
                }
                return .stop
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return found
    }
}
