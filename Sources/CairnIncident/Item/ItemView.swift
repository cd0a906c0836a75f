public import CairnCore
public import CairnDomains
public import CairnJournal

/// A read-only sight of the items, interactions and jobs of a journal, up to one position.
///
/// What events cannot say, whether the holder of an open attempt still lives, is asked of its
/// lock: an intent without an outcome whose holder is gone is in doubt. A lock tells of now and
/// nothing else, so a view as of a moment shows what its events said and asks for none.
public struct ItemView: Sendable {
    /// Whether a worker holds its lock.
    public typealias HolderCheck = @Sendable (WorkerNumber) async throws(JournalError) -> Bool

    public let journal: any Journal
    /// The last position to see; nil for all that there is when a question starts.
    public let asOf: Position?
    private let check: HolderCheck?
    /// Whether every holder counts as gone, as after a crash.
    private(set) var areHoldersGone = false

    /// Looks at a journal.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - asOf: The last position to see; nil for all.
    ///   - isAlive: Who knows which workers live; nil for the journal itself. A copy does not.
    public init(
        _ journal: any Journal,
        asOf: Position? = nil,
        isAlive: HolderCheck? = nil
    ) {
        self.journal = journal
        self.asOf = asOf
        check = isAlive
    }

    /// The same sight as a resume after a crash would have it: every holder counts as gone, so an
    /// open attempt is in doubt.
    ///
    /// As of a moment this is how to ask what was in doubt then, if nobody lived on.
    public func takingHoldersForGone() -> ItemView {
        var view = self
        view.areHoldersGone = true
        return view
    }

    /// Folds one item.
    ///
    /// - Parameters:
    ///   - stream: Where its events are.
    ///   - known: What is folded of it already.
    ///   - bound: The last position to see; nil for all.
    /// - Returns: The item; without any event where the stream has none.
    /// - Throws: ``IncidentError``.
    func folded(
        _ stream: StreamID,
        from known: FoldedItem = FoldedItem(),
        upTo bound: Position?
    ) async throws(IncidentError) -> FoldedItem {
        var item = known
        try await forEachFrame(of: stream, from: known.sequence.next, upTo: bound) {
            header,
            frame throws(EventCodecError) in
            try item.take(header, frame: frame, isWhole: true)
            return .proceed
        }
        return item
    }

    /// Passes the frames of one stream to a body, until the body stops it.
    func forEachFrame(
        of stream: StreamID,
        from sequence: SequenceNumber? = nil,
        _ direction: PageDirection = .forwards,
        upTo bound: Position?,
        _ body: (EventHeader, RawSpan) throws(EventCodecError) -> PageFlow
    ) async throws(IncidentError) {
        var failure: IncidentError?
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(of: stream, from: sequence, direction, upTo: bound) {
                header,
                frame in Self.take(header, frame, body, &failure)
            }
        }
        if let failure { throw failure }
    }

    /// Passes the frames of the whole journal to a body, until the body stops it.
    func forEachFrame(
        from start: Position? = nil,
        _ direction: PageDirection = .forwards,
        upTo bound: Position,
        _ body: (EventHeader, RawSpan) throws(EventCodecError) -> PageFlow
    ) async throws(IncidentError) {
        var failure: IncidentError?
        try await reading { () async throws(JournalError) in
            try await journal.forEachEvent(from: start, direction, upTo: bound) { header, frame in
                Self.take(header, frame, body, &failure)
            }
        }
        if let failure { throw failure }
    }

    private static func take(
        _ header: EventHeader,
        _ frame: RawSpan,
        _ body: (EventHeader, RawSpan) throws(EventCodecError) -> PageFlow,
        _ failure: inout IncidentError?
    ) -> PageFlow {
        do throws(EventCodecError) {
            return try body(header, frame)
        } catch {
            failure = .unreadable(position: header.position, error)
            return .stop
        }
    }

    /// Whether a worker lives; nil as of a moment, of which locks say nothing.
    func isAlive(_ worker: WorkerNumber) async throws(IncidentError) -> Bool? {
        guard asOf == nil else { return nil }
        return try await reading { () async throws(JournalError) in
            if let check { return try await check(worker) }
            return try await journal.isLifeLocked(worker.rawValue)
        }
    }
}
