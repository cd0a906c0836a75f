internal import CairnCore
internal import CairnDomains

/// Numbers that should go up by one, and instants that should not go back with them.
struct LintSequence {
    private var last: (id: Int64, createdAt: Timestamp)?

    /// Takes the next row of a table in the order of its ids.
    mutating func take(
        _ id: Int64?,
        _ createdAt: Timestamp,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) {
        guard let id else { return }
        defer { last = (id, createdAt) }
        guard let last, id > last.id else { return }
        if id - 1 > last.id {
            notes.add(.sequenceGap, mark, "id \(id) follows \(last.id)")
        }
        if createdAt < last.createdAt {
            notes.add(
                .clockInversion,
                mark,
                "id \(id) was created at \(createdAt), before id \(last.id)"
            )
        }
    }
}

/// System events: ids, their order, and what their payloads hold.
struct SystemCheck: TableCheck {
    private var ids: LintNames
    private var sequence = LintSequence()

    init(_ bounds: LintBounds) {
        ids = LintNames(bounds)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        let entry = try SystemTable().entry(row, recordsCreation: false)
        let id = try row.integer(SystemTable.Column.id)
        ids.check(id?.description, "id", mark, &notes)
        sequence.take(id, entry.createdAt, mark, &notes)
        let type = try row.requiredText(SystemTable.Column.type)
        do throws(SystemEventError) { _ = try SystemEventType(type) } catch {
            notes.add(.unknownWord, mark, error.description)
        }
        let payload = row.cell(SystemTable.Column.payload)
        if let payload, payload.count > SystemEventPayload.byteCountMax {
            notes.add(
                .overLongField,
                mark,
                "payload has \(payload.count) bytes of \(SystemEventPayload.byteCountMax)"
            )
        }
        notes.checkPersonal(payload, "payload", mark)
    }
}

/// Interactions: ids, keys, and what their metadata holds.
struct InteractionCheck: TableCheck {
    private var ids: LintNames
    private var uuids: LintNames
    private var keys: LintNames
    private var sequence = LintSequence()

    init(_ bounds: LintBounds) {
        ids = LintNames(bounds)
        uuids = LintNames(bounds)
        keys = LintNames(bounds)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        let entry = try InteractionTable().entry(row, recordsCreation: false)
        let id = try row.integer(InteractionTable.Column.id)
        ids.check(id?.description, "id", mark, &notes)
        uuids.check(entry.row.message.uuid, "interaction_uuid", mark, &notes)
        keys.check(entry.row.key?.name, "idempotency_key", mark, &notes)
        sequence.take(id, entry.createdAt, mark, &notes)
        if case .other(let word) = entry.row.message.channel {
            notes.add(.unknownWord, mark, "channel \(LintNotes.shown(word))")
        }
        notes.checkPersonal(row.cell(InteractionTable.Column.metadata), "meta_data", mark)
    }
}

/// The touch log: parents, their order, and what its documents hold.
struct TouchCheck: TableCheck {
    /// Those that name a parent that has not come yet.
    fileprivate struct Waiting {
        var count = 0
        var marks: [LintMark] = []
        let parent: String
    }

    private let bounds: LintBounds
    private var ids: LintNames
    private var uids: LintNames
    private var createdAt: [UInt64: Double] = [:]
    private var waiting: [UInt64: Waiting] = [:]

    init(_ bounds: LintBounds) {
        self.bounds = bounds
        ids = LintNames(bounds)
        uids = LintNames(bounds)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        _ = try TouchTable().entry(row, recordsCreation: false)
        let uid = try row.requiredText(TouchTable.Column.uid)
        ids.check(try row.integer(TouchTable.Column.id)?.description, "id", mark, &notes)
        uids.check(uid, "uid", mark, &notes)
        let created = try row.requiredReal(TouchTable.Column.createdAt)
        guard let json = try row.json(TouchTable.Column.event),
            let fact = try? TouchFact(json: json)
        else { return }
        checkParent(fact.parent, created, mark, &notes)
        meet(uid, created, &notes)
        for (name, document) in fact.documents {
            notes.checkPersonal(document[...], name, mark)
        }
    }

