import CairnCore
import CairnJournal
import Synchronization

/// A journal whose turns can be held back or made to fail; everything else is the real one's.
final class UnreliableJournal: Journal {
    private struct State {
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var arrivals: [CheckedContinuation<Void, Never>] = []
        var failures: [JournalError] = []
        var turnCount = 0
    }

    private let base: any Journal
    private let state = Mutex(State())

    init(_ base: any Journal) {
        self.base = base
    }

    var turnCount: Int { state.withLock { $0.turnCount } }

    /// Holds every turn back from now on.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Lets all turns go on.
    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for turn in held { turn.resume() }
    }

    /// Waits until a turn is held back.
    func waitForHeldTurn() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.held.isEmpty { state.arrivals.append(continuation) }
                return !state.held.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    /// Has the next turns fail, in this order; their events are not appended.
    func fail(_ failures: [JournalError]) { state.withLock { $0.failures = failures } }

    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        await withCheckedContinuation { continuation in
            let woken: [CheckedContinuation<Void, Never>]? = state.withLock { state in
                state.turnCount += 1
                guard state.isHeld else { return nil }
                state.held.append(continuation)
                defer { state.arrivals = [] }
                return state.arrivals
            }
            guard let woken else { return continuation.resume() }
            for waiter in woken { waiter.resume() }
        }
        let failure = state.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let failure { throw failure }
        return try await base.turn(body)
    }

    func head() async throws(JournalError) -> JournalHead { try await base.head() }

    func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        try await base.lastSequence(of: stream)
    }

    func receipt(of id: EventID) async throws(JournalError) -> Receipt? {
        try await base.receipt(of: id)
    }

    func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID {
        try await base.streamID(of: number)
    }

    func position(at instant: Timestamp) async throws(JournalError) -> Position {
        try await base.position(at: instant)
    }

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await base.page(from: position, direction, upTo: bound, limit: limit, body)
    }

    func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await base.page(of: stream, from: sequence, direction, upTo: bound, limit: limit, body)
    }

    func waitForEvent(after position: Position) async throws(JournalError) {
        try await base.waitForEvent(after: position)
    }

    func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock {
        try await base.lockLife(number)
    }

    func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        try await base.isLifeLocked(number)
    }
}
