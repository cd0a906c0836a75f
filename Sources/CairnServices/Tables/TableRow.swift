internal import CairnCore

/// One row of a source's table as CSV or JSON lines give it: bytes, and where each cell stands.
struct TableRow: Sendable {
    let table: TableShape
    /// Whether it stands in CSV, where instants are written as PostgreSQL does.
    let isCSV: Bool
    /// The bytes that the cells stand in.
    var bytes: [UInt8] = []
    private var cells: [Range<Int>?]

    init(_ table: TableShape, isCSV: Bool) {
        self.table = table
        self.isCSV = isCSV
        cells = Array(repeating: nil, count: table.columns.count)
    }

    /// Where a column's value stands; nil for NULL, which an empty text is not.
    subscript(column: Int) -> Range<Int>? {
        get { cells[column] }
        set { cells[column] = newValue }
    }

    /// Forgets all cells.
    mutating func removeAll() {
        for index in cells.indices { cells[index] = nil }
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4 * InputBytes.chunkByteCount)
    }

    func name(of column: Int) -> String { table.columns[column].name }

    func missing(_ column: Int) -> RowFault { RowFault(.missingValue(column: name(of: column))) }

    /// The bytes of a cell; nil for NULL.
    func cell(_ column: Int) -> ArraySlice<UInt8>? { self[column].map { bytes[$0] } }

    /// A text; nil for NULL.
    func text(_ column: Int) throws(RowFault) -> String? {
        guard let cell = cell(column) else { return nil }
        guard let text = String(validating: cell, as: UTF8.self) else {
            throw RowFault(.invalidUTF8)
        }
        return text
    }

    /// A text that must be there.
    func requiredText(_ column: Int) throws(RowFault) -> String {
        guard let text = try text(column) else { throw missing(column) }
        return text
    }

    /// A whole number; nil for NULL.
    func integer(_ column: Int) throws(RowFault) -> Int64? {
        guard let cell = cell(column) else { return nil }
        let digits = cell.first == UInt8(ascii: "-") ? cell.dropFirst() : cell
        guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else {
            throw RowFault(.notAnInteger(column: name(of: column), text: shown(cell)))
        }
        guard let value = Int64(String(decoding: cell, as: UTF8.self)) else {
            throw RowFault(.outOfRange(column: name(of: column), text: shown(cell)))
        }
        return value
    }

    /// A Double that must be there, finite.
    func requiredReal(_ column: Int) throws(RowFault) -> Double {
        guard let cell = cell(column) else { throw missing(column) }
        let text = String(decoding: cell, as: UTF8.self)
        guard JSONNumber(text) != nil, let value = Double(text) else {
            throw RowFault(.notANumber(column: name(of: column), text: shown(cell)))
        }
        guard value.isFinite else {
            throw RowFault(.outOfRange(column: name(of: column), text: shown(cell)))
        }
        return value
    }

    /// An instant, in UTC where it names no zone; nil for NULL.
    func time(_ column: Int) throws(RowFault) -> Timestamp? {
        guard let text = try text(column) else { return nil }
        do {
            return try Timestamp(rfc3339: text)
        } catch .missingZone {
            do { return try Timestamp(rfc3339: text + "Z") } catch {
                throw RowFault(.badTime(column: name(of: column), text: text, error))
            }
        } catch {
            throw RowFault(.badTime(column: name(of: column), text: text, error))
        }
    }

    /// An instant that must be there.
    func requiredTime(_ column: Int) throws(RowFault) -> Timestamp {
        guard let time = try time(column) else { throw missing(column) }
        return time
    }

    /// JSON text, checked; nil for NULL.
    func json(_ column: Int) throws(RowFault) -> [UInt8]? {
        guard let range = self[column] else { return nil }
        do {
            try JSONScanner.validate(bytes.span.bytes.extracting(range))
        } catch {
            throw RowFault(.malformedJSON(message: "\(name(of: column)): \(error)"))
        }
        return Array(bytes[range])
    }

    /// A cell for a message; only as much of it as a message may hold.
    private func shown(_ cell: ArraySlice<UInt8>) -> String {
        String(decoding: cell.prefix(200), as: UTF8.self)
    }
}

extension TableRow {
    /// The row as bytes, for the time it is set aside to be sorted.
    func encoded(source: Int, line: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: 64 + bytes.count)
        writer.variable(UInt64(source))
        writer.variable(UInt64(line))
        writer.variable(UInt64(isCSV ? 1 : 0))
        for cell in cells {
            writer.variable(UInt64(cell == nil ? 0 : 1))
            if let cell { writer.blob(Array(bytes[cell])) }
        }
        return writer.finish()
    }

    /// Reads a row that was set aside.
    static func decode(
        _ record: [UInt8],
        _ table: TableShape
    ) throws(TruncatedBytes) -> (row: TableRow, source: Int, line: Int) {
        var reader = ByteReader()
        let span = record.span.bytes
        let source = Int(try reader.variable(in: span))
        let line = Int(try reader.variable(in: span))
        var row = TableRow(table, isCSV: try reader.variable(in: span) == 1)
        for column in row.cells.indices where try reader.variable(in: span) == 1 {
            row.cells[column] = try reader.blob(in: span)
        }
        row.bytes = record
        return (row, source, line)
    }
}
