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
