public import CairnCore
public import CairnDomains
public import CairnJournal

/// Why a question about a journal has no answer; nothing was changed.
public enum IncidentError: Error, Hashable, Sendable {
    /// Refused: no event of the request is in the view.
    case unknownRequest(String)
    /// Refused: no event of the stream is in the view.
    case unknownStream(StreamID)
    /// Refused: all events of the request that are in the view were removed.
    case removedRequest(String, at: Timestamp, eventCount: Int)
    /// Failed or broken: the journal could not be read.
    case journal(JournalError)
    /// Broken: a stored event is not one that this program can read.
    case event(position: Position, PipelineCodecError)
    /// Broken: a stored event of an item or a job is not one that this program can read.
    case unreadable(position: Position, EventCodecError)
    /// Refused: no such name can be in a journal.
    case limit(LimitError)
    /// Refused: what is asked for has more events than an answer may hold.
    case tooManyEvents(max: Int)
}

extension IncidentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownRequest(let id): "no event of request \(id) is in the view"
        case .unknownStream(let stream): "no event of \(stream) is in the view"
        case .removedRequest(let id, let at, let count):
            "request \(id) was removed at \(at), with \(count) event"
                + (count == 1 ? "" : "s")
        case .journal(let error): error.description
        case .event(let position, let error): "at position \(position): \(error)"
        case .unreadable(let position, let error): "at position \(position): \(error)"
        case .limit(let error): error.description
        case .tooManyEvents(let max): "there are more than \(max) events"
        }
    }
}
