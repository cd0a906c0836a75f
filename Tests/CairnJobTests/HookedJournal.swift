import Cairn
import CairnTestSupport

/// A journal that fails where a test says so.
final class HookedJournal: ForwardingJournal {
    typealias Hook = @Sendable (StreamID) throws(JournalError) -> Void

    let base: any Journal
    private let refusals = Shared(0)
    private let onRead: Hook
    private let onLook: @Sendable () async -> Void
    private let onPage: @Sendable (StreamID) async -> Void
    private let onTurn: @Sendable () async -> Void

    /// - Parameters:
    ///   - journal: What it hands everything on to.
    ///   - onRead: Runs before a stream is read.
    ///   - onLook: Runs before it is asked whether a holder lives.
    ///   - onPage: Runs before a page of a stream is read.
    ///   - onTurn: Runs before a turn.
    init(
        _ journal: any Journal,
        onRead: @escaping Hook = { _ in },
        onLook: @escaping @Sendable () async -> Void = {},
        onPage: @escaping @Sendable (StreamID) async -> Void = { _ in },
        onTurn: @escaping @Sendable () async -> Void = {}
    ) {
        base = journal
        self.onRead = onRead
        self.onLook = onLook
        self.onPage = onPage
        self.onTurn = onTurn
    }

    /// Lets the next turns find no room.
    func refuseTurns(_ count: Int) { refusals.change { $0 = count } }

    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let isRefused = refusals.change { count in
            defer { count = max(count - 1, 0) }
            return count > 0
        }
        if isRefused { throw .outOfSpace(path: "test") }
        await onTurn()
        return try await base.turn(body)
    }

    func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        for stream in streams {
            try onRead(stream)
        }
        try await base.forEachEvent(ofEach: streams, body)
    }

    func willRead(_ stream: StreamID) async throws(JournalError) {
        try onRead(stream)
        await onPage(stream)
    }

    func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        await onLook()
        return try await base.isLifeLocked(number)
    }
}
