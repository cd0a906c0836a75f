public import CairnCore
public import CairnDomains
public import CairnJournal

/// One pipeline event with its places in the journal, as a row of `event_tracker`.
public struct ExportRow: Hashable, Sendable {
    /// Column `pagw_id`.
    public let request: String
    public let sequence: SequenceNumber
    public let position: Position
    public let recordedAt: Timestamp
    public let event: PipelineEvent

    public init(
        request: String,
        sequence: SequenceNumber,
        position: Position,
        recordedAt: Timestamp,
        event: PipelineEvent
    ) {
        self.request = request
        self.sequence = sequence
        self.position = position
        self.recordedAt = recordedAt
        self.event = event
    }

    /// The number that tables demand: the source's, or else the place in the stream.
    var tableSequenceNumber: Int64 {
        event.sequenceNumber ?? Int64(clamping: sequence.rawValue)
    }
}

/// What rows are written as.
public enum ExportFormat: String, CaseIterable, Sendable {
    /// One JSON object a line; an absent `sequence_no` stays absent, so an import gives the same.
    case jsonl
    /// As `COPY event_tracker TO STDOUT CSV HEADER` writes it.
    case csv
    /// Statements that make and fill the table in PostgreSQL and in SQLite.
    case sql

    func makeWriter() -> any ExportWriter {
        switch self {
        case .jsonl: JSONLinesWriter()
        case .csv: CSVWriter()
        case .sql: SQLWriter()
        }
    }
}

/// Why an export stopped.
public enum ExportError: Error, Hashable, Sendable {
    /// Nobody reads the output any more.
    case closedPipe
    /// The output cannot be written.
    case inputOutput(path: String, code: Int32)
    /// A stored event cannot be read.
    case codec(position: Position, PipelineCodecError)
    case journal(JournalError)
}

extension ExportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closedPipe: "the reader of the output has gone"
        case .inputOutput(let path, let code): "\(path) cannot be written (error \(code))"
        case .codec(let position, let error): "position \(position): \(error)"
        case .journal(let error): error.description
        }
    }
}

/// Turns rows into the bytes of one format.
protocol ExportWriter {
    /// Adds what stands before the first row.
    mutating func begin(into bytes: inout [UInt8])
    /// Adds a row, or keeps it to be added with the next ones.
    mutating func add(_ row: ExportRow, into bytes: inout [UInt8])
    /// Adds what stands after the last row.
    mutating func end(into bytes: inout [UInt8])
}
