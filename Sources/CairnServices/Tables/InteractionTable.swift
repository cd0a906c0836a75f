internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// Rows of `interactions` (seed 001): each is an item of its own, under `interactions/<uuid>`.
struct InteractionTable: TableTarget {
    /// Whose names the references of the rows are, under the name that reports are looked up by;
    /// nil where nobody said.
    var provider: String?

    /// The places of the columns.
    enum Column {
        static let (id, uuid, customer, key, channel, status) = (0, 1, 2, 3, 4, 5)
        static let (body, notifyReference, providerReference) = (6, 7, 8)
        static let (metadata, createdAt, inDoubt) = (9, 10, 11)
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
        /// What the provider calls it; nil where it gave no name, or nobody said who gave it.
        let name: StreamFold<ReferenceMachine>?

        var subject: String? { row.message.customer }
        var lacksProvider: Bool {
            name == nil && row.acceptance.providerReference?.isEmpty == false
        }
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
                customerStream: try CustomerStream.stream(of: interaction.message.customer),
                name: try name(of: interaction)
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }

    private func name(
        of interaction: ImportedInteraction
    ) throws(LimitError) -> StreamFold<ReferenceMachine>? {
        guard let provider, let reference = interaction.acceptance.providerReference,
            !reference.isEmpty
        else { return nil }
        let stream = try ReferenceMachine.stream(provider: provider, reference: reference)
        return StreamFold(ReferenceMachine(), of: stream)
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
        let doubted = try doubtedAttempt(row, status, word)
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
                provider: provider,
                providerReference: try row.text(Column.providerReference),
                notifyReference: try row.text(Column.notifyReference),
                metadata: try row.json(Column.metadata)
            ),
            doubtedAttempt: doubted,
            origin: origin.ifNeeded
        )
    }

    private func doubtedAttempt(
        _ row: TableRow,
        _ status: InteractionStatus,
        _ word: String
    ) throws(RowFault) -> Int64? {
        guard let number = try row.integer(Column.inDoubt) else { return nil }
        guard number > 0 else {
            throw RowFault(.outOfRange(column: "in_doubt", text: number.description))
        }
        guard status == .sent else {
            throw RowFault(.unknownWord(column: "status", text: word, known: "SENT, in doubt"))
        }
        return number
    }

    private func key(_ row: TableRow) throws(RowFault) -> ItemKey? {
        guard let name = try row.text(Column.key) else { return nil }
        do throws(ItemKeyError) { return try ItemKey(name) } catch {
            throw RowFault(.key(error))
        }
    }
}
