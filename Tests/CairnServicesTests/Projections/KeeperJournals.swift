import Cairn
import CairnTestSupport
import Synchronization

@testable import CairnServices

/// A journal that has nothing to keep tables in, until it has.
final class StorelessJournal: ForwardingJournal {
    let base: any Journal = MemoryJournal()
    let hasStore = Atomic(false)

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
            while !Task.isCancelled { await Task.yield() }
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

/// A journal whose tables are written after something else was done first, once.
final class HookedStoreJournal: ForwardingJournal {
    let base: any Journal
    let store: HookedStore

    init(_ base: MemoryJournal, beforeFirstWrite hook: @escaping @Sendable () async -> Void) {
        self.base = base
        store = HookedStore(base.projectionStore ?? MemoryProjectionStore(), hook)
    }

    var projectionStore: (any ProjectionStore)? { store }
}

final class HookedStore: ProjectionStore {
    private let base: any ProjectionStore
    private let hook: @Sendable () async -> Void
    private let count = Atomic(0)

    var writeCount: Int { count.load(ordering: .relaxed) }
    var isReadOnly: Bool { base.isReadOnly }

    init(_ base: any ProjectionStore, _ hook: @escaping @Sendable () async -> Void) {
        self.base = base
        self.hook = hook
    }

    func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try base.read(table, body)
    }

    func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        if count.add(1, ordering: .relaxed).newValue == 1 { await hook() }
        return try await base.write(changes, to: table, expecting: expected)
    }

    func remove(_ table: ProjectionTable) async throws(JournalError) {
        try await base.remove(table)
    }

    func tables() throws(JournalError) -> [(table: ProjectionTable, mark: ProjectionMark)] {
        try base.tables()
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

extension KeeperDesk {
    /// The tables of a journal with events of requests alone.
    static let names = [
        "cairn.keys", "cairn.prompts", "cairn.requests", "cairn.summary", "cairn.system-events",
    ]
}
