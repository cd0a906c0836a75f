internal import CairnCore
internal import CairnDomains

/// Prompt events: what their sessions should not have in the order in which an import appends them,
/// and clocks that run against each other.
struct PromptCheck: TableCheck {
    private struct Session {
        var state = PromptSessionMachine().initial
        var last: (promptTime: Double, createdAt: Double)?
    }

    private let bounds: LintBounds
    private var ids: LintNames
    private var uids: LintNames
    /// Those whose row was followed, which is the one that an import takes.
    private var taken: LintNames
    private var sequence = LintSequence()
    private var sessions: [UInt64: Session] = [:]
    private(set) var orderKey: TimeKey?

    init(_ bounds: LintBounds) {
        self.bounds = bounds
        ids = LintNames(bounds)
        uids = LintNames(bounds)
        taken = LintNames(bounds)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        orderKey = nil
        // A bad row is there nevertheless. Clocks are compared within each session.
        let id = try row.integer(PromptTable.Column.id)
        let isNew = ids.check(id?.description, "id", mark, &notes)
        sequence.take(isNew ? id : nil, nil, mark, &notes)
        uids.check(try row.text(PromptTable.Column.uid), "uid", mark, &notes)
        let entry = try Self.entry(row)
        let created = try row.requiredReal(PromptTable.Column.createdAt)
        notes.checkRange(created, "created_at", mark)
        orderKey = entry.orderKey
    }

    private static func entry(_ row: TableRow) throws(RowFault) -> PromptTable.Entry {
        try PromptTable(owners: PromptSessionOwners()).entry(row, recordsCreation: false)
    }

    mutating func takeOrdered(
        _ row: TableRow,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        let entry = try Self.entry(row)
        guard taken.insert(entry.event.uid.name) else { return }
        let created = try row.requiredReal(PromptTable.Column.createdAt)
        let digest = entry.session.name.stableDigest
        guard sessions[digest] != nil || sessions.count < bounds.subjectCountMax else {
            return notes.reach(
                "sessions: only the first \(bounds.subjectCountMax) are followed"
            )
        }
        var session = sessions[digest] ?? Session()
        let name = "session \(LintNotes.shown(entry.session.name))"
        switch session.state.flaw(of: entry.event) {
        case nil: break
        case .notJoined: notes.add(.missingStart, mark, "\(name) was not joined")
        case .ended(let at): notes.add(.afterEnd, mark, "\(name) was left at \(at)")
        case .joinedBefore(let at): notes.add(.duplicateKey, mark, "\(name) was joined at \(at)")
        case .leftTooEarly(let last):
            notes.add(.clockInversion, mark, "\(name) is left before its event at \(last)")
        }
        let seconds = entry.event.promptTime.seconds
        if let last = session.last, (seconds - last.promptTime) * (created - last.createdAt) < 0 {
            notes.add(.clockInversion, mark, "\(name): prompt_time and created_at run apart")
        }
        session.last = (seconds, created)
        PromptSessionMachine().evolve(&session.state, by: .happened(entry.event))
        sessions[digest] = session
    }

    mutating func finish(_ notes: inout LintNotes) { sequence.finish(&notes) }
}
