public import CairnCore
public import CairnJournal

extension FaultyJournal {
    public func head() async throws(JournalError) -> JournalHead {
        try await alive().head()
    }

    public func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        try await alive().lastSequence(of: stream)
    }

    public func receipt(of id: EventID) async throws(JournalError) -> Receipt? {
        try await alive().receipt(of: id)
    }

    public func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID {
        try await alive().streamID(of: number)
    }

    public func position(at instant: Timestamp) async throws(JournalError) -> Position {
        try await alive().position(at: instant)
    }

    public func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await alive().page(from: position, direction, upTo: bound, limit: limit, body)
    }

    public func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await alive()
            .page(of: stream, from: sequence, direction, upTo: bound, limit: limit, body)
    }

    public func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        try await alive().forEachEvent(ofEach: streams, body)
    }

    public func forEachEvent(
        at positions: [Position],
        _ body: (EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        try await alive().forEachEvent(at: positions, body)
    }

    public func waitForEvent(after position: Position) async throws(JournalError) {
        try await alive().waitForEvent(after: position)
        _ = try alive()
    }

    public func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock {
        try await alive().lockLife(number)
    }

    public func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool {
        try await alive().isLifeLocked(number)
    }
}
