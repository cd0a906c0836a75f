internal import CairnCore
internal import CairnDomains

/// Reads JSON lines: one object a line, its keys the column names of `event_tracker`.
///
/// Metadata may be any JSON and is kept byte for byte. Where it is a string that holds an
/// object or array, as a table with a text column gives it, what the string holds is taken.
public struct JSONLinesReader: ImportReader {
    private let input: InputBytes
    private let tenant: String?
    private var lines: LineReader
    private var line: [UInt8] = []
    private var row = EventTrackerRow()
    private var ordinals = OrdinalCounter()

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - tenant: The tenant of rows that name none.
    /// - Throws: ``ImportError`` when the file cannot be read.
    public init(path: String, tenant: String? = nil) throws(ImportError) {
        self.init(try InputBytes(path: path), tenant: tenant)
    }

    init(_ input: InputBytes, tenant: String?) {
        self.input = input
        self.tenant = tenant
        lines = LineReader(input)
    }

    public mutating func next() throws(ImportError) -> ImportItem? {
        while let found = try lines.next(into: &line) {
            let place = ImportPlace.line(lines.number)
            guard found == .complete else {
                let reason = ImportReason.rowTooLong(byteCountMax: LineReader.rowByteCountMax)
                return .bad(input.error(reason, at: place))
            }
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            do {
                try parse()
                return .row(try row.importRow(at: place, tenant: tenant, counting: &ordinals))
            } catch {
                return .bad(input.error(error.reason, at: place))
            }
        }
        return nil
    }

    private mutating func parse() throws(RowFault) {
        let fields: [JSONScanner.Field]
        do {
            fields = try JSONScanner.topLevelRanges(in: line.span.bytes)
        } catch {
            if error.reason == .illFormedUTF8 { throw RowFault(.invalidUTF8) }
            throw RowFault(.malformedJSON(message: error.description))
        }
        row.removeAll()
        var seen: Set<EventTrackerColumn> = []
        for field in fields {
            guard let column = EventTrackerColumn(name: field.key) else {
                throw RowFault(.unknownColumn(name: field.key))
            }
            guard seen.insert(column).inserted else {
                throw RowFault(.duplicateKey(name: field.key))
            }
            try take(field.range, as: column)
        }
        swap(&row.bytes, &line)
    }

    /// Notes where a value's text stands; one with escapes is written out behind the line.
    private mutating func take(
        _ range: Range<Int>,
        as column: EventTrackerColumn
    ) throws(RowFault) {
        switch line[range.lowerBound] {
        case UInt8(ascii: "n"): return
        case UInt8(ascii: "\""):
            let text = try self.text(range)
            // A string that holds no object or array is JSON metadata by itself.
            row[column] = column == .metadata && !holdsDocument(text) ? range : text
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard column == .metadata else { throw wrongType(column) }
            row[column] = range
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            guard column == .retryable || column == .metadata else { throw wrongType(column) }
            row[column] = range
        default:
            guard !column.isText, column != .retryable else { throw wrongType(column) }
            row[column] = range
        }
    }

    private func wrongType(_ column: EventTrackerColumn) -> RowFault {
        let expected =
            switch column {
            case .retryable: "true or false"
            case .metadata: "JSON"
            default: column.isText ? "a string" : "a whole number"
            }
        return RowFault(.wrongType(column: column.name, expected: expected))
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

    private func holdsDocument(_ range: Range<Int>) -> Bool {
        let first = line[range].first { $0 > 0x20 }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return false }
        do {
            try JSONScanner.validate(line.span.bytes.extracting(range))
            return true
        } catch {
            return false
        }
    }
}
