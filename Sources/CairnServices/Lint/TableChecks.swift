internal import CairnCore
internal import CairnDomains

/// System events: ids, their order, and what their payloads hold.
struct SystemCheck: TableCheck {
    private var ids: LintNames
    private var eventIDs: LintNames
    private var sequence = LintSequence()

    init(_ bounds: LintBounds) {
        ids = LintNames(bounds)
        eventIDs = LintNames(bounds)
    }

    mutating func take(
        _ row: TableRow,
        _ mark: LintMark,
        tenant: String?,
        _ notes: inout LintNotes
    ) throws(RowFault) {
        let id = try row.integer(SystemTable.Column.id)
        let isNew = ids.check(id?.description, "id", mark, &notes)
        eventIDs.check(try row.text(SystemTable.Column.eventID), "event_id", mark, &notes)
        let entry: SingleEntry
        do { entry = try SystemTable().entry(row, recordsCreation: false) } catch {
            // A bad row is there nevertheless.
            sequence.take(isNew ? id : nil, nil, mark, &notes)
            throw error
        }
        sequence.take(isNew ? id : nil, entry.createdAt, mark, &notes)
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
        checkMembers(payload, mark, &notes)
        notes.checkPersonal(payload, "payload", mark)
    }

    /// A payload is an object, whose error is cut when it is recorded; an older table's may be
    /// neither.
    private func checkMembers(
        _ payload: ArraySlice<UInt8>?,
        _ mark: LintMark,
        _ notes: inout LintNotes
    ) {
        guard let payload, let value = try? JSONValue.parse(Array(payload)), value != .null
        else { return }
        guard case .object(let members) = value else {
            return notes.add(.unknownWord, mark, "payload is no object")
        }
        for member in members {
            guard member.key.hasSameBytes(as: "error"), case .string(let text) = member.value
            else { continue }
            let count = text.count
            guard count > SystemEventText.errorCharacterCountMax else { continue }
            notes.add(
                .overLongField,
                mark,
                "error has \(count) characters of \(SystemEventText.errorCharacterCountMax)"
            )
        }
    }

    mutating func finish(_ notes: inout LintNotes) { sequence.finish(&notes) }
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
        let id = try row.integer(InteractionTable.Column.id)
        let isNew = ids.check(id?.description, "id", mark, &notes)
        uuids.check(try row.text(InteractionTable.Column.uuid), "interaction_uuid", mark, &notes)
        keys.check(try row.text(InteractionTable.Column.key), "idempotency_key", mark, &notes)
        let entry: InteractionTable.Entry
        do { entry = try InteractionTable().entry(row, recordsCreation: false) } catch {
            // A bad row is there nevertheless.
            sequence.take(isNew ? id : nil, nil, mark, &notes)
            throw error
        }
        sequence.take(isNew ? id : nil, entry.createdAt, mark, &notes)
        if case .other(let word) = entry.row.message.channel {
            notes.add(.unknownWord, mark, "channel \(LintNotes.shown(word))")
        }
        notes.checkPersonal(row.cell(InteractionTable.Column.metadata), "meta_data", mark)
    }

    mutating func finish(_ notes: inout LintNotes) { sequence.finish(&notes) }
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
    private var sequence = LintSequence()
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
        // A bad row is there nevertheless. Clocks are compared within each session.
        let id = try row.integer(PromptTable.Column.id)
        let isNew = ids.check(id?.description, "id", mark, &notes)
        sequence.take(isNew ? id : nil, nil, mark, &notes)
        uids.check(try row.text(PromptTable.Column.uid), "uid", mark, &notes)
        let table = PromptTable(owners: PromptSessionOwners())
        let entry = try table.entry(row, recordsCreation: false)
        let created = try row.requiredReal(PromptTable.Column.createdAt)
        notes.checkRange(created, "created_at", mark)
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
