public import CairnCore
public import CairnJournal

/// Why a turn, or a read of a state, gave no answer.
public enum EngineError<Rejection: Error & Hashable & Sendable>: Error, Hashable, Sendable {
    /// The machine refuses the command; nothing was written.
    case refused(Rejection)
    /// The journal refuses what was to be appended, or failed.
    case journal(JournalError)
    /// A stored event cannot be read, or only by a newer program.
    case unreadable(position: Position, error: EventCodecError)
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let rejection): "\(rejection)"
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        }
    }
}

extension EngineError {
    /// The same failure where no rejection is expected; nil for one.
    @inlinable
    public var unrefused: EngineError<Never>? {
        switch self {
        case .refused: nil
        case .journal(let error): .journal(error)
        case .unreadable(let position, let error): .unreadable(position: position, error: error)
        }
    }
}
