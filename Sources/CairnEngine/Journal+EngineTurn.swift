internal import CairnCore
public import CairnJournal

extension Journal {
    /// Runs a turn whose refusals are typed by its machine.
    ///
    /// A refusal leaves the batch as it was only if nothing was appended before it: decide first.
    ///
    /// - Throws: ``EngineError``.
    public func engineTurn<Value: Sendable, Rejection: Error & Hashable & Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(EngineError<Rejection>) -> Value
    ) async throws(EngineError<Rejection>) -> Value {
        let result: Result<Value, EngineError<Rejection>>
        do throws(JournalError) {
            result = try await turn { scope throws(JournalError) in
                do throws(EngineError<Rejection>) {
                    return .success(try body(scope))
                } catch {
                    // The journal's own errors leave the closure, so that it drops what was
                    // appended; a refusal is a value, because the batch goes on without it.
                    if case .journal(let error) = error { throw error }
                    return .failure(error)
                }
            }
        } catch {
            throw .journal(error)
        }
        return try result.get()
    }
}
