public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal

/// Why a consumer cannot go on.
public enum ConsumerError: Error, Hashable, Sendable {
    /// Someone reads under that name already, in this process or in another one.
    case isHeld(name: String)
    /// The consumer's rules refuse it.
    case refused(ConsumerMachine.Rejection)
    case journal(JournalError)
    case unreadable(position: Position, error: EventCodecError)
}

extension ConsumerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .isHeld(let name): "someone reads as the consumer '\(name)' already"
        case .refused(let rejection): rejection.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        }
    }

    init(_ error: EngineError<ConsumerMachine.Rejection>) {
        self =
            switch error {
            case .refused(let rejection): .refused(rejection)
            case .journal(let error): .journal(error)
            case .unreadable(let position, let error): .unreadable(position: position, error: error)
            }
    }
}
