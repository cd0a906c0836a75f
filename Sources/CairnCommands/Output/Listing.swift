internal import CairnCore

/// A list of rows: one aligned table, or one JSON array.
struct Listing<Row>: Sendable {
    /// One column under the name it has in JSON.
    struct Column: Sendable {
        let name: String
        /// Whether the table for people shows it, too.
        let isInText: Bool
        let value: @Sendable (Row) -> OutputValue
        /// What the table for people has.
        let textValue: @Sendable (Row) -> OutputValue

        init(
            _ name: String,
            isInText: Bool = true,
            text: (@Sendable (Row) -> OutputValue)? = nil,
            _ value: @escaping @Sendable (Row) -> OutputValue
        ) {
            self.name = name
            self.isInText = isInText
            self.value = value
            textValue = text ?? value
        }
    }

    let columns: [Column]
    /// The sentence that people get instead of an empty table.
    let emptyText: String

    /// Prints rows in a format.
    ///
    /// - Parameters:
    ///   - rows: What the list holds.
    ///   - format: The format.
    ///   - hint: What people are told after the sentence for an empty list.
    /// - Throws: ``CommandFailure``, as ``Terminal/write(_:)``.
    func print(
        _ rows: [Row],
        as format: OutputFormat,
        hint: String? = nil
    ) throws(CommandFailure) {
        switch format {
        case .json: try Terminal.write(json: json(rows))
        case .text where rows.isEmpty:
            try Terminal.write(emptyText + (hint.map { "; \($0)" } ?? "") + "\n")
        case .text: try Terminal.write(text(rows))
        }
    }

    /// One JSON array of objects with the columns as keys, in their order.
    func json(_ rows: [Row]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for row in rows { write(row, to: &writer) }
        writer.endArray()
        return writer.bytes
    }

    func write(_ row: Row, to writer: inout JSONWriter) {
        OutputValue.object(members(of: row)).write(to: &writer)
    }

    /// A row's columns under their names, as a part of a larger thing.
    func members(of row: Row) -> [(String, OutputValue)] {
        columns.map { ($0.name, $0.value(row)) }
    }

    /// The table for people, without the columns in which no row has a value.
    func text(_ rows: [Row]) -> String {
        var table = TextTable()
        for column in columns where column.isInText {
            let values = rows.map(column.textValue)
            guard let first = values.first(where: { !$0.isAbsent }) else { continue }
            table.add(
                heading: TextTable.heading(of: column.name),
                values,
                isRightAligned: first.isRightAligned
            )
        }
        return table.text
    }
}

/// What results are printed as.
enum OutputFormat: String, CaseIterable, Sendable {
    case text
    case json
}
