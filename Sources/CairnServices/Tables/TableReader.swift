internal import CairnCore

/// What a reader of a table finds next.
enum TableItem {
    case row(TableRow, line: Int)
    /// A row that cannot be read; reading can go on after it.
    case bad(ImportError)
}

/// Reads the rows of a table from front to back, holding one at a time.
protocol TableReader {
    /// Takes the next row; nil at the end.
    ///
    /// - Throws: What makes the rest of the input unreadable.
    mutating func next() throws(ImportError) -> TableItem?
}

extension TableShape {
    /// A reader of rows in a format; in one that has none, an error.
    func reader(
        of input: InputBytes,
        _ format: ImportFormat
    ) throws(ImportError) -> any TableReader {
        switch format {
        case .csv: return try TableCSVReader(input, self)
        case .jsonl: return TableJSONReader(input, self)
        case .xes, .temporal: throw input.error(.notRows(table: name))
        }
    }
}

extension TableShape {
    /// What is said of a name that is none of the columns'.
    fileprivate func unknown(_ name: String) -> ImportReason {
        .columnNotInTable(name: name, table: self.name, columns: columns.map(\.name))
    }
}

/// Reads CSV as `COPY ... CSV HEADER` writes it: an empty cell without quotes is NULL.
struct TableCSVReader: TableReader {
    private let input: InputBytes
    private let table: TableShape
    private var records: CSVRecords
    private var columns: [Int] = []

    init(_ input: InputBytes, _ table: TableShape) throws(ImportError) {
        self.input = input
        self.table = table
        records = CSVRecords(input)
        try readHeader()
    }

    private mutating func readHeader() throws(ImportError) {
        guard let end = try records.next() else { throw input.error(.missingHeader) }
        let place = ImportPlace.line(records.line)
        if case .fault(let reason) = end { throw input.error(reason, at: place) }
        for cell in records.cells {
            guard let cell else { throw input.error(.missingHeader, at: place) }
            guard let name = String(validating: records.bytes[cell], as: UTF8.self) else {
                throw input.error(.invalidUTF8, at: place)
            }
            guard let column = table.column(named: name) else {
                throw input.error(table.unknown(name), at: place)
            }
            guard !columns.contains(column) else {
                throw input.error(.duplicateColumn(name: name), at: place)
            }
            columns.append(column)
        }
        for (place, column) in table.columns.enumerated()
        where column.isRequired && !columns.contains(place) {
            throw input.error(.missingColumn(name: column.name), at: .line(records.line))
        }
        records.cellCountMax = columns.count
    }

    mutating func next() throws(ImportError) -> TableItem? {
        guard let end = try records.next() else { return nil }
        let line = records.line
        if case .fault(let reason) = end { return .bad(input.error(reason, at: .line(line))) }
        guard records.cellCount == columns.count else {
            let reason = ImportReason.cellCount(found: records.cellCount, expected: columns.count)
            return .bad(input.error(reason, at: .line(line)))
        }
        var row = TableRow(table, isCSV: true)
        for (column, cell) in zip(columns, records.cells) { row[column] = cell }
        records.exchange(&row.bytes)
        return .row(row, line: line)
    }
}

/// Reads JSON lines: one object a line, its keys the names of the columns.
///
/// In a column of JSON, a string that holds JSON is taken for what it holds, as a table with a
/// text column gives it; any other string is itself the JSON.
struct TableJSONReader: TableReader {
    private let input: InputBytes
    private let table: TableShape
    private var lines: JSONRowLines
    private var line: [UInt8] = []

    init(_ input: InputBytes, _ table: TableShape) {
        self.input = input
        self.table = table
        lines = JSONRowLines(input)
    }

    mutating func next() throws(ImportError) -> TableItem? {
        guard let found = try lines.nextRow(into: &line) else { return nil }
        let place = ImportPlace.line(lines.number)
        let fields: [JSONScanner.Field]
        switch found {
        case .bad(let error): return .bad(error)
        case .fields(let some): fields = some
        }
        do throws(RowFault) {
            return .row(try row(fields), line: lines.number)
        } catch {
            return .bad(input.error(error.reason, at: place))
        }
    }

    private mutating func row(_ fields: [JSONScanner.Field]) throws(RowFault) -> TableRow {
        var row = TableRow(table, isCSV: false)
        var seen: Set<Int> = []
        for field in fields {
            guard let column = table.column(named: field.key) else {
                throw RowFault(table.unknown(field.key))
            }
            guard seen.insert(column).inserted else {
                throw RowFault(.duplicateKey(name: field.key))
            }
            row[column] = try cell(field.range, table.columns[column])
        }
        swap(&row.bytes, &line)
        return row
    }

    /// Where a value's text stands; one with escapes is written out behind the line.
    private mutating func cell(
        _ range: Range<Int>,
        _ column: TableColumn
    ) throws(RowFault) -> Range<Int>? {
        let wrongType = RowFault(.wrongType(column: column.name, expected: column.expectation))
        let first = line[range.lowerBound]
        switch first {
        case UInt8(ascii: "n"): return nil
        case UInt8(ascii: "\""):
            switch column.kind {
            case .text, .time, .name, .document: return try text(range)
            case .json:
                let inner = try text(range)
                return isJSON(inner) ? inner : range
            case .integer, .real, .boolean: throw wrongType
            }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard column.kind == .json || column.kind == .document else { throw wrongType }
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            guard column.kind == .json || column.kind == .boolean else { throw wrongType }
        default:
            switch column.kind {
            case .integer, .name, .real, .json: break
            case .text, .time, .boolean, .document: throw wrongType
            }
        }
        return range
    }

    private func isJSON(_ range: Range<Int>) -> Bool {
        do {
            try JSONScanner.validate(line.span.bytes.extracting(range))
            return true
        } catch {
            return false
        }
    }

    private mutating func text(_ range: Range<Int>) throws(RowFault) -> Range<Int> {
        let inner = range.lowerBound + 1..<range.upperBound - 1
        guard line[inner].contains(UInt8(ascii: "\\")) else { return inner }
        let value: JSONValue
        do {
            value = try JSONValue.parse(line.span.bytes.extracting(range))
        } catch {
            throw RowFault(.malformedJSON(message: error.description))
        }
        guard case .string(let text) = value else { return inner }
        let start = line.count
        line.append(contentsOf: text.utf8)
        return start..<line.count
    }
}
