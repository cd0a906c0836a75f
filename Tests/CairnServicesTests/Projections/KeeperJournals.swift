import Cairn
import CairnTestSupport
import Synchronization
import Testing

@testable import CairnServices

/// A journal that has nothing to keep tables in, until it has.
final class StorelessJournal: ForwardingJournal {
    let base: any Journal
    let hasStore = Atomic(false)

    init(_ base: any Journal = MemoryJournal()) { self.base = base }

    var projectionStore: (any ProjectionStore)? {
        hasStore.load(ordering: .relaxed) ? base.projectionStore : nil
    }
}

/// A journal that gives few events at a time, and at one page holds its reader until that is
/// cancelled.
final class SteppedJournal: ForwardingJournal {
    let base: any Journal = MemoryJournal()
    let pageCount = Atomic(0)
    /// Which page, counted from 1; 0 for none.
    let holdsAtPage = Atomic(0)

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        let count = pageCount.add(1, ordering: .relaxed).newValue
        if count == holdsAtPage.load(ordering: .relaxed) {
            try? await Task.sleep(for: .seconds(86_400))
        }
        return try await base.page(
            from: position,
            direction,
            upTo: bound,
            limit: PageLimit(eventCountMax: min(limit.eventCountMax, 16)),
            body
        )
    }
}

/// A store of tables that does something else before it is written to first.
final class HookedStore: ForwardingStore {
    let base: any ProjectionStore
    private let hook: @Sendable () async -> Void
    private let count = Atomic(0)

    var writeCount: Int { count.load(ordering: .relaxed) }

    init(
        _ base: any ProjectionStore,
        beforeFirstWrite hook: @escaping @Sendable () async -> Void
    ) {
        self.base = base
        self.hook = hook
    }

    func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        if count.add(1, ordering: .relaxed).newValue == 1 { await hook() }
        return try await base.write(changes, to: table, expecting: expected)
    }
}

/// A store in which others write between any two reads: each read finds the next of some stores,
/// and at last always the same.
final class MovingStore: ForwardingStore {
    private let stores: [any ProjectionStore]
    private let count = Atomic(0)

    var readCount: Int { count.load(ordering: .relaxed) }
    var base: any ProjectionStore { stores[min(readCount, stores.count - 1)] }

    init(_ stores: [any ProjectionStore]) { self.stores = stores }

    func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        let store = base
        count.add(1, ordering: .relaxed)
        return try store.read(table, body)
    }
}

/// A store that has no room for the tables of one name.
final class PickyStore: ForwardingStore {
    let base: any ProjectionStore = MemoryProjectionStore()
    private let name: String

    init(refusing name: String) { self.name = name }

    func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        if table.name == name { throw .outOfSpace(path: name) }
        return try await base.write(changes, to: table, expecting: expected)
    }
}

extension ProjectionStore {
    /// Gives every stored value.
    func forEachValue(_ body: ([UInt8]) -> Void) throws(JournalError) {
        for (table, _) in try tables() {
            try read(table) { stored throws(JournalError) in
                try stored.forEach(inPrefix: [], from: nil, .forwards) { _, value in
                    body(value.array())
                    return .proceed
                }
            }
        }
    }
}

extension PipelineView {
    /// What the lists say that checkpoints help with, one text for each row.
    func answers(at now: Timestamp) async throws -> [String] {
        var found: [String] = []
        found += try await stuck(now: now, olderThan: .zero).map { "stuck \($0)" }
        found += try await retries(now: now, openOnly: true).map { "retry \($0)" }
        found += try await lines(now: now).map { "line \($0)" }
        return found
    }
}

extension PipelineRemover {
    /// Removes a request, and ends before the tables that hold it are gone.
    static func forgetHalfway(_ request: String, in journal: any Journal) async throws {
        let count = try await PipelineRemover(StorelessJournal(journal)).forget(request: request)
        #expect(count > 0)
    }
}

extension KeeperDesk {
    /// The tables of a journal with events of requests alone.
    static let names = [
        "cairn.keys", "cairn.prompts", "cairn.requests", "cairn.summary", "cairn.system-events",
    ]
}
