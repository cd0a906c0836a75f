public import CairnCore
public import CairnDomains
internal import CairnJournal

/// What would be different about an item, had it had another history.
public struct ItemWhatIf: Sendable {
    /// Both histories, event by event.
    public let history: WhatIf<ItemMachine>
    /// Where the item stands.
    public let recorded: ItemProspect
    /// Where it would.
    public let hypothetical: ItemProspect

    /// Whether states or what would be done about them differ.
    public var differs: Bool { history.differs || recorded != hypothetical }
}

/// What an item's key stands at, and what a job that meets it does by the standard policy.
public struct ItemProspect: Hashable, Sendable {
    public let verdict: KeyVerdict
    public let next: ResumeKind
    /// Not before when it is sent, or until when a report is waited for; nil for at once, and where
    /// nobody can say.
    public let retryAt: Timestamp?

    /// Asks the rule that jobs run by.
    init(_ state: ItemState, isHolderGone: Bool, now: Timestamp) {
        let decision = state.resumeDecision(under: .standard, isHolderGone: isHolderGone, at: now)
        verdict = state.verdict(isHolderGone: isHolderGone)
        next = ResumeKind(decision, of: state)
        retryAt = decision.instant
    }
}

extension ItemView {
    /// What would be different about an item, had it had another history.
    ///
    /// Nothing is decided anew. Whether a holder lives is asked of its lock, as ever; an attempt
    /// that somebody holds only in the other history is judged by the same lock.
    ///
    /// - Parameters:
    ///   - stream: Where the item's events are.
    ///   - overlay: What is changed about them.
    ///   - now: The instant at which a job would meet the item.
    /// - Returns: Both histories, and what follows from them.
    /// - Throws: ``WhatIfError``.
    /// - Complexity: As ``WhatIf``.
    public func whatIf(
        _ stream: StreamID,
        _ overlay: Overlay = Overlay(),
        now: Timestamp
    ) async throws(WhatIfError) -> ItemWhatIf {
        let machine = ItemMachine()
        let steps: [MachineStep<ItemEvent>]
        do throws(IncidentError) {
            steps = try await MachineView(journal, machine, asOf: asOf).steps(of: stream)
        } catch {
            throw .incident(error)
        }
        let history: WhatIf<ItemMachine>
        do throws(OverlayError) {
            history = try WhatIf(steps, overlay, of: machine, oddities: ItemMachine.oddities)
        } catch {
            throw .overlay(error)
        }
        do throws(IncidentError) {
            return ItemWhatIf(
                history: history,
                recorded: try await prospect(of: history.recordedState, now: now),
                hypothetical: try await prospect(of: history.state, now: now)
            )
        } catch {
            throw .incident(error)
        }
    }

    private func prospect(
        of state: ItemState,
        now: Timestamp
    ) async throws(IncidentError) -> ItemProspect {
        var isGone = false
        if case .open? = state.current?.standing, let worker = state.current?.worker {
            isGone = try await isAlive(worker) == false
        }
        return ItemProspect(state, isHolderGone: isGone, now: now)
    }
}

extension ItemMachine {
    /// Whether an event comes where it should not have, or fits no attempt.
    public static let oddities: WhatIf<ItemMachine>.Oddities = { machine, event, state in
        var after = state
        machine.evolve(&after, by: event)
        var names: [String] = []
        if after.anomalyCount != state.anomalyCount { names.append("out_of_place") }
        if after.strayCallbackCount != state.strayCallbackCount { names.append("stray_report") }
        return names
    }
}
