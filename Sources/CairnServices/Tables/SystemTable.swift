internal import CairnCore
internal import CairnDomains

/// Rows of `system_events` (seed 003): each is an event under `system_events/<id>`.
struct SystemTable: TableTarget {
    /// The places of the columns.
    enum Column {
        static let (id, createdAt, level, type, leadID, payload, eventID) = (0, 1, 2, 3, 4, 5, 6)
    }

    var table: SourceTable { .system }

    func entry(_ row: TableRow, recordsCreation: Bool) throws(RowFault) -> SingleEntry {
        let rowID = try row.integer(Column.id)
        let name = try row.text(Column.eventID) ?? rowID.map(Self.eventName)
        guard let name else { throw row.missing(Column.id) }
        let createdAt = try row.requiredTime(Column.createdAt)
        let word = try row.requiredText(Column.level)
        guard let level = SystemEventLevel(word: word) else {
            let known = SystemEventLevel.allCases.map(\.word).joined(separator: ", ")
            throw RowFault(.unknownWord(column: "level", text: word, known: known))
        }
        var origin = RowOrigin(id: rowID)
        let text = row.isCSV ? createdAt.csvCell : createdAt.jsonCell
        origin.keep(row, Column.createdAt, unless: text)
        origin.keep(row, Column.level, unless: Array(level.word.utf8))
        let event = SystemEvent(
            level,
            SystemEventType(stored: try row.requiredText(Column.type)),
            leadID: try row.integer(Column.leadID).map(LeadID.init(rawValue:)),
            payload: try row.json(Column.payload).map(SystemEventPayload.init(stored:)),
            origin: origin.ifNeeded
        )
        do throws(LimitError) {
            return SingleEntry(
                subject: nil,
                createdAt: createdAt,
                stream: try SystemEvent.stream(),
                event: try event.newEvent(
                    at: createdAt,
                    id: try EventID(name),
                    recordedAt: recordsCreation ? createdAt : nil
                )
            )
        } catch {
            throw RowFault(.limit(error))
        }
    }

    /// The id of the event that a row of the table became.
    static func eventName(_ id: Int64) -> String { "\(SourceTable.system.name)/\(id)" }
}
