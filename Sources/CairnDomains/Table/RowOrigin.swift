internal import CairnCore

/// What a row of a source's table says beside what its event does: its own `id`, and the cells
/// that an export would write otherwise, so that it gives the row back byte for byte.
///
/// Nothing is decided by it, and it is no part of what an event id stands for (law 4): the same
/// row under another `id`, or with its times laid out anew, is the same event.
public struct RowOrigin: Hashable, Sendable {
    /// Most columns that a table may have.
    public static let columnCountMax = 32

    private struct Cell: Hashable, Sendable {
        let column: Int
        let bytes: [UInt8]
    }

    /// The row's `id`; nil where the table or the row has none.
    public let id: Int64?
    /// Whether the event's recorded time is that at which its row was created.
    ///
    /// Then it is history, however near to each other its two times are. Said of prompt events
    /// only, which are the ones that are played.
    public var isHistory = false
    private var cells: [Cell] = []

    public init(id: Int64? = nil) {
        self.id = id
    }

    /// Whether there is nothing to keep.
    public var isEmpty: Bool { id == nil && cells.isEmpty && !isHistory }

    /// Keeps the text of a cell.
    ///
    /// - Parameters:
    ///   - bytes: The text in UTF-8.
    ///   - column: The place of the column in its table, from 0 on; each once, in any order. One
    ///     beyond ``columnCountMax`` is not kept.
    public mutating func keep(_ bytes: some Sequence<UInt8>, column: Int) {
        guard (0..<Self.columnCountMax).contains(column) else { return }
        cells.append(Cell(column: column, bytes: Array(bytes)))
        cells.sort { $0.column < $1.column }
    }

    /// The text that was kept of a cell; nil where an export writes it as it was.
    public func text(column: Int) -> [UInt8]? {
        cells.first { $0.column == column }?.bytes
    }
}

extension RowOrigin {
    private static let idTag: UInt8 = 1
    private static let historyTag: UInt8 = 2
    /// The tag of the first column's text; those of the others follow.
    private static let firstColumnTag: UInt8 = 16

    /// The bytes that are stored beside the event; nil where there is nothing to keep.
    var encoded: [UInt8]? {
        guard !isEmpty else { return nil }
        var fields = FieldWriter(capacity: 32)
        fields.number(Self.idTag, id)
        if isHistory { fields.number(Self.historyTag, 1) }
        for cell in cells { fields.blob(Self.firstColumnTag + UInt8(cell.column), cell.bytes) }
        return fields.finish()
    }

    /// Reads stored bytes; nil for none.
    init?(stored bytes: [UInt8]?) throws(FieldFailure) {
        guard let bytes else { return nil }
        let payload = bytes.span.bytes
        let fields = try ItemFields(payload).fields
        self.init(id: fields.number(Self.idTag))
        isHistory = fields.number(Self.historyTag) == 1
        for column in 0..<Self.columnCountMax {
            let tag = Self.firstColumnTag + UInt8(column)
            if let text = fields.blob(tag, in: payload) { keep(text, column: column) }
        }
    }
}
