public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal

/// Why a job was not run, or not to its end.
public enum JobError: Error, Hashable, Sendable {
    /// The job's rules refuse it: above all a job that was cancelled.
    case refused(JobRefusal)
    /// An item's text cannot be a key; items before it were taken.
    case key(itemNumber: Int64, ItemKeyError)
    /// An item cannot be digested; items before it were taken.
    case content(itemNumber: Int64, String)
    /// The sequence of items ended with an error; items before it were taken.
    case items(String)
    /// An item's rules refused what should not be.
    case item(ItemRefusal)
    case journal(JournalError)
    case unreadable(position: Position, error: EventCodecError)
}

extension JobError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .key(let number, let error): "item \(number): \(error)"
        case .content(let number, let reason): "item \(number) cannot be digested: \(reason)"
        case .items(let reason): "the items ended with an error: \(reason)"
        case .item(let refusal): refusal.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        }
    }

    init(_ error: EngineError<JobRefusal>) {
        self =
            switch error {
            case .refused(let refusal): .refused(refusal)
            case .journal(let error): .journal(error)
            case .unreadable(let position, let error): .unreadable(position: position, error: error)
            }
    }

    init(_ error: EngineError<ItemRefusal>) {
        self =
            switch error {
            case .refused(let refusal): .item(refusal)
            case .journal(let error): .journal(error)
            case .unreadable(let position, let error): .unreadable(position: position, error: error)
            }
    }
}
