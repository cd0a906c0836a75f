internal import CairnCore
internal import CairnDomains

/// Writes rows of a source's table to a sink, in one format and in bounded memory.
///
/// In JSON lines and CSV a row is as an import takes it: written once more, it is the same row
/// byte for byte. In SQL it is made and filled by the source's own statements.
public struct TableExporter {
    private var writer: any TableWriter
    private let sink: any ByteSink
    private var bytes: [UInt8] = []
    private var hasBegun = false

    /// Prepares an export.
    ///
    /// - Parameters:
    ///   - table: Whose rows.
    ///   - format: What to write.
    ///   - sink: Where it goes.
    ///   - survey: What ``TableExport/survey()`` found; CSV and SQL need it.
    public init(
        _ table: ExportedTable,
        as format: ExportFormat,
        to sink: any ByteSink,
        survey: TableSurvey
    ) {
        let shape = table.shape
        writer =
            switch format {
            case .jsonl: TableJSONWriter(shape)
            case .csv: TableCSVWriter(shape, writesOwn: survey.ownCount > 0)
            case .sql: TableSQLWriter(table, survey)
            }
        self.sink = sink
    }

    /// Writes one row, or whose a session is where that belongs into the export.
    public mutating func write(_ item: TableExportItem) throws(ExportError) {
        begin()
        switch item {
        case .row(let row): writer.add(row, into: &bytes)
        case .owner(let session, let owner): writer.add(session, owner, into: &bytes)
        }
        if bytes.count >= EventExporter.chunkByteCount { try flush() }
    }

    /// Writes what stands after the last row.
    public mutating func finish() throws(ExportError) {
        begin()
        writer.end(into: &bytes)
        try flush()
    }

    private mutating func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        writer.begin(into: &bytes)
    }

    private mutating func flush() throws(ExportError) {
        try sink.write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}

/// Turns rows into the bytes of one format.
protocol TableWriter {
    /// Adds what stands before the first row.
    mutating func begin(into bytes: inout [UInt8])
    /// Adds a row, or keeps it to be added with the next ones.
    mutating func add(_ row: TableExportRow, into bytes: inout [UInt8])
    /// Adds whose a session is, or passes over it.
    mutating func add(
        _ session: PromptSessionID,
        _ owner: PromptSessionOwner,
        into bytes: inout [UInt8]
    )
    /// Adds what stands after the last row.
    mutating func end(into bytes: inout [UInt8])
}

/// Writes a row as one line: an object with all columns, null where there is no value.
struct TableJSONWriter: TableWriter {
    private let shape: TableShape
    private var writer = JSONWriter()

    init(_ shape: TableShape) {
        self.shape = shape
    }

    func begin(into bytes: inout [UInt8]) {}

    mutating func add(_ row: TableExportRow, into bytes: inout [UInt8]) {
        writer.beginObject()
        writer.member(shape.columns[0].name, row.id)
        for (column, cell) in zip(shape.columns.dropFirst(), row.cells) {
            writer.key(column.name)
            add(cell)
        }
        if row.needsOwnColumn, let column = shape.columns.last {
            writer.key(column.name)
            add(row.own)
        }
        end(&bytes)
    }

    mutating func add(
        _ session: PromptSessionID,
        _ owner: PromptSessionOwner,
        into bytes: inout [UInt8]
    ) {
        guard shape.columns.count == 3 else { return }
        writer.beginObject()
        for (column, name) in zip(shape.columns, [session.name, owner.prompt, owner.user]) {
            writer.key(column.name)
            add(.name(name))
        }
        end(&bytes)
    }

    func end(into bytes: inout [UInt8]) {}

    private mutating func end(_ bytes: inout [UInt8]) {
        writer.endObject()
        writer.newline()
        writer.drain { bytes.append(contentsOf: $0) }
    }

    private mutating func add(_ cell: TableCell) {
        switch cell {
        case .null: writer.null()
        case .integer(let value): writer.integer(value)
        case .name(let name):
            if let value = name.canonicalInteger {
                writer.integer(value)
            } else {
                writer.string(name)
            }
        case .text(let text): writer.string(text)
        case .document(let json): writer.string(String(decoding: json, as: UTF8.self))
        case .json(let json):
            if Self.mustBeQuoted(json) {
                writer.string(String(decoding: json, as: UTF8.self))
            } else {
                writer.verbatim(json)
            }
        case .real(let value, let kept): writer.verbatim(kept ?? value.cellText)
        case .time(let instant, let kept):
            writer.string(String(decoding: kept ?? instant.jsonCell, as: UTF8.self))
        }
    }

    /// Whether JSON would not come back as it is from a line: a reader takes a string that holds
    /// JSON for what it holds, null for no value, and leaves space around a value out.
    private static func mustBeQuoted(_ json: [UInt8]) -> Bool {
        if json.trimmingJSONSpace.count != json.count || json.contains(10) || json.contains(13) {
            return true
        }
        guard let first = json.first, first == UInt8(ascii: "\"") else {
            return json.elementsEqual("null".utf8)
        }
        guard case .string(let text)? = try? JSONValue.parse(json) else { return false }
        return (try? JSONScanner.validate(Array(text.utf8).span.bytes)) != nil
    }
}

/// Writes rows as PostgreSQL's `COPY ... CSV HEADER` does: NULL empty, an empty text quoted.
struct TableCSVWriter: TableWriter {
    private let shape: TableShape
    private let writesOwn: Bool

    init(_ shape: TableShape, writesOwn: Bool) {
        self.shape = shape
        self.writesOwn = writesOwn
    }

    func begin(into bytes: inout [UInt8]) {
        let columns = shape.columns.filter { !$0.isOwn || writesOwn }
        bytes.append(contentsOf: columns.map(\.name).joined(separator: ",").utf8)
        bytes.append(10)
    }

    func add(_ row: TableExportRow, into bytes: inout [UInt8]) {
        if let id = row.id { bytes.append(contentsOf: id.description.utf8) }
        for cell in row.cells {
            bytes.append(UInt8(ascii: ","))
            add(cell, &bytes)
        }
        if writesOwn {
            bytes.append(UInt8(ascii: ","))
            add(row.own, &bytes)
        }
        bytes.append(10)
    }

    func add(
        _ session: PromptSessionID,
        _ owner: PromptSessionOwner,
        into bytes: inout [UInt8]
    ) {
        guard shape.columns.count == 3 else { return }
        for (index, name) in [session.name, owner.prompt, owner.user].enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            CSVWriter.cell(name.utf8, &bytes)
        }
        bytes.append(10)
    }

    func end(into bytes: inout [UInt8]) {}

    private func add(_ cell: TableCell, _ bytes: inout [UInt8]) {
        switch cell {
        case .null: break
        case .integer(let value): bytes.append(contentsOf: value.description.utf8)
        case .name(let text), .text(let text): CSVWriter.cell(text.utf8, &bytes)
        case .document(let json), .json(let json): CSVWriter.cell(json, &bytes)
        case .real(let value, let kept): bytes.append(contentsOf: kept ?? value.cellText)
        case .time(let instant, let kept): CSVWriter.cell(kept ?? instant.csvCell, &bytes)
        }
    }
}
