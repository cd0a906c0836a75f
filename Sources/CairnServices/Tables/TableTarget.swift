internal import CairnCore
internal import CairnDomains
internal import CairnJournal

/// How rows of one table become events.
protocol TableTarget: Sendable {
    /// A row that is ready to be appended: checked, encoded and digested.
    associatedtype Entry: TableEntry

    var table: SourceTable { get }

    /// Reads a row.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - recordsCreation: Whether its recorded time is to be its `created_at`.
    /// - Returns: The entry.
    /// - Throws: The first thing that is wrong with it.
    func entry(_ row: TableRow, recordsCreation: Bool) throws(RowFault) -> Entry

    /// Appends the entries of a batch in their order.
    ///
    /// - Parameters:
    ///   - entries: The batch.
    ///   - goesOn: Whether the entries after one that is refused are still tried.
    ///   - scope: The turn.
    /// - Returns: A verdict on each up to the last that was tried; of a refused one nothing is
    ///   there.
    /// - Throws: What is the journal's failure and not an entry's.
    func append(
        _ entries: [Entry],
        goesOn: Bool,
        in scope: any TurnScope
    ) throws(JournalError) -> [TableOutcome]
}

/// What an importer asks of an entry.
protocol TableEntry: Sendable {
    /// Whose row it is: a user, a session, a customer; nil where rows are nobody's.
    var subject: String? { get }
    /// `created_at`.
    var createdAt: Timestamp { get }
    /// Where it stands in the order of time.
    var orderKey: TimeKey { get }
    /// Whether it has a provider's reference, and nobody said which provider's.
    var lacksProvider: Bool { get }
}

extension TableEntry {
    /// By `created_at`, and those with equal times as they stand.
    var orderKey: TimeKey { TimeKey(time: createdAt) }
    var lacksProvider: Bool { false }
}

/// What became of one row in a turn.
enum TableOutcome: Sendable {
    /// The row is there, now or since before.
    case appended(Receipt, flaw: PromptSessionFlaw? = nil, isOwnerless: Bool = false)
    /// The journal holds what the row is about, and knows more of it.
    case known
    case refused(ImportReason)
}

/// An entry that is one event of one stream.
struct SingleEntry: TableEntry {
    let subject: String?
    let createdAt: Timestamp
    let stream: StreamID
    let event: NewEvent
}

extension TableTarget where Entry == SingleEntry {
    func append(
        _ entries: [SingleEntry],
        goesOn: Bool,
        in scope: any TurnScope
    ) throws(JournalError) -> [TableOutcome] {
        var outcomes: [TableOutcome] = []
        outcomes.reserveCapacity(entries.count)
        for entry in entries {
            do {
                let receipts = try scope.append([entry.event], to: entry.stream, expecting: .any)
                outcomes.append(.appended(receipts[0]))
            } catch {
                guard error.isAboutRow else { throw error }
                outcomes.append(.refused(.refused(error)))
                if !goesOn { break }
            }
        }
        return outcomes
    }
}

extension JournalError {
    /// Whether the journal refuses a row, and does not fail.
    var isAboutRow: Bool {
        switch self {
        case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit: true
        default: false
        }
    }
}

extension RowOrigin {
    /// Keeps what a cell says where an export would write it otherwise.
    mutating func keep(_ row: TableRow, _ column: Int, unless text: [UInt8]) {
        guard let cell = row.cell(column), !cell.elementsEqual(text) else { return }
        keep(cell, column: column)
    }

    /// The origin, or nil where it says nothing.
    var ifNeeded: RowOrigin? { isEmpty ? nil : self }
}

extension Double {
    /// The number as an export writes it: the shortest text that reads back as the same.
    var cellText: [UInt8] { Array(description.utf8) }
}

extension Timestamp {
    /// The instant as an export to JSON lines writes it.
    var jsonCell: [UInt8] { Array(rfc3339.utf8) }
    /// The instant as an export to CSV writes it.
    var csvCell: [UInt8] { Array(postgreSQL.utf8) }
}
