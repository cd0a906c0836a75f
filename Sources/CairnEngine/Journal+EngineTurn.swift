public import CairnCore
public import CairnJournal
public import Synchronization

extension Journal {
    /// Runs a turn whose refusals are typed by its machine.
    ///
    /// A refusal leaves the batch as it was only if nothing was appended before it: decide first.
    /// Whatever else is thrown drops what the turn appended.
    ///
    /// - Throws: ``EngineError``.
    @inlinable
    public func engineTurn<Value: Sendable, Rejection: Error & Hashable & Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(EngineError<Rejection>) -> Value
    ) async throws(EngineError<Rejection>) -> Value {
        let failure = TurnFailure<Rejection>()
        let result: Result<Value, EngineError<Rejection>>
        do throws(JournalError) {
            result = try await turn { scope throws(JournalError) in
                failure.unreadable.withLock { $0 = nil }
                do throws(EngineError<Rejection>) {
                    return .success(try body(scope))
                } catch {
                    switch error {
                    // A value, because the batch goes on without it.
                    case .refused: return .failure(error)
                    case .journal(let error): throw error
                    case .unreadable(let position, let reason):
                        failure.unreadable.withLock { $0 = error }
                        throw .corrupt(position: position, reason: reason.description)
                    }
                }
            }
        } catch {
            throw failure.unreadable.withLock { $0 } ?? .journal(error)
        }
        return try result.get()
    }
}

/// Why a turn dropped what it had appended, where the journal's own errors cannot say it.
@usableFromInline
final class TurnFailure<Rejection: Error & Hashable & Sendable>: Sendable {
    @usableFromInline let unreadable = Mutex<EngineError<Rejection>?>(nil)

    @usableFromInline init() {}
}
