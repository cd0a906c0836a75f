extension SourceTable {
    /// The table to which columns belong; nil where they tell none, or several equally well.
    ///
    /// The one with most of the names, if one of them is a column of no other table.
    public static func recognized(by names: [String]) -> SourceTable? {
        let scores = allCases.map { table in
            (table: table, score: names.count { table.column(named: $0) != nil })
        }
        guard let best = scores.max(by: { $0.score < $1.score }), best.score > 0,
            scores.count(where: { $0.score == best.score }) == 1,
            names.contains(where: { best.table.marks.contains($0) })
        else { return nil }
        return best.table
    }

    /// The columns that no other table has.
    private var marks: Set<String> {
        let others = Self.allCases.filter { $0 != self }
        return Set(
            columns.map(\.name).filter { name in
                others.allSatisfy { $0.column(named: name) == nil }
            }
        )
    }

    /// The names of the columns of an input, as far as its first bytes show them; nil where they
    /// show none.
    static func columnNames(
        in beginning: ArraySlice<UInt8>,
        _ format: ImportFormat
    ) -> [String]? {
        var bytes = beginning
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        bytes = bytes.drop { $0 <= 0x20 }
        switch format {
        case .csv: return headerNames(bytes)
        case .jsonl: return bytes.first == UInt8(ascii: "{") ? memberNames(bytes) : nil
        case .xes, .temporal: return nil
        }
    }

    private static func headerNames(_ bytes: ArraySlice<UInt8>) -> [String]? {
        guard let end = bytes.firstIndex(of: 10) else { return nil }
        return bytes[..<end].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { cell in
                String(decoding: cell.filter { $0 != 0x22 && $0 != 13 }, as: UTF8.self)
            }
    }

    /// The keys of the first object, of which only the beginning may be there.
    private static func memberNames(_ bytes: ArraySlice<UInt8>) -> [String] {
        var names: [String] = []
        var depth = 0
        var text: [UInt8]?
        var last: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if let inside = text {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    last = inside
                    text = nil
                    continue
                }
                if depth == 1 { text?.append(byte) }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): text = []
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ":") where depth == 1:
                names.append(String(decoding: last, as: UTF8.self))
            default: break
            }
            if depth == 0 { break }
        }
        return names
    }
}

/// What the first bytes of inputs say, before anything is imported.
///
/// Standard input and pipes cannot be read twice: what was looked at is kept for the importer.
public final class InputGlance {
    /// What an input is.
    public enum Finding: Hashable, Sendable {
        /// Rows of a table, or a log of cases, which are rows of the pipeline's.
        case table(SourceTable)
        /// Rows that tell no table, with the columns that were seen.
        case unknown(columns: [String])
        /// The bytes show no columns; whoever reads them as something says what is wrong.
        case nothing
    }

    private var opened: [String: InputBytes] = [:]

    public init() {}

    /// Looks at an input.
    ///
    /// - Parameters:
    ///   - path: A file, plain or packed with gzip; `-` is standard input.
    ///   - format: Its format; nil to tell it, too.
    /// - Returns: What it is.
    /// - Throws: ``ImportError`` where it cannot be read.
    public func look(at path: String, as format: ImportFormat?) throws(ImportError) -> Finding {
        // What comes again is the rest of what was seen, or nothing.
        guard opened[path] == nil else { return .nothing }
        let bytes = try InputBytes(path: path)
        if InputFile.byteCount(of: path) == nil { opened[path] = bytes }
        guard let format = format ?? ImportFormat.detected(in: bytes.beginning) else {
            return .nothing
        }
        guard format == .csv || format == .jsonl else { return .table(.pipeline) }
        guard let names = SourceTable.columnNames(in: bytes.beginning, format), !names.isEmpty
        else { return .nothing }
        return SourceTable.recognized(by: names).map(Finding.table) ?? .unknown(columns: names)
    }

    /// The bytes of an input from the first one on.
    static func open(
        _ path: String,
        seenBy glance: InputGlance?
    ) throws(ImportError) -> InputBytes {
        if let bytes = glance?.opened.removeValue(forKey: path) { return bytes }
        return try InputBytes(path: path)
    }
}
