internal import CairnCore

/// Prints rows one by one as they come: lines whose columns grow as needed, or JSON lines.
struct RowPrinter<Row> {
    private let listing: Listing<Row>
    private let format: OutputFormat
    private var widths: [Int]
    private var hasHeading = false

    init(listing: Listing<Row>, format: OutputFormat) {
        self.listing = listing
        self.format = format
        widths = listing.columns.filter(\.isInText).map { $0.name.count }
    }

    mutating func print(_ row: Row) throws(CommandFailure) {
        switch format {
        case .json:
            var writer = JSONWriter()
            listing.write(row, to: &writer)
            try Terminal.write(json: writer.bytes)
        case .text:
            let columns = listing.columns.filter(\.isInText)
            let values = columns.map { $0.textValue(row) }
            for (index, value) in values.enumerated() {
                widths[index] = max(widths[index], value.text.count)
            }
            if !hasHeading {
                hasHeading = true
                try Terminal.write(line(columns.map { (TextTable.heading(of: $0.name), .bold) }))
            }
            try Terminal.write(line(values.map { ($0.text, $0.colour) }))
        }
    }

    private func line(_ cells: [(text: String, colour: Colour?)]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let text = cell.colour?.applied(to: cell.text) ?? cell.text
            line += text
            if index < cells.count - 1 {
                line += String(repeating: " ", count: widths[index] - cell.text.count + 2)
            }
        }
        return line + "\n"
    }
}
