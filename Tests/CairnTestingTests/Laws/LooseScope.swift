import CairnCore
import CairnJournal
import CairnTestSupport
import CairnTesting

/// The open batch of a loose journal.
final class LooseScope: TurnScope {
    private let base: any TurnScope
    private let flaw: LooseJournal.Flaw
    private let clock: ManualClock

    init(_ base: any TurnScope, _ flaw: LooseJournal.Flaw, _ clock: ManualClock) {
        self.base = base
        self.flaw = flaw
        self.clock = clock
    }

    var now: Timestamp { flaw == .believesClock ? clock.now : base.now }

    func lastSequence(of stream: StreamID) throws(JournalError) -> SequenceNumber {
        try base.lastSequence(of: stream)
    }

    func receipt(of id: EventID) throws(JournalError) -> Receipt? { try base.receipt(of: id) }

    func forEachEvent(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) throws(JournalError) {
        try base.forEachEvent(of: stream, from: sequence, body)
    }

    func append(
        _ events: [NewEvent],
        to stream: StreamID,
        expecting expected: ExpectedSequence
    ) throws(JournalError) -> [Receipt] {
        if flaw == .refusesEverything { throw .readOnly }
        let expected = flaw == .everyoneWins ? .any : expected
        do throws(JournalError) {
            let events = flaw == .appendsDuplicates ? try withoutIDs(events) : events
            let receipts = try base.append(events, to: stream, expecting: expected)
            return flaw == .withholdsReceipts ? [] : receipts.map { told($0) }
        } catch .eventIDConflict(let id, _, _, _) where flaw == .believesIDs {
            return try base.receipt(of: id).map { [$0] } ?? []
        } catch .sequenceConflict(let stream, let expected, _) where flaw == .blamesNobody {
            throw .sequenceConflict(stream: stream, expected: expected, actual: .zero)
        }
    }

    private func told(_ receipt: Receipt) -> Receipt {
        Receipt(
            position: flaw == .shiftsReceipts ? receipt.position.next : receipt.position,
            sequence: receipt.sequence,
            recordedAt: flaw == .believesClock ? clock.now : receipt.recordedAt,
            isDuplicate: receipt.isDuplicate
        )
    }

    private func withoutIDs(_ events: [NewEvent]) throws(JournalError) -> [NewEvent] {
        do throws(LimitError) {
            var anonymous: [NewEvent] = []
            for event in events {
                anonymous.append(
                    try NewEvent(
                        type: event.type,
                        occurredAt: event.occurredAt,
                        payload: event.payload
                    )
                )
            }
            return anonymous
        } catch {
            throw .limit(error)
        }
    }
}

/// A store that finds no value of many.
final class ListLosingStore: ForwardingStore {
    let base: any ProjectionStore = MemoryProjectionStore()

    func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try base.read(table) { stored throws(JournalError) in try body(ListLosing(stored)) }
    }

    private final class ListLosing: ForwardingProjection {
        let base: any StoredProjection

        init(_ base: any StoredProjection) { self.base = base }

        func forEachValue(
            of keys: ProjectionKeyList,
            _ body: (Int, RawSpan) -> Void
        ) throws(JournalError) {
            try base.forEachValue(of: keys) { index, value in
                if index % 100 != 99 { body(index, value) }
            }
        }
    }
}

/// A store that keeps marks and no entries.
final class EntryLosingStore: ForwardingStore {
    let base: any ProjectionStore = MemoryProjectionStore()

    func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        let none = ProjectionChanges(position: changes.position, eventDigest: changes.eventDigest)
        return try await base.write(none, to: table, expecting: expected)
    }
}
