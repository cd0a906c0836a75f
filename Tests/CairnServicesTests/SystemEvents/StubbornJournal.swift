import CairnCore
import CairnJournal
import CairnTestSupport
import Synchronization

/// A real journal whose writer can be made to hang, to fail, or to do something first.
final class StubbornJournal: ForwardingJournal {
    private struct State {
        var isOpen = true
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// What the next turns meet, in their order.
        var errors: [JournalError] = []
        /// What every turn meets after those.
        var lastingError: JournalError?
        /// Runs in the task of each turn, before it.
        var beforeTurn: @Sendable () -> Void = {}
        var turnCount = 0
    }

    let base: any Journal
    private let state = Mutex(State())

    init(_ base: any Journal) {
        self.base = base
    }

    /// How many turns were begun.
    var turnCount: Int { state.withLock { $0.turnCount } }

    /// Does something in the task of each turn, before it.
    func beforeTurns(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.beforeTurn = body }
    }

    /// Lets no turn pass until ``open()``.
    func shut() { state.withLock { $0.isOpen = false } }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func fail(with errors: JournalError..., lasting: JournalError? = nil) {
        state.withLock { state in
            state.errors = errors
            state.lastingError = lasting
        }
    }

    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        state.withLock { $0.beforeTurn }()
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                state.turnCount += 1
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
        let error = state.withLock { state in
            state.errors.isEmpty ? state.lastingError : state.errors.removeFirst()
        }
        if let error { throw error }
        return try await base.turn(body)
    }
}
