public import CairnCore
public import CairnDomains
public import CairnJournal

/// One pipeline event with its places in the journal, as a row of `event_tracker`.
public struct ExportRow: Sendable {
    /// Column `pagw_id`.
    public let request: String
    public let sequence: SequenceNumber
    public let position: Position
    public let recordedAt: Timestamp
    /// The event's id in the journal, if it has one.
    public let eventID: EventID?
    public let event: PipelineEvent

    public init(
        request: String,
        sequence: SequenceNumber,
        position: Position,
        recordedAt: Timestamp,
        eventID: EventID?,
        event: PipelineEvent
    ) {
        self.request = request
        self.sequence = sequence
        self.position = position
        self.recordedAt = recordedAt
        self.eventID = eventID
        self.event = event
    }

    /// The number that a table demands: the source's, or else the place in the stream.
    var tableSequenceNumber: Int64 {
        event.sequenceNumber ?? Int64(clamping: sequence.rawValue)
    }
}

/// What rows are written as.
public enum ExportFormat: String, CaseIterable, Sendable {
    /// One JSON object a line, with a member `event_id` where ``RowNaming`` asks for it.
    case jsonl
    /// As `COPY event_tracker TO STDOUT CSV HEADER` writes it; an absent `sequence_no` is an empty
    /// cell. With a column `event_id` more if it is asked for.
    case csv
    /// Statements that make and fill the table in PostgreSQL and in SQLite.
    ///
    /// The table demands a `sequence_no`: a row without one gets its place in its stream. Ids of
    /// events are left out.
    case sql

    func makeWriter(_ survey: TableSurvey?) -> any ExportWriter {
        switch self {
        case .jsonl: JSONLinesWriter()
        case .csv: CSVWriter(writesEventIDs: (survey?.ownCount ?? 0) > 0)
        case .sql: SQLWriter(survey)
        }
    }
}

/// Why an export stopped.
public enum ExportError: Error, Hashable, Sendable {
    /// Nobody reads the output any more.
    case closedPipe
    /// The output cannot be written.
    case inputOutput(path: String, code: Int32)
    /// An event without an id belongs to a request whose name leaves no room to make one.
    case limit(position: Position, LimitError)
    /// A stored event cannot be read.
    case codec(position: Position, PipelineCodecError)
    /// A stored event of another kind cannot be read.
    case unreadable(position: Position, EventCodecError)
    case journal(JournalError)
}

extension ExportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closedPipe: "the reader of the output has gone"
        case .inputOutput(let path, let code): "\(path) cannot be written (error \(code))"
        case .limit(let position, let error): "position \(position): \(error)"
        case .codec(let position, let error): "position \(position): \(error)"
        case .unreadable(let position, let error): "position \(position): \(error)"
        case .journal(let error): error.description
        }
    }
}

/// Turns rows into the bytes of one format.
protocol ExportWriter {
    /// Adds what stands before the first row.
    mutating func begin(into bytes: inout [UInt8])
    /// Adds a row, or keeps it to be added with the next ones.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - eventID: The id that must stand beside it, if an import is to give it back.
    ///   - bytes: Where it goes.
    mutating func add(_ row: ExportRow, eventID: EventID?, into bytes: inout [UInt8])
    /// Adds what stands after the last row.
    mutating func end(into bytes: inout [UInt8])
}
