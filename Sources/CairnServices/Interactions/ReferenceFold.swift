internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension ReferenceMachine {
    /// The fold of a provider's name for something sent.
    static func fold(
        _ provider: String,
        _ reference: String
    ) throws(EngineError<ItemRefusal>) -> StreamFold<ReferenceMachine> {
        let stream = try journaled { () throws(JournalError) in
            try limited { () throws(LimitError) in
                try ReferenceMachine.stream(provider: provider, reference: reference)
            }
        }
        return StreamFold(ReferenceMachine(), of: stream)
    }
}

extension StreamFold<ReferenceMachine> {
    /// The name as far as the next report under it needs it: where reports go to, or else what is
    /// kept, unless there is no room for more anyway.
    ///
    /// A provider may give one name to any number of sends, and send any number of reports before
    /// the first of them; neither are all read for each.
    func current(
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> Folded<ReferenceMachine.State> {
        let latest = try latest(in: scope)
        guard latest.state.link == nil, latest.state.droppedCount == 0 else { return latest }
        return try whole(in: scope)
    }

    /// Where reports under the name go to, as the last event says; nil while that is not known.
    func link(in journal: any Journal) async throws(EngineError<ItemRefusal>) -> StreamID? {
        do throws(EngineError<Never>) {
            let last: SequenceNumber
            do throws(JournalError) { last = try await journal.lastSequence(of: stream) } catch {
                throw .journal(error)
            }
            guard last > .zero else { return nil }
            let before = SequenceNumber(rawValue: last.rawValue - 1)
            let start = Folded(state: machine.initial, sequence: before)
            return try await folded(in: journal, from: start).state.link
        } catch {
            switch error {
            case .journal(let error): throw .journal(error)
            case .unreadable(let position, let reason):
                throw .unreadable(position: position, error: reason)
            }
        }
    }

    /// Makes an item the one that reports under the name go to from now on.
    ///
    /// - Returns: The reports that came before the first link, for the item to take in this turn.
    func link(
        to item: StreamID,
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> [InteractionCallback] {
        var name = try latest(in: scope)
        // Reports are kept only until the first link, which takes them all.
        if name.state.link == nil { name = try whole(in: scope) }
        let early = name.state.early
        try unrefused { () throws(EngineError<Never>) in
            _ = try turn(.link(item), on: &name, in: scope)
        }
        return early
    }

    /// What the stream's last event leaves.
    private func latest(
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> Folded<ReferenceMachine.State> {
        let last = try journaled { () throws(JournalError) in try scope.lastSequence(of: stream) }
        guard last > .zero else { return start }
        let before = SequenceNumber(rawValue: last.rawValue - 1)
        return try caughtUp(Folded(state: machine.initial, sequence: before), in: scope)
    }

    private func whole(
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> Folded<ReferenceMachine.State> {
        try caughtUp(start, in: scope)
    }

    private func caughtUp(
        _ folded: Folded<ReferenceMachine.State>,
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> Folded<ReferenceMachine.State> {
        var folded = folded
        try unrefused { () throws(EngineError<Never>) in try catchUp(&folded, in: scope) }
        return folded
    }
}
