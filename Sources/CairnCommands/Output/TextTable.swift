/// Columns of text under headings, aligned for a terminal.
struct TextTable {
    private struct Column {
        let heading: String
        let values: [OutputValue]
        let isRightAligned: Bool
    }

    private var columns: [Column] = []

    mutating func add(heading: String, _ values: [OutputValue], isRightAligned: Bool) {
        columns.append(Column(heading: heading, values: values, isRightAligned: isRightAligned))
    }

    /// The heading of a column: durations show their own unit, so their names need none.
    static func heading(of name: String) -> String {
        name.hasSuffix("_ms") ? String(name.dropLast(3)) : name
    }

    /// The heading's line and one line for each row.
    var text: String {
        let cells = columns.map { column in column.values.map(\.text) }
        let widths = zip(columns, cells).map { column, cells in
            cells.reduce(column.heading.count) { max($0, $1.count) }
        }
        var lines = [
            line(columns.indices.map { (columns[$0].heading, Colour.bold) }, widths: widths)
        ]
        for row in 0..<(columns.first?.values.count ?? 0) {
            lines.append(
                line(
                    columns.indices.map { (cells[$0][row], columns[$0].values[row].colour) },
                    widths: widths
                )
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ cells: [(text: String, colour: Colour?)], widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: widths[index] - cell.text.count)
            let text = cell.colour?.applied(to: cell.text) ?? cell.text
            let isLast = index == cells.count - 1
            if index > 0 { line += "  " }
            line += columns[index].isRightAligned ? padding + text : text + (isLast ? "" : padding)
        }
        return line
    }
}
