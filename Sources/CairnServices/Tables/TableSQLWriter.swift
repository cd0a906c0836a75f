#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
internal import CairnCore
internal import CairnDomains

/// Writes statements that make and fill a source's table.
///
/// `system_events` and `interactions` are taken by PostgreSQL and SQLite. The tables of seeds 000
/// and 004 are stated for SQLite, and their `REAL` has too few bits in PostgreSQL for any time:
/// there the first statement already fails. `id` is the row's own where those of all rows differ
/// and leave room behind them for the rows without any, and else its position. A user or a session
/// that is called by something else than a number gets a negative one made of its name, which
/// stands beside it in the table that is referred to.
struct TableSQLWriter: TableWriter {
    /// Most rows of one statement.
    private static let statementRowCountMax = 100
    /// Most of those referred to that are remembered as made, so that each is made about once.
    private static let knownCountMax = 65_536

    private let table: ExportedTable
    private let survey: TableSurvey
    private var rows: [UInt8] = []
    private var rowCount = 0
    private var referred: [UInt8] = []
    private var known: Set<Int64> = []

    init(_ table: ExportedTable, _ survey: TableSurvey) {
        self.table = table
        self.survey = survey
    }

    func begin(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: table.schema.utf8)
    }

    mutating func add(_ row: TableExportRow, into bytes: inout [UInt8]) {
        rows.append(contentsOf: rows.isEmpty ? "\n(".utf8 : ",\n(".utf8)
        rows.append(contentsOf: survey.tableID(row.id, at: row.position).description.utf8)
        for (column, cell) in zip(table.shape.columns.dropFirst(), row.cells) {
            rows.append(UInt8(ascii: ","))
            if column.name == table.reference { refer(to: cell) }
            add(cell)
        }
        rows.append(UInt8(ascii: ")"))
        rowCount += 1
        if rowCount == Self.statementRowCountMax || rows.count > 1 << 20 { flush(into: &bytes) }
    }

    mutating func add(
        _ session: PromptSessionID,
        _ owner: PromptSessionOwner,
        into bytes: inout [UInt8]
    ) {
        flush(into: &bytes)
        bytes.append(
            contentsOf:
                "INSERT INTO \(table.referredTable) (id, name, prompt, \"user\") VALUES (".utf8
        )
        bytes.append(contentsOf: Self.number(of: session.name).description.utf8)
        for text in [session.name, owner.prompt, owner.user] {
            bytes.append(UInt8(ascii: ","))
            SQLWriter.text(text.utf8, &bytes)
        }
        bytes.append(
            contentsOf: """
                )
                ON CONFLICT (id) DO UPDATE SET prompt = excluded.prompt, "user" = excluded."user";

                """.utf8
        )
    }

    mutating func end(into bytes: inout [UInt8]) {
        flush(into: &bytes)
        bytes.append(contentsOf: table.indexes.utf8)
        bytes.append(contentsOf: "COMMIT;\n".utf8)
    }

    /// The number that stands for a name: its own, or a negative one that no source gives.
    private static func number(of name: String) -> Int64 {
        name.canonicalInteger ?? -1 - Int64(name.stableDigest >> 2)
    }

    /// A number in 17 digits: from fewer, that say the same, SQLite 3.40 now and then reads the
    /// number beside it.
    private static func digits(of value: Double) -> [UInt8] {
        var text = [CChar](repeating: 0, count: 40)
        let count = withVaList([value]) { vsnprintf(&text, text.count, "%.17g", $0) }
        guard count > 0, count < text.count else { return value.cellText }
        let digits = text.prefix(Int(count)).map { UInt8(bitPattern: $0) }
        let isWhole = digits.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: "-") }
        return isWhole ? digits + Array(".0".utf8) : digits
    }

    private mutating func refer(to cell: TableCell) {
        let name: String
        switch cell {
        case .name(let text): name = text
        case .integer(let value): name = value.description
        case .null, .text, .document, .json, .real, .time: return
        }
        let number = Self.number(of: name)
        if known.count == Self.knownCountMax { known = [] }
        guard known.insert(number).inserted else { return }
        referred.append(contentsOf: referred.isEmpty ? "\n(".utf8 : ",\n(".utf8)
        referred.append(contentsOf: number.description.utf8)
        if table.namesReferred {
            referred.append(UInt8(ascii: ","))
            SQLWriter.text(name.utf8, &referred)
        }
        referred.append(UInt8(ascii: ")"))
    }

    private mutating func flush(into bytes: inout [UInt8]) {
        if !referred.isEmpty {
            let columns = table.namesReferred ? "id, name" : "id"
            bytes.append(contentsOf: "INSERT INTO \(table.referredTable) (\(columns)) VALUES".utf8)
            bytes.append(contentsOf: referred)
            bytes.append(contentsOf: "\nON CONFLICT (id) DO NOTHING;\n".utf8)
            referred.removeAll(keepingCapacity: true)
        }
        guard rowCount > 0 else { return }
        let columns = table.shape.columns.filter { !$0.isOwn }.map(\.name).joined(separator: ", ")
        bytes.append(contentsOf: "INSERT INTO \(table.shape.name) (\(columns)) VALUES".utf8)
        bytes.append(contentsOf: rows)
        bytes.append(contentsOf: ";\n".utf8)
        rows.removeAll(keepingCapacity: true)
        rowCount = 0
    }

    private mutating func add(_ cell: TableCell) {
        switch cell {
        case .null: rows.append(contentsOf: "NULL".utf8)
        case .integer(let value): rows.append(contentsOf: value.description.utf8)
        case .name(let name):
            rows.append(contentsOf: Self.number(of: name).description.utf8)
        case .text(let text): SQLWriter.text(text.utf8, &rows)
        case .document(let json), .json(let json): SQLWriter.text(json, &rows)
        case .real(let value, _): rows.append(contentsOf: Self.digits(of: value))
        case .time(let instant, _):
            // A column without a zone; SQLite compares times as texts.
            var text = Array(instant.rfc3339.utf8.dropLast())
            if text.count > 10 { text[10] = 0x20 }
            SQLWriter.text(text, &rows)
        }
    }
}
