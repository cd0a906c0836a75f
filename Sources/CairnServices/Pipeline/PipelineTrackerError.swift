public import CairnCore
public import CairnDomains
public import CairnJournal

/// Why a report was not recorded.
///
/// Where the request is not as the report expects, that alone is recorded, as the system event
/// `atomic_update.conflict`.
public enum PipelineTrackerError: Error, Hashable, Sendable {
    /// The machine refuses it.
    case refused(PipelineRejection)
    /// The row cannot become an event; nothing was written.
    case invalid(PipelineEventError)
    /// The lease that it was given under went to another worker.
    case leaseLost(stage: String)
    /// The request was removed, and its id is not used again; nothing was written.
    case removed(at: Timestamp)
    /// The worker has left and takes no lease any more.
    case workerLeft
    /// The journal refuses it or failed.
    case journal(JournalError)
    /// A stored event of the request cannot be read, or only by a newer program.
    case unreadable(position: Position, error: PipelineCodecError)
    /// A stored event of the request's leases cannot be read, or only by a newer program.
    case unreadableLease(position: Position, error: EventCodecError)
}

extension PipelineTrackerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let rejection): rejection.description
        case .invalid(let error): error.description
        case .leaseLost(let stage): "the lease on stage '\(stage)' went to another worker"
        case .removed(let at): "the request was removed at \(at)"
        case .workerLeft: ItemRefusal.workerLeft.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        case .unreadableLease(let position, let error): "position \(position): \(error)"
        }
    }
}
