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
            notes.add(.badName, mark, error.description)
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
            return notes.add(.badPayload, mark, "payload is no object")
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
