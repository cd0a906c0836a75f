internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// Rows of `interactive_prompt_events` (seed 004): each is an event under its uid, and a fact
/// whatever its session says.
struct PromptTable: TableTarget {
    /// The places of the columns.
    enum Column {
        static let (id, uid, session, evtype, data, promptTime, createdAt) = (0, 1, 2, 3, 4, 5, 6)
    }

    /// A row, and whose session it is, where that is known.
    struct Entry: TableEntry {
        let session: PromptSessionID
        let owner: PromptSessionOwner?
        let event: PromptEvent
        let recordedAt: Timestamp?

        var subject: String? { session.name }
        var createdAt: Timestamp { event.createdAt }

        /// By `created_at`; of one instant a session's join event comes first and its leave event
        /// last, and those between in the table's own order: `(prompt_time, uid)`.
        ///
        /// Many clocks tell whole seconds. That the leave event has the highest prompt time is not
        /// to be relied on, because a viewer may have gone back; and what comes after it would
        /// count in no total.
        var orderKey: TimeKey {
            let rank: UInt8 =
                switch event.act.kind {
                case .join: 0
                case .like, .numericResponse, .pressStart, .pressEnd, .colorResponse,
                    .wordResponse:
                    1
                case .leave: 2
                }
            let tie = [rank] + event.promptTime.seconds.orderedBytes + Array(event.uid.name.utf8)
            return TimeKey(time: createdAt, tie: tie)
        }
    }

    let owners: PromptSessionOwners

    var table: SourceTable { .prompt }

    func entry(_ row: TableRow, recordsCreation: Bool) throws(RowFault) -> Entry {
        let uid = try row.requiredText(Column.uid)
        let name = try row.requiredText(Column.session)
        let evtype = try row.requiredText(Column.evtype)
        guard let data = try row.json(Column.data) else { throw row.missing(Column.data) }
        let promptTime = try row.requiredReal(Column.promptTime)
        let createdAt = try row.requiredReal(Column.createdAt)
        let instant = Timestamp(touchSeconds: createdAt)
        var origin = RowOrigin(id: try row.integer(Column.id))
        origin.isHistory = recordsCreation
        origin.keep(row, Column.promptTime, unless: promptTime.cellText)
        origin.keep(row, Column.createdAt, unless: instant.touchSeconds.cellText)
        do throws(PromptEventError) {
            let act = try PromptAct(evtype: evtype, data: data)
            origin.keep(row, Column.data, unless: act.data)
            let session = try PromptSessionID(name)
            return Entry(
                session: session,
                owner: owners[session],
                event: PromptEvent(
                    uid: try PromptEventUID(uid),
                    act: act,
                    promptTime: try PromptTime(promptTime),
                    createdAt: instant,
                    origin: origin.ifNeeded
                ),
                recordedAt: recordsCreation ? instant : nil
            )
        } catch {
            throw RowFault(.promptEvent(error))
        }
    }

    func append(
        _ entries: [Entry],
        goesOn: Bool,
        in scope: any TurnScope
    ) throws(JournalError) -> [TableOutcome] {
        var outcomes: [TableOutcome] = []
        var known: [PromptSessionID: Folded<PromptSessionState>] = [:]
        for entry in entries {
            let outcome = try append(entry, &known, in: scope)
            outcomes.append(outcome)
            if case .refused = outcome, !goesOn { break }
        }
        return outcomes
    }

    private func append(
        _ entry: Entry,
        _ known: inout [PromptSessionID: Folded<PromptSessionState>],
        in scope: any TurnScope
    ) throws(JournalError) -> TableOutcome {
        let turn = try KeptPromptEvent(entry, in: known)
        do throws(EngineError<PromptSessionRefusal>) {
            let (receipt, folded, flaw) = try turn.run(in: scope)
            known[entry.session] = folded
            return .appended(
                receipt,
                flaw: receipt.isDuplicate ? nil : flaw,
                // Of a session that was removed nobody is to say whose it was.
                isOwnerless: folded.state.owner == nil && folded.state.isThere
            )
        } catch {
            switch error {
            case .refused(.otherOwner(let known)):
                guard let (source, line) = owners.place(of: entry.session) else {
                    return .refused(.promptSession(.otherOwner(known)))
                }
                return .refused(.otherOwner(known, source: source, line: line))
            case .refused(let refusal): return .refused(.promptSession(refusal))
            case .journal(let error) where error.isAboutRow: return .refused(.refused(error))
            case .journal(let error): throw error
            case .unreadable(let position, let reason):
                throw .corrupt(position: position, reason: reason.description)
            }
        }
    }
}

