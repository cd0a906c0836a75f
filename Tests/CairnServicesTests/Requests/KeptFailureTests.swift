import Cairn
import CairnTestSupport
import CairnTesting
import Synchronization
import Testing

@testable import CairnServices

/// Failures that are due, from the tables that keep them by their times.
struct KeptFailureTests {
    private static let interval: UInt64 = 8

    private static func board(_ journal: any Journal) -> RequestBoard {
        RequestBoard(journal, interval: interval)
    }

    /// A journal of failures alone, a request each; tenants and times by turns.
    private static func journal(
        tenants: [String],
        times: [Int64],
        count: Int
    ) async throws -> MemoryJournal {
        let journal = MemoryJournal()
        for index in 0..<count {
            var row = PipelineEvent(
                tenant: tenants[index % tenants.count],
                stage: "PARSING",
                eventType: "PARSE_FAIL",
                status: .failed,
                createdAt: .unixEpoch
            )
            row.sequenceNumber = 1
            // Names against the order of positions, so that they decide where times do not.
            let request = "R-\(1_000 - index)"
            row.nextRetryAt = Timestamp(nanoseconds: times[index % times.count])
            try await journal.append(
                try row.newEvent(id: nil),
                to: try PipelineEvent.streamID(request: request)
            )
        }
        return journal
    }

    @Test func `an ask for some failures reads as many entries and no event but their own`()
        async throws
    {
        let journal = try await Self.journal(
            tenants: ["a", "b"],
            times: (0..<400).map { ($0 &* 7_919) % 400 },
            count: 400
        )
        let store = CountingStore()
        let stored = StoredJournal(journal, store)
        try await Self.board(stored).catchUp()
        let now = Timestamp(nanoseconds: 1_000)
        for (tenant, limit) in [(nil, 10), ("b", 10), ("a", 1), ("c", 5)] as [(String?, Int)] {
            let pages = PassWatch(stored)
            let before = store.entryCount
            let rows = try await Self.board(pages).view()
                .retries(tenant: tenant, now: now, limit: limit)
            let plain = PipelineView(journal)
            #expect(rows == (try await plain.retries(tenant: tenant, now: now, limit: limit)))
            #expect(rows.count == (tenant == "c" ? 0 : limit))
            // Each tenant's first one is looked at, and the one behind the last.
            #expect(store.entryCount - before <= (tenant == nil ? 2 : 1) * (limit + 2))
            #expect(pages.passedCount == 0)
        }
    }

    @Test func `of failures that are due at one time names decide which are listed`() async throws {
        let journal = try await Self.journal(tenants: ["a"], times: [3, 5, 5, 5, 8], count: 60)
        try await Self.board(journal).catchUp()
        for limit in [0, 1, 12, 13, 20, 47, 48, 49, 60, 100] {
            for tenant in [nil, "a"] {
                let now = Timestamp(nanoseconds: 7)
                let expected = try await PipelineView(journal)
                    .retries(tenant: tenant, now: now, limit: limit)
                let found = try await Self.board(journal).view()
                    .retries(tenant: tenant, now: now, limit: limit)
                #expect(found == expected, "limit \(limit)")
                #expect(found.count == min(limit, 48))
            }
        }
    }

    @Test func `tenants of any name and times of any year have entries of their own`()
        async throws
    {
        let long = String(repeating: "n", count: 399)
        let tenants = ["a", "ab", "b", "", "\u{E9}", "e\u{301}", long + "1", long + "2", long]
        let times: [Int64] = [.min, -5, 0, 5, .max]
        let journal = try await Self.journal(tenants: tenants, times: times, count: 90)
        try await Self.board(journal).catchUp()
        for now in times.map({ Timestamp(nanoseconds: $0) }) {
            for tenant in tenants + ["nobody"] {
                let expected = try await PipelineView(journal)
                    .retries(tenant: tenant, now: now, limit: 4)
                let found = try await Self.board(journal).view()
                    .retries(tenant: tenant, now: now, limit: 4)
                #expect(found == expected, "\(tenant.prefix(9)) at \(now)")
                #expect(tenant == "nobody" || !found.isEmpty || now < .unixEpoch)
            }
            for limit in [1, 4, 40, 1_000] {
                let expected = try await PipelineView(journal).retries(now: now, limit: limit)
                let found = try await Self.board(journal).view().retries(now: now, limit: limit)
                #expect(found == expected && !found.isEmpty, "\(limit) at \(now)")
            }
        }
    }

