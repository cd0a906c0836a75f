public import CairnCore

/// An append-only journal: the storage contract that every implementation keeps.
///
/// The same contract suite runs on each of them. Everything is asynchronous at the border, so
/// that a journal on another machine fits; no transaction is ever open across an `await`.
public protocol Journal: AnyObject, Sendable {
    /// Runs a turn in the writer's open batch and returns once the batch is durable.
    ///
    /// Turns run one after another. The closure may run more than once (when the batch has to
    /// start again), so it must do nothing but read and append through its scope. If it throws,
    /// what it appended is dropped and the other turns of the batch are not affected.
    ///
    /// - Returns: The closure's value, after its events are on disk in the journal's mode.
    /// - Throws: What the closure throws, or why the batch was not committed.
    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value

    /// Appends events to one or several streams, all of them or none: a turn that does nothing
    /// else, which a journal may know to do faster.
    ///
    /// - Returns: The receipts of each stream's events, in the order given.
    /// - Throws: As ``TurnScope/append(_:to:expecting:)``, or why it was not committed. A stream
    ///   that has not reached what is expected is told to the caller and to nobody else.
    @discardableResult
    func append(_ appends: [StreamAppend]) async throws(JournalError) -> [[Receipt]]

    /// The end of the journal now.
    func head() async throws(JournalError) -> JournalHead

    /// The sequence of a stream's last event; zero if it has none.
    func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber

    /// Where the event with an id stands, if there is one; its receipt says it is a duplicate.
    func receipt(of id: EventID) async throws(JournalError) -> Receipt?

    /// The name of a stream that has at least one event.
    ///
    /// - Throws: ``JournalError/unknownStream(number:)`` where no stream begins.
    func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID

    /// The last position recorded at or before an instant; zero if there is none.
    func position(at instant: Timestamp) async throws(JournalError) -> Position

    /// Reads one page of the whole journal in one consistent view.
    ///
    /// - Parameters:
    ///   - position: The first event to read; going backwards, one beyond the end is the end.
    ///   - direction: Which way to go.
    ///   - bound: The last position that may be seen; nil for all. A past view is a bound.
    ///   - limit: How much the page may hold.
    ///   - body: Gets each event's header and frame in place; neither may leave the closure.
    /// - Returns: How the page ended, and where the next one starts.
    /// - Throws: ``JournalError``.
    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd

    /// Reads one page of a stream in one consistent view; like the other, with sequences.
    func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd

    /// Reads several streams whole, each from its first event on, in one consistent view.
    ///
    /// For many short streams, such as the items of a batch: what a view costs is paid once for
    /// all of them, and neighbours in the order of names are found without a search. The view is
    /// open as long as that takes, so a thousand streams at a time are enough.
    ///
    /// - Parameters:
    ///   - streams: The streams; those without an event are passed over.
    ///   - body: Gets the index of the stream and each event's header and frame in place.
    /// - Throws: ``JournalError``.
    func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError)

    /// Reads single events in one consistent view, such as the rows that an index led to.
    ///
    /// - Parameters:
    ///   - positions: Which, and in which order; those that the journal does not hold are passed
    ///     over.
    ///   - body: Gets each event's header and frame in place.
    /// - Throws: ``JournalError``.
    func forEachEvent(
        at positions: [Position],
        _ body: (EventHeader, RawSpan) -> Void
    ) async throws(JournalError)

    /// Waits until there is an event after a position: at once in this process, and within
    /// 100 ms for events of another.
    ///
    /// Returns early, without an error, when the task is cancelled.
    func waitForEvent(after position: Position) async throws(JournalError)

    /// Takes the sign of life of a number, for as long as this process lives or until it is let
    /// go of.
    ///
    /// - Parameter number: Below 2^62; those who use it agree on what it means.
    /// - Returns: The lock, which is let go of with its last reference.
    /// - Throws: ``JournalError/lockHeld(number:)`` where someone has it already.
    func lockLife(_ number: UInt64) async throws(JournalError) -> any LifeLock

    /// Whether a number's sign of life is held, by this process or by any other one.
    func isLifeLocked(_ number: UInt64) async throws(JournalError) -> Bool

    /// What keeps projections' tables for this journal; nil where nothing does, and each
    /// projection folds the whole journal in memory.
    var projectionStore: (any ProjectionStore)? { get }
}

extension Journal {
    public var projectionStore: (any ProjectionStore)? { nil }

    public func forEachEvent(
        at positions: [Position],
        _ body: (EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        for position in positions {
            _ = try await page(
                from: position,
                .forwards,
                upTo: position,
                limit: PageLimit(eventCountMax: 1)
            ) { header, frame in
                if header.position == position { body(header, frame) }
                return .stop
            }
        }
    }
}
