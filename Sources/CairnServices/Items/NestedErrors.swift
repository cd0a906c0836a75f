internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// Runs what may meet a limit, with the limit as the journal's own refusal.
func limited<Value>(
    _ body: () throws(LimitError) -> Value
) throws(JournalError) -> Value {
    do throws(LimitError) { return try body() } catch { throw .limit(error) }
}

/// Runs what the journal may refuse inside an item's turn.
func journaled<Value>(
    _ body: () throws(JournalError) -> Value
) throws(EngineError<ItemRefusal>) -> Value {
    do throws(JournalError) { return try body() } catch { throw .journal(error) }
}

/// Runs a part of a turn whose machine never refuses.
func unrefused<Value>(
    _ body: () throws(EngineError<Never>) -> Value
) throws(EngineError<ItemRefusal>) -> Value {
    do throws(EngineError<Never>) { return try body() } catch { throw EngineError(error) }
}

extension EngineError<ItemRefusal> {
    /// The same failure, where it could not be a refusal.
    init(_ error: EngineError<Never>) {
        switch error {
        case .journal(let error): self = .journal(error)
        case .unreadable(let position, let error):
            self = .unreadable(position: position, error: error)
        }
    }
}