    @Test(arguments: UInt64(1)...3)
    func `as of any position with any limit failures are those of a journal that is cut there`(
        seed: UInt64
    ) async throws {
        let acts = try RequestActs(seed: seed, count: 300, isMixed: true)
        let journal = try await acts.journal(upTo: 260)
        try await Self.board(journal).catchUp()
        // What the tables do not have is found in the journal.
        try await journal.append(Array(acts.appends[260...]))
        for count in stride(from: 10, through: 300, by: 58) {
            let cut = try await acts.journal(upTo: count)
            let view = Self.board(journal).view(asOf: Position(rawValue: UInt64(count)))
            for minutes in [0, 15] {
                let now = RequestActs.time(count + minutes)
                for limit in [2, 1_000] {
                    for tenant in [nil, "anthem", "other"] {
                        let expected = try await PipelineView(cut)
                            .retries(tenant: tenant, now: now, limit: limit)
                        let found = try await view.retries(tenant: tenant, now: now, limit: limit)
                        #expect(found == expected, "seed \(seed) as of \(count), \(limit)")
                    }
                }
            }
        }
    }

    @Test func `entries that say something else than failures lead to a pass`() async throws {
        let journal = try await Self.journal(tenants: ["a"], times: [1, 2, 3], count: 30)
        try await Self.board(journal).catchUp()
        let store = try #require(journal.projectionStore)
        let (table, mark) = try #require(try store.tables().first)
        var entries: [(key: [UInt8], value: [UInt8]?)] = []
        try store.read(table) { stored throws(JournalError) in
            try stored.forEach(
                inPrefix: [RequestProjection.Tag.failure],
                from: nil,
                .forwards
            ) { key, _ in
                entries.append((key.array(), [0x5A]))
                return .proceed
            }
        }
        #expect(entries.count == 30)
        let changes = ProjectionChanges(
            entries: entries,
            position: mark.position,
            eventDigest: mark.eventDigest
        )
        #expect(try await store.write(changes, to: table, expecting: mark) != nil)
        let now = Timestamp(nanoseconds: 9)
        let pages = PassWatch(journal)
        let found = try await Self.board(pages).view().retries(now: now, limit: 5)
        #expect(found == (try await PipelineView(journal).retries(now: now, limit: 5)))
        #expect(pages.passedCount == 30)
    }
}

/// A journal that counts the events of reads of more than one.
final class PassWatch: ForwardingJournal {
    let base: any Journal
    private let count = Atomic(0)

    var passedCount: Int { count.load(ordering: .relaxed) }

    init(_ base: any Journal) { self.base = base }

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        try await base.page(from: position, direction, upTo: bound, limit: limit) { header, frame in
            if limit.eventCountMax > 1 { count.add(1, ordering: .relaxed) }
            return body(header, frame)
        }
    }
}

/// A store that counts the entries it lends.
private final class CountingStore: ForwardingStore {
    let base: any ProjectionStore = MemoryProjectionStore()
    private let count = Atomic(0)

    var entryCount: Int { count.load(ordering: .relaxed) }

    func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try base.read(table) { stored throws(JournalError) in
            let counting = CountingProjection(stored)
            let value = try body(counting)
            count.add(counting.count, ordering: .relaxed)
            return value
        }
    }
}

private final class CountingProjection: ForwardingProjection {
    private(set) var count = 0
    let base: any StoredProjection

    init(_ base: any StoredProjection) { self.base = base }

    func withValue(of key: RawSpan, _ body: (RawSpan) -> Void) throws(JournalError) -> Bool {
        count += 1
        return try base.withValue(of: key, body)
    }

    func forEach(
        inPrefix prefix: [UInt8],
        from start: [UInt8]?,
        _ direction: PageDirection,
        _ body: (RawSpan, RawSpan) -> PageFlow
    ) throws(JournalError) {
        try base.forEach(inPrefix: prefix, from: start, direction) { key, value in
            count += 1
            return body(key, value)
        }
    }
}
