public import CairnDomains

/// What an import reads its rows from.
public struct ImportInput: Hashable, Sendable {
    /// A file, plain or packed with gzip; `-` is standard input.
    public let path: String
    /// The format; nil to tell it from the first bytes.
    public let format: ImportFormat?

    public init(path: String, format: ImportFormat? = nil) {
        self.path = path
        self.format = format
    }

    /// The name of the file without its folder and its endings; what logs are called by.
    public var stem: String {
        guard path != "-" else { return "stdin" }
        var name = Substring(path.split(separator: "/").last ?? "")
        for ending in [".gz", ".xes", ".json", ".jsonl", ".csv", ".xml"]
        where name.hasSuffix(ending) && name.count > ending.count {
            name.removeLast(ending.count)
        }
        return String(name)
    }
}

/// A format of rows.
public enum ImportFormat: String, CaseIterable, Sendable {
    /// One JSON object a line, its keys the columns of `event_tracker`.
    case jsonl
    /// A header and rows with the columns of `event_tracker`.
    case csv
    /// An XES event log.
    case xes
    /// The history of one Temporal workflow.
    case temporal

    /// Tables keep the order of their rows; logs are grouped by case and interleaved by time.
    public var standardOrder: ImportOrder {
        switch self {
        case .jsonl, .csv, .temporal: .file
        case .xes: .time
        }
    }

    /// Tells a format from the first bytes of an input.
    static func detected(in bytes: ArraySlice<UInt8>) -> ImportFormat? {
        var start = bytes
        if start.starts(with: [0xEF, 0xBB, 0xBF]) { start = start.dropFirst(3) }
        start = start.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard let first = start.first else { return nil }
        // UTF-16 begins with a mark of its own; only XML declares its encoding.
        if first == UInt8(ascii: "<") || start.starts(with: [0xFE, 0xFF, 0x00, 0x3C])
            || start.starts(with: [0xFF, 0xFE, 0x3C, 0x00])
        {
            return .xes
        }
        if first == UInt8(ascii: "{") {
            let inner = start.dropFirst().drop { $0 <= 0x20 }
            return inner.starts(with: "\"events\"".utf8) ? .temporal : .jsonl
        }
        if first == UInt8(ascii: "[") {
            // An array of rows is for the reader of lines to refuse: it says what to do instead.
            let inner = start.dropFirst().first { $0 > 0x20 }
            return inner == UInt8(ascii: "{") ? .jsonl : nil
        }
        let header = start.prefix { $0 != 0x0A }
        let isText = header.allSatisfy { $0 >= 0x20 || $0 == 0x0D || $0 == 0x09 }
        guard isText, String(validating: header, as: UTF8.self) != nil || header.count > 1_024
        else { return nil }
        return header.contains(UInt8(ascii: ",")) ? .csv : nil
    }
}

/// In which order rows are appended.
public enum ImportOrder: String, CaseIterable, Sendable {
    /// As they stand in the input.
    case file
    /// By `created_at`, and those with equal times as they stand; prompt events of one instant by
    /// what they are (join first, leave last), their prompt time and their uid.
    case time
}

/// How an import goes about its work.
public struct ImportOptions: Sendable {
    /// The tenant of rows that name none, and of logs; by default logs are called by their stem.
    public var tenant: String?
    /// What stands before the cases of logs; the stem by default.
    public var prefix: String?
    /// Of rows of interactions: the provider whose names their `provider_reference` are.
    ///
    /// Its reports then find them, those that came before the import as well; a row that was
    /// imported without it is linked by importing it again. Nil links nothing.
    public var provider: String?
    /// What the provider is called in reports.
    public var vocabulary = ProviderVocabulary.builtIn
    /// The order; by default what the format or the table calls for.
    public var order: ImportOrder?
    /// Whether recorded times follow `created_at`, as far as they may; by default they do where
    /// rows are ordered by time, and else they are the journal's own clock.
    public var recordsCreation: Bool?
    /// Whether bad rows are counted and set aside; otherwise the first one stops the import.
    public var skipsBadRows = false
    /// Most events of one turn; more than ``batchEventCountMax`` count as that.
    public var batchEventCount = 1_000
    /// Far below what a turn may append, so that there is room for what a turn's runner adds.
    public static let batchEventCountMax = 65_536
    /// Asked before each row, also while rows are only read to be sorted.
    ///
    /// True ends the import with ``ImportReason/stopped``. By default, whether the task was
    /// cancelled.
    public var shouldStop: @Sendable () -> Bool = { Task.isCancelled }
    /// How much is held in memory to sort by time, in bytes.
    public var sortByteCountMax = 64 << 20
    /// Where rows that do not fit into memory are sorted.
    public var temporaryFolder = "/tmp"

    public init() {}
}

/// What an import did.
public struct ImportSummary: Hashable, Sendable {
    /// Events that are in the journal now and were not before.
    public var events = 0
    /// Different requests among the rows that are in the journal.
    public var requests = 0
    /// Rows that had been imported before.
    public var duplicates = 0
    /// Rows that were set aside.
    public var badRows = 0
    /// New events whose recorded time was to be their `created_at` and could not be, because the
    /// journal had later events already, or because it lies in the future.
    public var shiftedTimes = 0
    /// How long it took.
    public var seconds = 0.0

    public init() {}
}

/// How far an import is.
public struct ImportProgress: Hashable, Sendable {
    /// Rows that are in the journal, those that had been there before included.
    public var events = 0
    /// Bytes of the input files that were read.
    public var bytes = 0
    /// Bytes of all input files; nil where one of them is a pipe.
    public var byteCount: Int?

    public init() {}
}
