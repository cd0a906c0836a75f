public import CairnCore
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
    /// The ordinal among those rows of the request in this input that have neither `sequence_no`
    /// nor `event_id`.
    ///
    /// Rows of one request without numbers must therefore come in one input: another one's first
    /// row has the same id as this one's, and is refused unless it is the same row. A bad row has
    /// its ordinal, too, so that it can be mended and imported later, unless it is so broken that
    /// its `pagw_id` cannot be read.
    case ordinal(UInt64)
    /// The row's own `event_id`, as it is.
    case eventID(EventID)
}

extension ImportKey {
    /// The id that the event has in the journal.
    ///
    /// - Parameter request: The row's `pagw_id`.
    /// - Returns: `<pagw_id>/<sequence_no>`, or `<pagw_id>/#<ordinal>`, whose mark keeps it from
    ///   ever meeting a number; or the id that the row itself gives.
    /// - Throws: `LimitError`.
    public func eventID(request: String) throws(LimitError) -> EventID {
        switch self {
        case .sequenceNumber(let number):
            try PipelineEvent.eventID(request: request, sequenceNumber: number)
        case .ordinal(let ordinal): try EventID("\(request)/#\(ordinal)")
        case .eventID(let id): id
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
