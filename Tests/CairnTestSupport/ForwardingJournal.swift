public import CairnCore
public import CairnJournal

/// A journal that hands everything on to another one; who conforms says what it does otherwise.
public protocol ForwardingJournal: Journal {
    /// Who answers.
    var base: any Journal { get }

    /// Runs before a page of a stream is read.
    func willRead(_ stream: StreamID) async throws(JournalError)
}

extension ForwardingJournal {
    public func willRead(_ stream: StreamID) async throws(JournalError) {}

    public var projectionStore: (any ProjectionStore)? { base.projectionStore }

    public func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await base.turn(body)
    }

    public func head() async throws(JournalError) -> JournalHead { try await base.head() }

    public func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        try await base.lastSequence(of: stream)
    }

    public func receipt(of id: EventID) async throws(JournalError) -> Receipt? {
        try await base.receipt(of: id)
    }

    public func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID {
        try await base.streamID(of: number)
    }

    public func position(at instant: Timestamp) async throws(JournalError) -> Position {
        try await base.position(at: instant)
    }

    public func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await base.page(from: position, direction, upTo: bound, limit: limit, body)
    }

    public func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await willRead(stream)
        return try await base.page(
            of: stream,
            from: sequence,
            direction,
            upTo: bound,
            limit: limit,
            body
        )
    }

    public func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        try await base.forEachEvent(ofEach: streams, body)
    }

    public func forEachEvent(
        at positions: [Position],
        _ body: (EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        try await base.forEachEvent(at: positions, body)
    }

    public func waitForEvent(after position: Position) async throws(JournalError) {
        try await base.waitForEvent(after: position)
    }

    public func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock {
        try await base.lockLife(number)
    }

    public func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        try await base.isLifeLocked(number)
    }
}
