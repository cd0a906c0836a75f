internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension InteractionTable {
    func append(
        _ entries: [Entry],
        goesOn: Bool,
        in scope: any TurnScope
    ) throws(JournalError) -> [TableOutcome] {
        var outcomes: [TableOutcome] = []
        for entry in entries {
            do {
                outcomes.append(try append(entry, in: scope))
            } catch {
                guard error.isAboutRow else { throw error }
                outcomes.append(.refused(.refused(error)))
            }
            if case .refused? = outcomes.last, !goesOn { break }
        }
        return outcomes
    }

    private func append(
        _ entry: Entry,
        in scope: any TurnScope
    ) throws(JournalError) -> TableOutcome {
        let id = try limited { () throws(LimitError) in try entry.row.eventID() }
        let isKnown = try scope.receipt(of: id) != nil
        // A key stands for one thing, and so does a uuid: what is there already is another, unless
        // the row is what an export of this journal said of it.
        if !isKnown, try scope.lastSequence(of: entry.stream) != .zero {
            return try wasOnce(entry, in: scope)
                ? .known : .refused(.takenName(entry.row.key?.name ?? entry.row.message.uuid))
        }
        do {
            let receipt = try scope.append([entry.event], to: entry.stream, expecting: .any)[0]
            if !receipt.isDuplicate {
                try scope.append([entry.link], to: entry.customerStream, expecting: .any)
            }
            try linkName(of: entry, in: scope)
            return .appended(receipt)
        } catch {
            guard case .eventIDConflict = error, try wasOnce(entry, in: scope) else { throw error }
            try linkName(of: entry, in: scope)
            return .known
        }
    }

    /// Whether the item in an entry's stream was at some time, or is, what the row says.
    private func wasOnce(
        _ entry: Entry,
        in scope: any TurnScope
    ) throws(JournalError) -> Bool {
        let machine = ItemMachine()
        var state = machine.initial
        var isFound = false
        var failure: JournalError?
        let first = SequenceNumber.zero.next
        try scope.forEachEvent(of: entry.stream, from: first) { header, frame in
            do throws(EventCodecError) {
                guard let event = try machine.event(header, frame: frame) else { return .proceed }
                machine.evolve(&state, by: event)
                isFound = entry.row.isTold(by: state, entry.createdAt)
                return isFound ? .stop : .proceed
            } catch {
                failure = .corrupt(position: header.position, reason: error.description)
                return .stop
            }
        }
        if let failure { throw failure }
        return isFound
    }

    /// Makes the item the one that reports under its provider's name for it go to, and gives it
    /// those that came before.
    ///
    /// Providers give a name again. Of two items that have it, the one that was begun last keeps
    /// it, in whatever order and however often the rows come.
    private func linkName(of entry: Entry, in scope: any TurnScope) throws(JournalError) {
        guard let name = entry.name else { return }
        do throws(EngineError<ItemRefusal>) {
            if let other = try name.current(in: scope).state.link {
                guard other != entry.stream, try began(other, before: entry, in: scope) else {
                    return
                }
            }
            let early = try name.link(to: entry.stream, in: scope)
            guard !early.isEmpty else { return }
            let fold = StreamFold(ItemMachine(), of: entry.stream)
            var folded = fold.start
            try fold.catchUp(&folded, in: scope)
            try fold.take(early, into: &folded, in: scope)
        } catch {
            switch error {
            case .journal(let error): throw error
            case .unreadable(let position, let reason):
                throw .corrupt(position: position, reason: reason.description)
            // A report is refused by an item without events only.
            case .refused: return
            }
        }
    }

    /// Whether another item's last attempt began before a row was created.
    private func began(
        _ other: StreamID,
        before entry: Entry,
        in scope: any TurnScope
    ) throws(EngineError<ItemRefusal>) -> Bool {
        let fold = StreamFold(ItemMachine(), of: other)
        var folded = fold.start
        try fold.catchUp(&folded, in: scope)
        guard let began = folded.state.current?.beganAt ?? folded.state.beganAt else { return true }
        return began < entry.createdAt
    }
}
