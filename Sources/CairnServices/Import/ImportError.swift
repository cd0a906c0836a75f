public import CairnCore
public import CairnDomains
public import CairnJournal

/// Why an import stopped, or why one row was not taken.
///
/// What stood before the place is in the journal; a later import of the same input goes on.
public struct ImportError: Error, Hashable, Sendable {
    /// The input as it was named: a path, or `-` for standard input.
    public let source: String
    /// Where in the input; nil for what concerns all of it.
    public let place: ImportPlace?
    public let reason: ImportReason

    public init(source: String, place: ImportPlace? = nil, reason: ImportReason) {
        self.source = source
        self.place = place
        self.reason = reason
    }
}

/// Where in an input something stands.
public enum ImportPlace: Hashable, Sendable {
    /// A line of a text file, counted from 1 after unpacking.
    case line(Int)
    /// An event of a log: its case, its ordinal in the case, and the line it ends on, if known.
    case event(case: String, ordinal: Int, line: Int?)
}

/// What is wrong with an input.
public enum ImportReason: Hashable, Sendable {
    // The world: the input cannot be read, or there is no room to sort it.

    case notFound
    case noPermission
    case isFolder
    case inputOutput(code: Int32)
    case temporaryFile(path: String, code: Int32)

    // The input as a whole.

    /// There is not a single byte, so its format cannot be told.
    case empty
    /// The bytes look like none of the formats.
    case unknownFormat
    /// The bytes look like a single JSON value over many lines, or an array, and not like lines.
    case oneDocument
    case truncatedGzip
    case damagedGzip(message: String)
    case missingHeader
    case duplicateColumn(name: String)
    case unknownColumn(name: String)
    /// The header lacks a column that no row can do without.
    case missingColumn(name: String)
    /// The columns are those of no table, or of several equally well.
    case unknownTable(columns: [String])
    /// A name that is no column of the table.
    case columnNotInTable(name: String, table: String, columns: [String])
    /// The format has no rows of the table.
    case notRows(table: String)
    case malformedXML(message: String)
    case documentType
    case nestedTooDeep(depthMax: Int)
    case tokenTooLong(byteCountMax: Int)
    case notALog(element: String)
    case malformedHistory(message: String)
    /// The input is one JSON document, and is broken where it cannot be read any further.
    case malformedDocument(message: String)
    /// The input is one JSON document, and what must be held of it at once is too long.
    case documentTooLong(byteCountMax: Int)
    /// A line of a log is not as the program that writes such logs writes it.
    case malformedLine(message: String)

    // One row.

    case rowTooLong(byteCountMax: Int)
    case invalidUTF8
    case cellCount(found: Int, expected: Int)
    /// A quote that nothing closes up to the end of the input.
    case unclosedQuote
    /// A quote inside a cell that did not start with one, or text after a closing quote.
    case strayQuote
    case malformedJSON(message: String)
    case duplicateKey(name: String)
    case wrongType(column: String, expected: String)
    case missingValue(column: String)
    case notAnInteger(column: String, text: String)
    case outOfRange(column: String, text: String)
    case notANumber(column: String, text: String)
    case notABoolean(column: String, text: String)
    case badTime(column: String, text: String, Timestamp.FormatError)
    case otherTenant(request: String, known: String, given: String)
    /// A value is beyond what a journal takes.
    case limit(LimitError)
    /// The journal refused the row, for example because its id is known with other content.
    case refused(JournalError)
    /// The name cannot be an idempotency key.
    case key(ItemKeyError)
    /// The key, or the uuid, is that of another interaction.
    case takenName(String)
    /// The row is none of the touch log.
    case touch(TouchError)
    /// A value is none of those that the column may have.
    case unknownWord(column: String, text: String, known: String)
    /// The row is no event of a prompt session.
    case promptEvent(PromptEventError)
    /// The session that the row belongs to does not take it.
    case promptSession(PromptSessionRefusal)
    /// The journal knows the session as that of another one than the file beside the rows says, in
    /// a line of it.
    case otherOwner(PromptSessionOwner, source: String, line: Int)

    /// Whoever started the import asked it to stop; the rows from here on are not in the journal.
    case stopped
    /// The journal failed; the rows from here on are not in it.
    case journal(JournalError)
    /// An event that is stored already, or was set aside for sorting, cannot be read.
    case codec(PipelineCodecError)
}

extension ImportError {
    /// Whether the journal failed, and not a row or an input.
    var isOfJournal: Bool {
        if case .journal = reason { true } else { false }
    }
}

extension ImportReason {
    /// Which of the three kinds of failure a reason is, for exit codes.
    public enum Kind: Sendable {
        /// The input is at fault.
        case badInput
        /// There is no such input.
        case noInput
        /// The world failed: a disk, a pipe.
        case inputOutput
        /// The journal failed, and its error tells which exit code is due.
        case journal(JournalError)
    }

    public var kind: Kind {
        switch self {
        case .notFound: .noInput
        case .noPermission, .isFolder, .inputOutput, .temporaryFile, .codec, .stopped: .inputOutput
        case .journal(let error): .journal(error)
        case .empty, .unknownFormat, .oneDocument, .truncatedGzip, .damagedGzip, .missingHeader,
            .duplicateColumn, .unknownColumn, .missingColumn, .unknownTable, .columnNotInTable,
            .notRows, .malformedXML, .documentType,
            .nestedTooDeep, .tokenTooLong, .notALog, .malformedHistory, .malformedDocument,
            .documentTooLong, .malformedLine, .rowTooLong, .invalidUTF8, .cellCount, .unclosedQuote,
            .strayQuote, .malformedJSON, .duplicateKey, .wrongType,
            .missingValue, .notAnInteger, .outOfRange, .notANumber, .notABoolean, .badTime,
            .otherTenant, .limit, .refused, .key, .takenName, .touch, .unknownWord, .promptEvent,
            .promptSession, .otherOwner:
            .badInput
        }
    }
}

extension ImportReason {
    /// Whether a row is bad, and other rows of the input can be imported without it.
    public var isAboutOneRow: Bool {
        switch self {
        case .malformedLine, .rowTooLong, .invalidUTF8, .cellCount, .strayQuote, .malformedJSON,
            .duplicateKey, .wrongType, .missingValue, .notAnInteger, .outOfRange, .notANumber,
            .notABoolean, .badTime, .otherTenant, .limit, .refused, .key, .takenName, .touch,
            .unknownWord,
            .promptEvent, .promptSession, .otherOwner:
            true
        case .notFound, .noPermission, .isFolder, .inputOutput, .temporaryFile, .empty,
            .unknownFormat, .oneDocument, .truncatedGzip, .damagedGzip, .missingHeader,
            .duplicateColumn, .unknownColumn, .missingColumn, .unknownTable, .columnNotInTable,
            .notRows, .malformedXML, .documentType, .nestedTooDeep,
            .tokenTooLong, .notALog, .malformedHistory, .malformedDocument, .documentTooLong,
            .unclosedQuote, .stopped, .journal, .codec:
            false
        }
    }
}
