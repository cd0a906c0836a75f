internal import CairnEngine
internal import CairnDomains
internal import CairnServices

extension CommandFailure {
    /// Explains why a projection's tables gave no answer.
    init(_ error: EngineError<Never>, path: String) {
        switch error {
        case .refused: self.init(.inputOutput, error.description)
        case .journal(let reason): self.init(reason, path: path, isWriting: true)
        case .unreadable(_, let reason): self.init(reason, error.description)
        }
    }

    /// Explains why nothing is known of a prompt.
    init(_ error: PromptSessionsError, path: String) {
        switch error {
        case .refused(let refusal): self.init(.badInput, refusal.description)
        case .journal(let reason): self.init(reason, path: path)
        case .unreadable(_, let reason): self.init(reason, error.description)
        }
    }
}
