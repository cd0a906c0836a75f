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

/// What an item's key stands at, and what a dispatch or a job that meets it does by the standard
/// policy.
public struct ItemProspect: Hashable, Sendable {
    public let verdict: KeyVerdict
    public let next: Next
    /// Not before when it is sent; nil for at once, and where it is not.
    public let retryAt: Timestamp?

    /// What is done about an item.
    public enum Next: String, Hashable, Sendable, CaseIterable {
        case send
        /// It has its end.
        case skip
        /// Somebody holds it.
        case wait
        /// A person has to decide.
        case park
    }

    init(_ verdict: KeyVerdict) {
        self.verdict = verdict
        var retryAt: Timestamp?
        switch verdict {
        case .fresh: next = .send
        case .failedRetryable(_, let instant): (next, retryAt) = (.send, instant)
        case .done, .failedFinal: next = .skip
        case .inFlight: next = .wait
        case .inDoubt, .conflict: next = .park
        }
        self.retryAt = retryAt
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
    /// - Returns: Both histories, and what follows from them.
    /// - Throws: ``WhatIfError``.
    /// - Complexity: As ``WhatIf``.
    public func whatIf(
        _ stream: StreamID,
        _ overlay: Overlay = Overlay()
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
                recorded: try await prospect(of: history.recordedState),
                hypothetical: try await prospect(of: history.state)
            )
        } catch {
            throw .incident(error)
        }
    }

    private func prospect(of state: ItemState) async throws(IncidentError) -> ItemProspect {
        guard case .open? = state.current?.standing, let worker = state.current?.worker else {
            return ItemProspect(state.verdict())
        }
        let isGone = try await isAlive(worker) == false
        return ItemProspect(state.verdict(isHolderGone: isGone))
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