    private mutating func checkParent(
        _ parent: String?,
        _ created: Double,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) {
        guard let parent else { return }
        let digest = parent.stableDigest
        if let begun = createdAt[digest] {
            guard created < begun else { return }
            return notes.add(
                .clockInversion,
                mark,
                "it was created before its parent \(LintNotes.shown(parent))"
            )
        }
        guard waiting[digest] != nil || waiting.count < bounds.subjectCountMax else {
            return notes.reach(
                "parents: only the first \(bounds.subjectCountMax) missing ones are followed"
            )
        }
        var entry = waiting[digest] ?? Waiting(parent: parent)
        entry.count += 1
        if entry.marks.count < LintFinding.exampleCountMax { entry.marks.append(mark) }
        waiting[digest] = entry
    }

    private mutating func meet(_ uid: String, _ created: Double, _ notes: inout LintNotes) {
        let digest = uid.stableDigest
        if createdAt.count < bounds.nameCountMax { createdAt[digest] = created }
        guard let early = waiting.removeValue(forKey: digest) else { return }
        early.tell(.lateParent, "its parent \(LintNotes.shown(uid)) comes later", &notes)
    }

    mutating func finish(_ notes: inout LintNotes) {
        let orphans = waiting.values.sorted { $0.first < $1.first }
        for orphan in orphans {
            let parent = LintNotes.shown(orphan.parent)
            orphan.tell(.orphanParent, "its parent \(parent) is not there", &notes)
        }
    }
}

extension TouchCheck.Waiting {
    /// Notes all of them, the first ones where they stand.
    fileprivate func tell(_ kind: LintKind, _ detail: String, _ notes: inout LintNotes) {
        for mark in marks { notes.add(kind, mark, detail) }
        guard count > marks.count, let last = marks.last else { return }
        notes.add(kind, last, count: count - marks.count, detail)
    }

    fileprivate var first: (Int, Int) {
        guard case .line(let line) = marks[0].place else { return (marks[0].source, 0) }
        return (marks[0].source, line)
    }
}

extension TouchFact {
    /// The documents that say more than whom a message goes to.
    fileprivate var documents: [(String, [UInt8])] {
        switch self {
        case .sendAttempt(let attempt): [("event_parameters", attempt.parameters)]
        case .sendReachable(let reach):
            if case .email(_, _, let parameters) = reach.message {
                [("template_parameters", parameters)]
            } else {
                []
            }
        case .sendRetry(let failure), .sendAbandon(let failure), .sendUnretryable(let failure):
            [("info", failure.info)]
        case .sendUnreachable, .sendStale, .sendSuccess: []
        }
    }
}

/// Prompt events: what their sessions should not have, and clocks that run against each other.
struct PromptCheck: TableCheck {
    private struct Session {
        var state = PromptSessionMachine().initial
        var last: (promptTime: Double, createdAt: Double)?
    }

    private let bounds: LintBounds
    private var ids: LintNames
    private var uids: LintNames
    private var sessions: [UInt64: Session] = [:]

    init(_ bounds: LintBounds) {
        self.bounds = bounds
        ids = LintNames(bounds)
        uids = LintNames(bounds)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        let table = PromptTable(owners: PromptSessionOwners())
        let entry = try table.entry(row, recordsCreation: false)
        ids.check(try row.integer(PromptTable.Column.id)?.description, "id", mark, &notes)
        uids.check(entry.event.uid.name, "uid", mark, &notes)
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
        let created = try row.requiredReal(PromptTable.Column.createdAt)
        if let last = session.last, (seconds - last.promptTime) * (created - last.createdAt) < 0 {
            notes.add(.clockInversion, mark, "\(name): prompt_time and created_at run apart")
        }
        session.last = (seconds, created)
        PromptSessionMachine().evolve(&session.state, by: .happened(entry.event))
        sessions[digest] = session
    }
}
