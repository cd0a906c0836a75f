public import CairnCore
public import CairnDomains

/// Which rows are exported.
public enum ExportedTable: Hashable, Sendable {
    /// The touch log of seed 000.
    case touch
    /// The interactions of seed 001 that have a status.
    case interaction
    /// The system events of seed 003.
    case system
    /// The prompt events of seed 004.
    case prompt
    /// Whose sessions they are, which the rows of prompt events leave out.
    case promptSessions
}

extension ExportedTable {
    var shape: TableShape {
        switch self {
        case .touch: SourceTable.touch.shape
        case .interaction: SourceTable.interaction.shape
        case .system: SourceTable.system.shape
        case .prompt: SourceTable.prompt.shape
        case .promptSessions: .sessions
        }
    }
}

/// One row of a source's table, with its place in the journal.
public struct TableExportRow: Sendable {
    /// Where its event stands.
    public let position: Position
    /// The row's own `id`, where the source gave it one.
    public let id: Int64?
    /// What stands in the column that is no column of the source: the event's id where the row
    /// does not tell it, or the attempt that is in doubt.
    let own: TableCell
    /// The cells of all other columns, in their order.
    let cells: [TableCell]

    /// Whether the row needs the column that is no column of the source.
    public var needsOwnColumn: Bool { if case .null = own { false } else { true } }
}

/// What is read out of a journal: a row, or whose the session of rows is.
public enum TableExportItem: Sendable {
    case row(TableExportRow)
    case owner(PromptSessionID, PromptSessionOwner)
}

/// What stands in one cell.
enum TableCell: Sendable {
    case null
    case integer(Int64)
    /// What something else is called: a number where it is written as one.
    case name(String)
    case text(String)
    /// JSON in a text column.
    case document([UInt8])
    case json([UInt8])
    /// A number, and its text where that is not the one that would be written.
    case real(Double, kept: [UInt8]?)
    /// An instant, and its text where that is not one of those that would be written.
    case time(Timestamp, kept: [UInt8]?)
}

extension TableCell {
    /// A text, or nothing.
    static func optional(_ text: String?) -> TableCell { text.map { .text($0) } ?? .null }
}

extension String {
    /// The number that the text writes as an integer is written; nil for any other text.
    var canonicalInteger: Int64? {
        guard let value = Int64(self), value.description.utf8.elementsEqual(utf8) else {
            return nil
        }
        return value
    }
}
