public import CairnCore
public import CairnDomains
public import CairnJournal

/// Why a report was not recorded.
public enum PipelineTrackerError: Error, Hashable, Sendable {
    /// The machine refuses it; nothing was written.
    case refused(PipelineRejection)
    /// The row cannot become an event; nothing was written.
    case invalid(PipelineEventError)
    /// The journal refuses it or failed.
    case journal(JournalError)
    /// A stored event of the request cannot be read.
    case unreadable(position: Position, error: PipelineCodecError)
    /// The request's stream holds an event that only a newer program knows.
    case unknownEvent(position: Position, type: String)
}

extension PipelineTrackerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let rejection): rejection.description
        case .invalid(let error): error.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        case .unknownEvent(let position, let type):
            "position \(position) holds an event of type '\(type)', which this program does not "
                + "know and may not pass over"
        }
    }
}
