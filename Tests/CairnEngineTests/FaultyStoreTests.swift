import CairnCore
import CairnEngine
import CairnJournal
import CairnTesting
import Synchronization
import Testing

/// A store of tables that fails when it is told to.
private final class FaultyStore: ProjectionStore {
    private struct Fault {
        var countdown: Int
        var error: JournalError
    }

    private let inner = MemoryProjectionStore()
    private let fault = Mutex<Fault?>(nil)

    let isReadOnly = false

    /// Lets the call after so many others fail, and every one after it until it is told again.
    func fail(after count: Int, with error: JournalError?) {
        fault.withLock { $0 = error.map { Fault(countdown: count, error: $0) } }
    }

    private func check() throws(JournalError) {
        let error: JournalError? = fault.withLock { fault in
            guard fault != nil else { return nil }
            fault?.countdown -= 1
            return (fault?.countdown ?? 0) < 0 ? fault?.error : nil
        }
        if let error { throw error }
    }

    func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try check()
        return try inner.read(table, body)
    }

    func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        try check()
        return try await inner.write(changes, to: table, expecting: expected)
    }

    func remove(_ table: ProjectionTable) async throws(JournalError) {
        try check()
        try await inner.remove(table)
    }

    func tables() throws(JournalError) -> [(table: ProjectionTable, mark: ProjectionMark)] {
        try check()
        return try inner.tables()
    }
}

struct FaultyStoreTests {
    @Test(arguments: 0..<12)
    func `a store that fails at any call leads to no wrong answer, then or later`(
        _ seed: UInt64
    ) async throws {
        let store = FaultyStore()
        let journal = MemoryJournal(projectionStore: store)
        var generator = SeededGenerator(seed: seed)
        var live = LiveProjection(Ledger(), of: journal)
        let errors: [JournalError] = [
            .readersFull(countMax: 1), .busy(path: "p"), .outOfSpace(path: "p"),
            .damaged(path: "p", reason: "test"), .inputOutput(path: "p", code: 5),
        ]
        for round in 0..<60 {
            for _ in 0...generator.below(12) {
                let event = try NewEvent(
                    type: "noted",
                    occurredAt: Timestamp(nanoseconds: generator.draw(-9...9)),
                    payload: []
                )
                try await journal.append(event, to: try StreamID("s/\(generator.below(4))"))
            }
            let expected = try await Ledger.naive(journal)
            if generator.isHit(1, outOf: 2) {
                store.fail(after: generator.below(8), with: generator.pick(errors))
            }
            for _ in 0..<3 {
                do throws(EngineError<Never>) {
                    let found = try await live.read { view throws(EngineError<Never>) in
                        try Ledger.entries(of: view)
                    }
                    #expect(found == expected, "round \(round)")
                    if generator.isHit(1, outOf: 3) { try await live.catchUp() }
                } catch {
                    // What the store says may be told; it may not become an answer.
                    guard case .journal = error else { throw error }
                }
            }
            store.fail(after: 0, with: nil)
            if generator.isHit(1, outOf: 4) { live = LiveProjection(Ledger(), of: journal) }
            #expect(try await Ledger.all(live) == expected, "after the trouble, round \(round)")
            let mark = try await live.catchUp()
            let fresh = LiveProjection(Ledger(name: "test.fresh"), of: journal)
            #expect(try await fresh.catchUp()?.stateHash == mark?.stateHash, "round \(round)")
            try await fresh.reset()
        }
    }
}
