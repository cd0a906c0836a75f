import Cairn

/// A journal that fails where a test says so.
final class HookedJournal: Journal {
    typealias Hook = @Sendable (StreamID) throws(JournalError) -> Void

    private let journal: any Journal
    private let refusals = Shared(0)
    private let onRead: Hook
    private let onLook: @Sendable () async -> Void

    /// - Parameters:
    ///   - journal: What it hands everything on to.
    ///   - onRead: Runs before a stream is read.
    ///   - onLook: Runs before it is asked whether a holder lives.
    init(
        _ journal: any Journal,
        onRead: @escaping Hook = { _ in },
        onLook: @escaping @Sendable () async -> Void = {}
    ) {
        self.journal = journal
        self.onRead = onRead
        self.onLook = onLook
    }

    var projectionStore: (any ProjectionStore)? { journal.projectionStore }

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
        return try await journal.turn(body)
    }

    func head() async throws(JournalError) -> JournalHead { try await journal.head() }

    func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        try await journal.lastSequence(of: stream)
    }

    func receipt(of id: EventID) async throws(JournalError) -> Receipt? {
        try await journal.receipt(of: id)
    }

    func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID {
        try await journal.streamID(of: number)
    }

    func position(at instant: Timestamp) async throws(JournalError) -> Position {
        try await journal.position(at: instant)
    }

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await journal.page(from: position, direction, upTo: bound, limit: limit, body)
    }

    func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        for stream in streams {
            try onRead(stream)
        }
        try await journal.forEachEvent(ofEach: streams, body)
    }

    func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try onRead(stream)
        return try await journal.page(
            of: stream,
            from: sequence,
            direction,
            upTo: bound,
            limit: limit,
            body
        )
    }

    func waitForEvent(after position: Position) async throws(JournalError) {
        try await journal.waitForEvent(after: position)
    }

    func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock {
        try await journal.lockLife(number)
    }

    func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        await onLook()
        return try await journal.isLifeLocked(number)
    }
}
