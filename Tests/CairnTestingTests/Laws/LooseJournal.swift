import CairnCore
import CairnJournal
import CairnTesting

/// A journal in memory with one flaw for each law that a journal can break.
final class LooseJournal: Journal {
    enum Flaw: Hashable, Sendable {
        case none
        /// Leaves each stream's second event out when it is read (law 1.1).
        case hidesSecond
        /// Passes over every expectation (law 1.2).
        case everyoneWins
        /// Tells the loser of a race that nothing has changed (law 1.2).
        case blamesNobody
        /// Believes its clock, wherever that goes (law 1.3).
        case believesClock
        /// Loses the last event when it is opened again (laws 3.1 and 8.3).
        case losesLast
        /// Loses all event ids when it is opened again (laws 3.1 and 4.2).
        case forgetsIDs
        /// Takes an id for the event, whatever it says (law 4.2).
        case believesIDs
        /// Appends what it knows (law 4.3).
        case appendsDuplicates
        /// Stores how far a projection is, and not what it made (law 8.3).
        case losesEntries
        /// Does not find every value that its projections' tables are asked for at once.
        case losesListed
        /// Answers with the position after the event's own (law 1.1).
        case shiftsReceipts
        /// Answers with no receipts at all.
        case withholdsReceipts
        /// Refuses every append (law 1.1, of which such a journal shows nothing).
        case refusesEverything
        /// Shows no event to whoever reads the journal.
        case hidesEverything
        /// Shows no event to whoever reads a stream.
        case hidesStreams
        /// Says of every stream, and of the journal, that it is as long as can be (law 1.1).
        case countsTooFar
    }

    let base: MemoryJournal
    let flaw: Flaw
    let clock: ManualClock
    let store: any ProjectionStore

    init(_ flaw: Flaw, _ clock: ManualClock, _ store: (any ProjectionStore)? = nil) {
        self.flaw = flaw
        self.clock = clock
        self.store = store ?? MemoryProjectionStore()
        base = MemoryJournal(clock: { clock.now })
    }

    static func contract(_ flaw: Flaw) -> JournalContract {
        JournalContract(
            make: { clock in
                let store: (any ProjectionStore)? =
                    switch flaw {
                    case .losesEntries: EntryLosingStore()
                    case .losesListed: ListLosingStore()
                    default: nil
                    }
                return LooseJournal(flaw, clock, store)
            },
            reopen: { journal, clock in
                guard let journal = journal as? LooseJournal else { return journal }
                return try await journal.reopened()
            },
            keepsProjections: true
        )
    }

    /// A journal with the same events, as far as the flaw lets it; its projections stay.
    private func reopened() async throws -> LooseJournal {
        let journal = LooseJournal(flaw, clock, store)
        var records: [EventRecord] = []
        var last = try await base.head().lastPosition.rawValue
        if flaw == .losesLast, last > 0 { last -= 1 }
        for position in 0..<last {
            guard let record = try await base.record(at: Position(rawValue: position + 1)) else {
                continue
            }
            records.append(record)
        }
        for record in records {
            let event = try NewEvent(
                type: record.type,
                id: flaw == .forgetsIDs ? nil : record.id,
                occurredAt: record.occurredAt,
                recordedAt: record.recordedAt,
                payload: record.payload
            )
            // An event of a clock that has gone back since keeps its time.
            let now = clock.now
            clock.set(to: max(now, record.recordedAt))
            try await journal.base.append(event, to: record.stream)
            clock.set(to: now)
        }
        return journal
    }

    func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let (flaw, clock) = (flaw, clock)
        return try await base.turn { scope throws(JournalError) in
            try body(LooseScope(scope, flaw, clock))
        }
    }

    func head() async throws(JournalError) -> JournalHead { try await base.head() }

    func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        if flaw == .countsTooFar { return SequenceNumber(rawValue: .max) }
        return try await base.lastSequence(of: stream)
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
        let isHiding = flaw == .hidesEverything
        let end = try await base.page(from: position, direction, upTo: bound, limit: limit) {
            header,
            frame in
            isHiding ? .proceed : body(header, frame)
        }
        guard flaw == .countsTooFar else { return end }
        return PageEnd(
            next: end.next,
            lastPosition: Position(rawValue: .max),
            eventCount: end.eventCount
        )
    }

    func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        let (isHidingSecond, isHiding) = (flaw == .hidesSecond, flaw == .hidesStreams)
        return try await base.page(of: stream, from: sequence, direction, upTo: bound, limit: limit)
        {
            header,
            frame in
            let isHidden = isHiding || (isHidingSecond && header.sequence.rawValue == 2)
            return isHidden ? .proceed : body(header, frame)
        }
    }

    func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        try await base.forEachEvent(ofEach: streams, body)
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

    var projectionStore: (any ProjectionStore)? { store }
}
