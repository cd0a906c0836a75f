internal import CairnCore
internal import CairnDomains

/// Reads JSON lines: one object a line, its keys the column names of `event_tracker`.
///
/// Metadata may be any JSON and is kept byte for byte. Where it is a string that holds the JSON
/// text of an object, an array or a string, as a table with a text column gives it, what the
/// string holds is taken, once; a string that holds anything else is metadata itself.
public struct JSONLinesReader: ImportReader {
    private let input: InputBytes
    private let tenant: String?
    private var lines: JSONRowLines
    private var line: [UInt8] = []
    private var row = EventTrackerRow(isCSV: false)
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
        lines = JSONRowLines(input)
    }

    public mutating func next() throws(ImportError) -> ImportItem? {
        guard let found = try lines.nextRow(into: &line) else { return nil }
        let place = ImportPlace.line(lines.number)
        let fields: [JSONScanner.Field]
        switch found {
        case .bad(let error): return .bad(error)
        case .fields(let some): fields = some
        }
        let fault = take(fields)
        do {
            return .row(
                try row.importRow(at: place, tenant: tenant, fault: fault, counting: &ordinals)
            )
        } catch {
            return .bad(input.error(error.reason, at: place))
        }
    }

    /// Notes where the values stand.
    ///
    /// - Returns: The first thing that is wrong; what can be noted is noted nevertheless.
    private mutating func take(_ fields: [JSONScanner.Field]) -> RowFault? {
        row.removeAll()
        var fault: RowFault?
        var seen: Set<EventTrackerColumn> = []
        for field in fields {
            do throws(RowFault) {
                guard let column = EventTrackerColumn(name: field.key) else {
                    throw RowFault(.unknownColumn(name: field.key))
                }
                guard seen.insert(column).inserted else {
                    throw RowFault(.duplicateKey(name: field.key))
                }
                try take(field.range, as: column)
            } catch {
                fault = fault ?? error
            }
        }
        swap(&row.bytes, &line)
        return fault
    }

    /// Notes where a value's text stands; one with escapes is written out behind the line.
    private mutating func take(
        _ range: Range<Int>,
        as column: EventTrackerColumn
    ) throws(RowFault) {
        let first = line[range.lowerBound]
        row[column] = first == UInt8(ascii: "n") ? nil : range
        guard row[column] != nil else { return }
        switch first {
        case UInt8(ascii: "\""):
            let text = try self.text(range)
            let isKept =
                column == .metadata
                && !EncodedDocument.isHeld(in: line.span.bytes.extracting(text))
            if !isKept { row[column] = text }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard column == .metadata else { throw wrongType(column) }
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            guard column == .retryable || column == .metadata else { throw wrongType(column) }
        default:
            guard !column.isText, column != .retryable else { throw wrongType(column) }
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
}
