public import CairnDomains

/// One event of an input, ready for a journal.
public struct ImportRow: Sendable {
    /// `pagw_id`, or for a log the prefix and the case.
    public let request: String
    /// What tells the event from others of its request, and is the same in every import.
    public let key: ImportKey
    public let event: PipelineEvent
    public let place: ImportPlace

    public init(request: String, key: ImportKey, event: PipelineEvent, place: ImportPlace) {
        self.request = request
        self.key = key
        self.event = event
        self.place = place
    }
}

/// What an imported event is called inside its request.
public enum ImportKey: Hashable, Sendable {
    /// The `sequence_no` of the row, or the ordinal of the event in its case.
    case sequenceNumber(Int64)
    /// The ordinal among those rows of the request in this input that have no `sequence_no`.
    ///
    /// Rows of one request without numbers must therefore come in one input: another one's first
    /// row has the same id as this one's, and is refused unless it is the same row.
    case ordinal(UInt64)
}

extension ImportKey: CustomStringConvertible {
    /// The end of the event id; an ordinal is marked, so that it never meets a number of a row.
    public var description: String {
        switch self {
        case .sequenceNumber(let number): String(number)
        case .ordinal(let ordinal): "#\(ordinal)"
        }
    }
}

/// What a reader finds next.
public enum ImportItem: Sendable {
    case row(ImportRow)
    /// A row that cannot become an event; reading can go on after it.
    case bad(ImportError)
}

/// Reads an input from front to back, holding no more of it than a stated bound.
public protocol ImportReader {
    /// Takes the next row; nil at the end.
    ///
    /// - Throws: What makes the rest of the input unreadable.
    mutating func next() throws(ImportError) -> ImportItem?
}
