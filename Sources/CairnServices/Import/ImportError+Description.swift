internal import CairnCore
internal import CairnDomains
internal import CairnJournal

extension ImportError: CustomStringConvertible {
    public var description: String {
        let name = source == "-" ? "standard input" : source
        guard let place else { return "\(name): \(reason)" }
        return "\(name), \(place): \(reason)"
    }
}

extension ImportPlace: CustomStringConvertible {
    public var description: String {
        switch self {
        case .line(let line): "line \(line)"
        case .event(let name, let ordinal, let line):
            (line.map { "line \($0), " } ?? "")
                + "case \(ImportReason.quoted(name)), event \(ordinal)"
        }
    }
}

extension ImportReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound: "no such file"
        case .noPermission: "no permission to read it"
        case .isFolder: "it is a folder"
        case .inputOutput(let code): "it cannot be read (error \(code))"
        case .temporaryFile(let path, let code):
            "no temporary file for sorting can be kept in \(path) (error \(code))"
        case .empty: "it is empty"
        case .unknownFormat:
            "it is neither JSON lines nor CSV with a header nor an XES log nor a history, in UTF-8"
        case .oneDocument:
            "it looks like one JSON document and not like rows; put each row on a line of its own, "
                + "as 'jq -c .' does, and \"jq -c '.[]'\" for an array; comments on a video go in "
                + "with --input timed-comments"
        case .truncatedGzip: "the gzip data ends too early: part of the file is missing"
        case .damagedGzip(let message): "the gzip data is damaged: \(message)"
        case .missingHeader: "there is no header line with the names of the columns"
        case .duplicateColumn(let name): "the header names column \(Self.quoted(name)) twice"
        case .unknownColumn(let name):
            "unknown column \(Self.quoted(name)); known are "
                + EventTrackerColumn.allCases.map(\.name).joined(separator: ", ")
        case .missingColumn(let name): "the header has no column \(name)"
        case .unknownTable(let columns):
            "its columns (\(Self.listed(columns))) do not tell whose table it is; say of a log what "
                + "it is with --input, and of a table whose it is with --as: "
                + SourceTable.allCases.map(Self.columns).joined(separator: "; ")
        case .columnNotInTable(let name, let table, let columns):
            "\(table) has no column \(Self.quoted(name)); it has "
                + columns.joined(separator: ", ")
        case .notRows(let table):
            "rows of \(table) come as JSON lines or CSV"
        case .malformedXML(let message): "the XML is not well-formed: \(message)"
        case .documentType: "a DOCTYPE is refused, because it can declare entities"
        case .nestedTooDeep(let max): "it is nested deeper than \(max) levels"
        case .tokenTooLong(let max): "one tag or text is longer than \(max) bytes"
        case .notALog(let element):
            "the outermost element is \(Self.quoted(element)) and not an XES log"
        case .malformedHistory(let message): "it is not a Temporal history: \(message)"
        case .malformedDocument(let message): "the JSON is malformed: \(message)"
        case .documentTooLong(let max):
            "what must be read of it at once is longer than \(max) bytes"
        case .malformedLine(let message): "it is no line of such a log: \(message)"
        case .rowTooLong(let max): "the row is longer than \(max) bytes"
        case .invalidUTF8: "the bytes are not valid UTF-8"
        case .cellCount(let found, let expected):
            "the row has \(found) cells and the header \(expected)"
        case .unclosedQuote: "a quote opens here and is never closed"
        case .strayQuote: "a quote stands inside a cell; it must be doubled and the cell quoted"
        case .malformedJSON(let message): "the JSON is malformed: \(message)"
        case .duplicateKey(let name): "\(Self.quoted(name)) is given twice"
        case .wrongType(let column, let expected): "\(column) must be \(expected)"
        case .missingValue(let column): "\(column) is missing"
        case .notAnInteger(let column, let text):
            "\(column) \(Self.quoted(text)) is not a whole number"
        case .outOfRange(let column, let text): "\(column) \(Self.quoted(text)) is out of range"
        case .notANumber(let column, let text):
            "\(column) \(Self.quoted(text)) is not a number"
        case .notABoolean(let column, let text):
            "\(column) \(Self.quoted(text)) is neither true nor false"
        case .badTime(let column, let text, let error):
            "\(column) \(Self.quoted(text)) \(Self.words(error))"
        case .otherTenant(let request, let known, let given):
            "request \(Self.quoted(request)) belongs to tenant \(Self.quoted(known)), "
                + "not to \(Self.quoted(given))"
        case .stopped: "the import was stopped"
        case .limit(let error): error.description
        case .refused(let error), .journal(let error): error.description
        case .key(let error): error.description
        case .takenName(let name): "\(Self.quoted(name)) is that of another interaction"
        case .touch(let error): error.description
        case .unknownWord(let column, let text, let known):
            "\(column) \(Self.quoted(text)) is none of \(known)"
        case .promptEvent(let error): error.description
        case .promptSession(let refusal): refusal.description
        case .otherOwner(let owner, let source, let line):
            "\(PromptSessionRefusal.otherOwner(owner)) (\(source == "-" ? "standard input" : source), "
                + "line \(line))"
        case .codec(let error): error.description
        }
    }

    private static func words(_ error: Timestamp.FormatError) -> String {
        switch error {
        case .notRFC3339: "is not a time such as 2025-12-25T10:00:00.123Z"
        case .missingZone: "has no time zone, so it could mean any hour of a day"
        case .outOfRange: "has a part that is out of range"
        }
    }

    private static func columns(of table: SourceTable) -> String {
        let names = table.columns.filter { !$0.isOwn }.map(\.name).joined(separator: ", ")
        return "\(table.rawValue) (\(names))"
    }

    /// The first names of a header, each short: a document that is no table may have any number.
    private static func listed(_ names: [String]) -> String {
        let shown = names.prefix(8).map { quoted($0, lengthMax: 40).dropFirst().dropLast() }
        return shown.joined(separator: ", ") + (names.count > shown.count ? ", ..." : "")
    }

    /// A value of the input as it may stand in one line of a message: short, without controls.
    static func quoted(_ text: String, lengthMax: Int = 80) -> String {
        var result = "'"
        for (index, scalar) in text.unicodeScalars.enumerated() {
            if index == lengthMax { return result + "...'" }
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            result.unicodeScalars.append(isControl ? "?" : scalar)
        }
        return result + "'"
    }
}