/// A row of imported history: it is kept whatever its session says, and opens a session of which
/// nobody said yet whose it is.
struct KeptPromptEvent {
    typealias Failure = EngineError<PromptSessionRefusal>

    private let entry: PromptTable.Entry
    private let fold: StreamFold<PromptSessionMachine>
    private var folded: Folded<PromptSessionState>

    init(
        _ entry: PromptTable.Entry,
        in known: [PromptSessionID: Folded<PromptSessionState>]
    ) throws(JournalError) {
        self.entry = entry
        let stream = try limited { () throws(LimitError) in
            try PromptSessionMachine.stream(of: entry.session)
        }
        fold = StreamFold(PromptSessionMachine(), of: stream)
        folded = known[entry.session] ?? fold.start
    }

    /// Keeps the row.
    ///
    /// - Returns: Its receipt, the session after it, and what was wrong with it.
    func run(
        in scope: any TurnScope
    ) throws(Failure) -> (Receipt, Folded<PromptSessionState>, PromptSessionFlaw?) {
        var folded = folded
        try fold.catchUp(&folded, in: scope)
        let isOpening = try checkOwner(folded.state)
        // A row that was there before is tried first: what is refused must leave nothing behind.
        // It may open its session nevertheless, because whose it is may be known only now.
        if try isKnown(in: scope) {
            let receipt = try append(.happened(entry.event), in: scope)
            // What was removed is not brought back by importing it again; what came to the session
            // since then is there, and is somebody's.
            if isOpening, folded.state.removal == nil || folded.state.isThere {
                try open(&folded, in: scope)
            }
            return (receipt, folded, nil)
        }
        if isOpening { try open(&folded, in: scope) }
        let flaw = folded.state.flaw(of: entry.event)
        let receipt = try append(.happened(entry.event), in: scope)
        do throws(JournalError) {
            try scope.recordIgnored(
                entry.event,
                of: entry.session,
                for: flaw,
                recordedAt: entry.recordedAt
            )
        } catch {
            throw .journal(error)
        }
        fold.machine.evolve(&folded.state, by: .happened(entry.event))
        folded.sequence = receipt.sequence
        return (receipt, folded, flaw)
    }

    /// Whether the session is to be opened.
    private func checkOwner(_ state: PromptSessionState) throws(Failure) -> Bool {
        guard let owner = entry.owner else { return false }
        if let known = state.owner, known != owner { throw .refused(.otherOwner(known)) }
        return state.owner == nil
    }

    private func isKnown(in scope: any TurnScope) throws(Failure) -> Bool {
        do throws(JournalError) {
            let id = try limited { () throws(LimitError) in try EventID(entry.event.uid.name) }
            return try scope.receipt(of: id) != nil
        } catch {
            throw .journal(error)
        }
    }

    private func open(
        _ folded: inout Folded<PromptSessionState>,
        in scope: any TurnScope
    ) throws(Failure) {
        guard let owner = entry.owner else { return }
        let fact = PromptSessionFact.opened(owner, at: entry.createdAt)
        let receipt = try append(fact, in: scope)
        fold.machine.evolve(&folded.state, by: fact)
        folded.sequence = receipt.sequence
        let link = PromptSessionLink(
            session: entry.session,
            owner: owner,
            openedAt: entry.createdAt
        )
        do throws(JournalError) {
            let new = try limited { () throws(LimitError) in
                try link.newEvent(recordedAt: entry.recordedAt)
            }
            for stream in try limited({ () throws(LimitError) in try link.streams() }) {
                try scope.append([new], to: stream, expecting: .any)
            }
        } catch {
            throw .journal(error)
        }
    }

    private func append(
        _ fact: PromptSessionFact,
        in scope: any TurnScope
    ) throws(Failure) -> Receipt {
        do throws(JournalError) {
            let new = try limited { () throws(LimitError) in
                try fold.machine.newEvent(fact, recordedAt: entry.recordedAt)
            }
            return try scope.append([new], to: fold.stream, expecting: .any)[0]
        } catch {
            throw .journal(error)
        }
    }
}

extension PromptSessionLink {
    /// The streams that the link stands in.
    fileprivate func streams() throws(LimitError) -> [StreamID] {
        [
            try PromptSessionLink.stream(ofPrompt: owner.prompt),
            try PromptSessionLink.stream(ofUser: owner.user),
        ]
    }
}
