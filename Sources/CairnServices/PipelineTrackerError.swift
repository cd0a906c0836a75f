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
    /// A stored event of the request cannot be read, or only by a newer program.
    case unreadable(position: Position, error: PipelineCodecError)
}

extension PipelineTrackerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let rejection): rejection.description
        case .invalid(let error): error.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        }
    }
}
