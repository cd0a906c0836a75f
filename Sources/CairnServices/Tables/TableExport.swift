public import CairnCore
internal import CairnDomains
internal import CairnEngine
public import CairnJournal

/// Reads rows of a source's table out of a journal, in the order of their positions.
///
/// What was removed is left out and counted, and so is what was erased.
public struct TableExport: Sendable {
    /// How many rows were handed out by the last reading.
    public private(set) var rowCount = 0
    /// Events whose payload was erased; they are no rows any more.
    public private(set) var erasedCount = 0
    /// Rows that a removal covers.
    public private(set) var removedCount = 0
    /// Interactions that have no status yet; the source's table has none of those.
    public private(set) var pendingCount = 0
    /// Interactions that may be on their way: their rows say SENT, as the source's would, and
    /// `in_doubt`, so that no import frees their keys (law 5).
    public private(set) var doubtCount = 0

    private let table: ExportedTable
    private let journal: any Journal
    private let bound: Position
    private var removals: TableRemovals?

    /// Prepares an export.
    ///
    /// - Parameters:
    ///   - table: Whose rows.
    ///   - journal: What to read.
    ///   - bound: The last position that is seen; nil for all that there are now.
    /// - Throws: ``ExportError/journal(_:)``.
    public init(
        _ table: ExportedTable,
        of journal: any Journal,
        upTo bound: Position? = nil
    ) async throws(ExportError) {
        self.table = table
        self.journal = journal
        do throws(JournalError) {
            let last = try await journal.head().lastPosition
            self.bound = min(bound ?? last, last)
        } catch {
            throw .journal(error)
        }
    }

    /// Hands out each row, page after page; no page is held while a row is being written.
    ///
    /// - Throws: What the body throws, ``ExportError/journal(_:)`` and
    ///   ``ExportError/unreadable(position:_:)``.
    /// - Complexity: One pass over the journal, for tables whose rows can be removed one more at
    ///   first, and for interactions a read of each item's stream; memory for 16 bytes of each
    ///   user, and for the name of each session.
    public mutating func forEachItem(
        _ body: (TableExportItem) throws(ExportError) -> Void
    ) async throws(ExportError) {
        (rowCount, erasedCount, removedCount, pendingCount, doubtCount) = (0, 0, 0, 0, 0)
        var reader = TableFrameReader(table, try await knownRemovals())
        var next: UInt64? = bound == .zero ? nil : Position.first.rawValue
        while let start = next {
            reader.beginPage()
            do {
                next = try await journal.page(
                    from: Position(rawValue: start),
                    .forwards,
                    upTo: bound,
                    limit: PageLimit(eventCountMax: 4_096)
                ) { header, frame in reader.take(header, frame) }.next
            } catch {
                throw .journal(error)
            }
            erasedCount += reader.erasedCount
            removedCount += reader.removedCount
            for (stream, position) in reader.items {
                guard let row = try await interaction(stream, at: position) else { continue }
                rowCount += 1
                doubtCount += row.needsOwnColumn ? 1 : 0
                try body(.row(row))
            }
            for found in reader.found {
                if case .row = found { rowCount += 1 }
                try body(found)
            }
            if let (position, error) = reader.failure {
                throw .unreadable(position: position, error)
            }
        }
    }

    /// The row of an item, as the bound sees it.
    private mutating func interaction(
        _ stream: StreamID,
        at position: Position
    ) async throws(ExportError) -> TableExportRow? {
        do throws(EngineError<ItemRefusal>) {
            let folded = try await StreamFold(ItemMachine(), of: stream)
                .folded(in: journal, upTo: bound)
            let row = InteractionTable.row(of: folded.state, at: position)
            if row == nil, folded.state.request?.message != nil { pendingCount += 1 }
            return row
        } catch {
            switch error {
            case .journal(let error): throw .journal(error)
            case .unreadable(let position, let error):
                throw .unreadable(position: position, error)
            // A fold refuses nothing.
            case .refused: return nil
            }
        }
    }

    /// Reads everything once and says what a writer must know before the first row.
    ///
    /// - Throws: What ``forEachItem(_:)`` throws.
    public mutating func survey() async throws(ExportError) -> TableSurvey {
        var survey = TableSurvey()
        try await forEachItem { item in
            if case .row(let row) = item { survey.take(row) }
        }
        return survey
    }

    /// What was removed up to the bound; found once.
    private mutating func knownRemovals() async throws(ExportError) -> TableRemovals {
        if let removals { return removals }
        var found = TableRemovals()
        guard let kind = table.streamKind, bound > .zero else { return found }
        var failure: (Position, EventCodecError)?
        do throws(JournalError) {
            let truncations = try limited { () throws(LimitError) in
                try Removal.truncations(of: kind)
            }
            try await journal.forEachEvent(upTo: bound) { header, frame in
                do throws(EventCodecError) {
                    guard let removal = try Removal.stored(header, frame: frame) else {
                        return .proceed
                    }
                    found.take(removal, header)
                    return .proceed
                } catch {
                    failure = (header.position, error)
                    return .stop
                }
            }
            try await journal.forEachEvent(of: truncations, upTo: bound) { header, frame in
                if let removal = try? Removal.stored(header, frame: frame) {
                    found.truncations.take(removal, at: header.position)
                }
                return .proceed
            }
        } catch {
            throw .journal(error)
        }
        if let (position, error) = failure { throw .unreadable(position: position, error) }
        removals = found
        return found
    }
}

extension ExportedTable {
    /// The kind of the streams that rows are removed from; nil where none are.
    fileprivate var streamKind: StreamKind? {
        switch self {
        case .touch: TouchMachine.streamKind
        case .prompt, .promptSessions: PromptSessionMachine.streamKind
        case .system, .interaction: nil
        }
    }
}

/// What is not to be seen any more.
struct TableRemovals: Sendable {
    /// All truncations of the table's streams.
    var truncations = Truncations()
    /// Where each forgotten stream was forgotten last.
    private var forgotten: [StreamNumber: Position] = [:]

    /// Takes the removal of a stream.
    mutating func take(_ removal: Removal, _ header: EventHeader) {
        if removal.extent == .stream { forgotten[header.streamNumber] = header.position }
    }

    /// Whether a row is covered.
    func cover(_ header: EventHeader) -> Bool {
        if let position = forgotten[header.streamNumber], position > header.position {
            return true
        }
        return truncations.cover(header.position, at: header.occurredAt)
    }
}
