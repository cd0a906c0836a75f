internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// Rows of `interactions` (seed 001): each is an item of its own, under `interactions/<uuid>`.
struct InteractionTable: TableTarget {
    /// The places of the columns.
    enum Column {
        static let (id, uuid, customer, key, channel, status) = (0, 1, 2, 3, 4, 5)
        static let (body, notifyReference, providerReference) = (6, 7, 8)
        static let (metadata, createdAt) = (9, 10)
    }

    /// A row, and what it becomes.
    struct Entry: TableEntry {
        let row: ImportedInteraction
        let createdAt: Timestamp
        let stream: StreamID
        let event: NewEvent
        /// What adds the item to those of its customer.
        let link: NewEvent
        let customerStream: StreamID

        var subject: String? { row.message.customer }
    }

    var table: SourceTable { .interaction }

    func entry(_ row: TableRow, recordsCreation: Bool) throws(RowFault) -> Entry {
        let createdAt = try row.requiredTime(Column.createdAt)
        let interaction = try interaction(row, createdAt)
        let recordedAt = recordsCreation ? createdAt : nil
        do throws(LimitError) {
            let stream = try interaction.stream()
            return Entry(
                row: interaction,
                createdAt: createdAt,
                stream: stream,
                event: try interaction.newEvent(at: createdAt, recordedAt: recordedAt),
                link: try CustomerStream.newEvent(
                    for: stream,
                    at: createdAt,
                    recordedAt: recordedAt
                ),
                customerStream: try CustomerStream.stream(of: interaction.message.customer)
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }

    private func interaction(
        _ row: TableRow,
        _ createdAt: Timestamp
    ) throws(RowFault) -> ImportedInteraction {
        let channel = Channel(try row.requiredText(Column.channel))
        let word = try row.requiredText(Column.status)
        guard let status = InteractionStatus(word: word) else {
            let known = InteractionStatus.allCases.map(\.word).joined(separator: ", ")
            throw RowFault(.unknownWord(column: "status", text: word, known: known))
        }
        let uuid = try row.requiredText(Column.uuid)
        guard !uuid.isEmpty else { throw row.missing(Column.uuid) }
        let customer = try row.requiredText(Column.customer)
        guard !customer.isEmpty else { throw row.missing(Column.customer) }
        var origin = RowOrigin(id: try row.integer(Column.id))
        origin.keep(row, Column.channel, unless: Array(channel.word.utf8))
        origin.keep(row, Column.status, unless: Array(status.word.utf8))
        let text = row.isCSV ? createdAt.csvCell : createdAt.jsonCell
        origin.keep(row, Column.createdAt, unless: text)
        return ImportedInteraction(
            key: try key(row),
            message: InteractionMessage(
                uuid: uuid,
                customer: customer,
                channel: channel,
                body: try row.text(Column.body)
            ),
            status: status,
            acceptance: ItemAcceptance(
                providerReference: try row.text(Column.providerReference),
                notifyReference: try row.text(Column.notifyReference),
                metadata: try row.json(Column.metadata)
            ),
            origin: origin.ifNeeded
        )
    }

    private func key(_ row: TableRow) throws(RowFault) -> ItemKey? {
        guard let name = try row.text(Column.key) else { return nil }
        do throws(ItemKeyError) { return try ItemKey(name) } catch {
            throw RowFault(.key(error))
        }
    }

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
        // A key stands for one thing, and so does a uuid: what is there already is another.
        if !isKnown, try scope.lastSequence(of: entry.stream) != .zero {
            return .refused(.takenName(entry.row.key?.name ?? entry.row.message.uuid))
        }
        let receipt = try scope.append([entry.event], to: entry.stream, expecting: .any)[0]
        if !receipt.isDuplicate {
            try scope.append([entry.link], to: entry.customerStream, expecting: .any)
        }
        return .appended(receipt)
    }
}

extension InteractionTable {
    /// An item as a row; nil for one that is no interaction, has no status yet, or may be on its
    /// way: a row has no word for a doubt, and the status of an earlier attempt would free its key
    /// wherever the row is imported (law 5).
    static func row(of state: ItemState, at position: Position) -> TableExportRow? {
        guard let message = state.request?.message, let status = state.status,
            !state.mayBeOnItsWay
        else { return nil }
        let origin = state.imported?.origin
        let attempt = state.attempts.last { $0.acceptance != nil }
        let acceptance = attempt?.acceptance
        // A status that was learned since is not the row's any more.
        let statusText =
            state.imported?.status == status ? origin?.text(column: Column.status) : nil
        let channelText = origin?.text(column: Column.channel)
        let names = state.attempts.last { !$0.facts.names.isEmpty }?.facts.names
        return TableExportRow(
            position: position,
            id: origin?.id,
            eventID: nil,
            cells: [
                .text(message.uuid),
                .name(message.customer),
                .optional(state.request?.key?.name),
                .text(
                    channelText.map { String(decoding: $0, as: UTF8.self) } ?? message.channel.word
                ),
                .text(statusText.map { String(decoding: $0, as: UTF8.self) } ?? status.word),
                .optional(acceptance?.body ?? message.body),
                .optional(acceptance?.notifyReference),
                .optional(acceptance?.providerReference ?? names?.first?.reference),
                metadata(state, message, acceptance),
                .time(
                    state.beganAt ?? .unixEpoch,
                    kept: origin?.text(column: Column.createdAt)
                ),
            ]
        )
    }

    /// What a row came with; of an interaction of our own what was sent and answered.
    private static func metadata(
        _ state: ItemState,
        _ message: InteractionMessage,
        _ acceptance: ItemAcceptance?
    ) -> TableCell {
        if state.imported != nil { return acceptance?.metadata.map { .json($0) } ?? .null }
        guard message.template != nil || message.payload != nil || acceptance?.metadata != nil
        else { return .null }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("template", message.template)
        for (name, json) in [("payload", message.payload), ("response", acceptance?.metadata)] {
            writer.key(name)
            if let json { write(json, to: &writer) } else { writer.null() }
        }
        writer.endObject()
        return .json(writer.bytes)
    }

    /// A document byte for byte; as a text where it is not JSON, which would break what holds it.
    private static func write(_ json: [UInt8], to writer: inout JSONWriter) {
        if (try? JSONScanner.validate(json.span.bytes)) != nil {
            writer.verbatim(json)
        } else {
            writer.string(String(decoding: json, as: UTF8.self))
        }
    }
}
