internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// The turn by which a person decides a doubt.
///
/// The holder's lock is looked at before the turn and the fence is compared in it: a worker number
/// is never used twice, so a holder that was gone stays gone, and whoever took the item over since
/// has another fence.
struct DoubtSettling {
    private let row: ItemRow
    private let journal: LMDBJournal
    /// Whether an item may be taken for done of which a step is in doubt.
    private let endsSteps: Bool

    init(_ row: ItemRow, in journal: LMDBJournal, endsSteps: Bool) {
        self.row = row
        self.journal = journal
        self.endsSteps = endsSteps
    }

    /// Appends a decision, and before it that the holder is gone where nobody has written so.
    ///
    /// - Throws: ``CommandFailure``, with exit code 65 where there is nothing to decide.
    func settle(_ settlement: ItemSettlement) async throws(CommandFailure) {
        guard case .inDoubt = row.verdict, let attempt = row.state.current else {
            throw CommandFailure(.badInput, refusal(settlement.verdict))
        }
        if settlement.verdict == .sent, !endsSteps, let step = row.state.openStep {
            throw CommandFailure(
                .badInput,
                "the doubt is about step \(step): --sent would take the whole item for done, and no "
                    + "later step would be run; say --sent --whole-item if that is meant, or "
                    + "--failed if the step did not happen"
            )
        }
        if settlement.verdict != .sent { try await refuseWhileUnderWay(attempt) }
        let item = StreamFold(ItemMachine(), of: row.stream)
        let fence = attempt.fence.rawValue
        let isOpen = if case .open = attempt.standing { true } else { false }
        do {
            try await journal.engineTurn { scope throws(EngineError<ItemRefusal>) in
                var folded = item.start
                if isOpen {
                    _ = try item.turnTellingConflicts(
                        .noteLoss,
                        on: &folded,
                        in: scope,
                        fence: fence
                    )
                }
                _ = try item.turnTellingConflicts(
                    .settle(settlement),
                    on: &folded,
                    in: scope,
                    fence: fence
                )
            }
        } catch {
            switch error {
            case .refused(let refusal):
                throw CommandFailure(.badInput, "it went on meanwhile: \(refusal)")
            case .journal(let error):
                throw CommandFailure(error, path: journal.path, isWriting: true)
            case .unreadable(_, let reason): throw CommandFailure(reason, "\(error)")
            }
        }
    }

    /// Refuses to call failed what a living worker's send may still bring about.
    private func refuseWhileUnderWay(_ attempt: ItemAttempt) async throws(CommandFailure) {
        for laggard in attempt.laggards {
            let isAlive: Bool
            do throws(JournalError) { isAlive = try journal.isLifeLocked(laggard.rawValue) } catch {
                throw CommandFailure(error, path: journal.path)
            }
            guard isAlive else { continue }
            throw CommandFailure(
                .badInput,
                "a send of worker \(laggard) ran out of its time and its end is not known: it may "
                    + "still arrive; wait for it or end that worker"
            )
        }
    }

    /// Why there is nothing to decide.
    private func refusal(_ wanted: ItemSettlement.Verdict) -> String {
        if case .inFlight(let worker, _) = row.verdict {
            return row.isHolderAlive == false
                ? "it is not in doubt: each of its steps is known, and a next run goes on with it"
                : "it is not in doubt: worker \(worker) is alive and has it; end it or wait for it"
        }
        if let settlement = row.state.current?.settlement, settlement.verdict == wanted {
            let reason = settlement.reason.map { ": \($0)" } ?? ""
            return "it is so already, decided by \(settlement.by)\(reason)"
        }
        return "it is not in doubt: its verdict is \(row.verdict.word)"
            + (row.reason.map { " (\($0))" } ?? "")
    }
}

extension ItemState {
    /// The last step that is begun and not ended: its number and name; nil if there is none.
    fileprivate var openStep: String? {
        for (index, step) in steps.enumerated().reversed() {
            if case .open = step.standing { return "\(index + 1) '\(step.name)'" }
        }
        return nil
    }
}
