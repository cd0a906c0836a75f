import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Synchronization
import Testing

@testable import CairnServices

/// What checkpoints tell of a past position, beside a journal that is cut there.
struct RequestCheckpointTests {
    enum Kind: CaseIterable { case memory, lmdb }

    private static let interval: UInt64 = 8

    private func journal(_ kind: Kind, _ scratch: ScratchFolder) throws -> any Journal {
        switch kind {
        case .memory: MemoryJournal()
        case .lmdb: try LMDBJournal(path: scratch.path("j"))
        }
    }

    private func board(_ journal: any Journal) -> RequestBoard {
        RequestBoard(journal, definition: .priorAuthorization, interval: Self.interval)
    }

    /// Where the checkpoint stands that a question as of a position begins with.
    private func checkpoint(
        of journal: any Journal,
        upTo position: Position
    ) async throws -> Position? {
        try await StoredRequests(journal: journal, interval: Self.interval).standing(
            upTo: position,
            definition: .priorAuthorization,
            removals: StreamRemovals(),
            withClosed: true
        )?.position
    }

    @Test(arguments: Kind.allCases, UInt64(1)...2)
    func `as of any position is the fold of a journal that is cut there`(
        kind: Kind,
        seed: UInt64
    ) async throws {
        let scratch = try ScratchFolder()
        let acts = try RequestActs(seed: seed, count: 400, isMixed: seed % 2 == 0)
        let journal = try journal(kind, scratch)
        let board = board(journal)
        var random = SeededGenerator(seed: seed &* 77)
        // Tables that are made in steps, and at last lack some of the events.
        var start = 0
        while start < acts.appends.count {
            let end = min(start + 1 + random.below(90), acts.appends.count)
            try await journal.append(Array(acts.appends[start..<end]))
            if end < acts.appends.count { try await board.catchUp() }
            start = end
        }
        for _ in 0..<12 {
            let count = random.below(acts.appends.count) + 1
            let position = Position(rawValue: UInt64(count))
            let cut = try await acts.journal(upTo: count)
            let now = RequestActs.time(count + random.below(30))
            let expected = try await PipelineView(cut).lists(at: now)
            let found = try await board.view(asOf: position).lists(at: now)
            #expect(found == expected, "seed \(seed) as of \(position)")
            let plain = try await PipelineView(journal, asOf: position).lists(at: now)
            #expect(plain == expected, "seed \(seed) as of \(position), without tables")
            let beginning = try await checkpoint(of: journal, upTo: position)
            #expect(count < 200 || beginning.map { $0 > .zero && $0 <= position } ?? false)
        }
    }

    @Test(arguments: UInt64(1)...4)
    func `lines tell what the machine folds`(seed: UInt64) async throws {
        let acts = try RequestActs(seed: seed, count: 250, isMixed: true)
        let view = PipelineView(try await acts.journal())
        let now = RequestActs.time(300)
        let rows = try await view.requests(now: now).map(RequestLine.init)
        #expect(try await view.lines(now: now) == rows)
        #expect(rows.contains { $0.anomalyCount > 2 })
        let queries = [
            RequestQuery(tenant: "bcbs"), RequestQuery(status: "ODD"),
            RequestQuery(stage: "PARSER", limit: 3),
        ]
        for query in queries {
            let rows = try await view.requests(query, now: now).map(RequestLine.init)
            #expect(try await view.lines(query, now: now) == rows)
        }
    }

    @Test(arguments: Kind.allCases)
    func `tables made at once and in steps are the same`(kind: Kind) async throws {
        let acts = try RequestActs(seed: 21, count: 500, isMixed: true)
        var marks: [ProjectionMark?] = []
        for step in [1, 7, 100, 500] {
            let scratch = try ScratchFolder()
            let journal = try journal(kind, scratch)
            for start in stride(from: 0, to: acts.appends.count, by: step) {
                let end = min(start + step, acts.appends.count)
                try await journal.append(Array(acts.appends[start..<end]))
                // Tables that are gone on from as they were stored.
                if start % 3 == 0 { try await board(journal).catchUp() }
            }
            try await board(journal).catchUp()
            let tables = try journal.projectionStore?.tables() ?? []
            let mark = tables.first?.mark
            marks.append(
                mark.map {
                    ProjectionMark(
                        position: $0.position,
                        eventDigest: ContentDigest(type: "", content: [UInt8]().span.bytes),
                        entryCount: $0.entryCount,
                        stateHash: $0.stateHash
                    )
                }
            )
            #expect(tables.count == 1 && mark.map { $0.entryCount > 20 } ?? false)
        }
        #expect(Set(marks).count == 1)
    }

    /// A journal with a request that is done with early and goes on late, and stores whose tables
    /// end between, each one event further than those before.
    private func stages() async throws -> (MemoryJournal, [MemoryProjectionStore]) {
        let acts = try RequestActs(seed: 61, count: 400, isMixed: false)
        let journal = MemoryJournal()
        var stores: [MemoryProjectionStore] = []
        let stream = try PipelineEvent.streamID(request: "late")
        func row(_ stage: String, _ type: String, _ status: PipelineStatus) throws -> NewEvent {
            try PipelineEvent(
                tenant: "anthem",
                stage: stage,
                eventType: type,
                status: status,
                createdAt: RequestActs.time(0)
            ).newEvent(id: nil)
        }
        try await journal.append(
            try row("SUBSCRIPTION_HANDLER", "NOTIFY_OK", .completed),
            to: stream
        )
        try await journal.append(Array(acts.appends[..<100]))
        for index in 100..<120 {
            try await journal.append([acts.appends[index]])
            let store = MemoryProjectionStore()
            try await board(StoredJournal(journal, store)).catchUp()
            stores.append(store)
        }
        try await journal.append(Array(acts.appends[120...]))
        try await journal.append(try row("PARSING", "PARSE_START", .started), to: stream)
        return (journal, stores)
    }

    @Test func `tables that go on between two reads are begun with`() async throws {
        let (journal, stores) = try await stages()
        let moving = MovingStore(stores)
        #expect(try await board(StoredJournal(journal, moving)).start()?.rawValue == 102)
        #expect(moving.readCount == 1)
    }

    @Test func `a question beside tables that go on all the time goes through few events`()
        async throws
    {
        let (journal, stores) = try await stages()
        let moving = MovingStore(stores)
        let pages = FirstPageJournal(StoredJournal(journal, moving))
        let now = RequestActs.time(420)
        let found = try await board(pages).view().stuck(now: now)
        #expect(found == (try await PipelineView(journal).stuck(now: now)))
        #expect(found.contains { $0.requestID == "late" })
        // Three times a request that went on cannot be found again; at last all are read at once.
        #expect(moving.readCount == 7)
        #expect(pages.first.map { $0.rawValue > 100 } ?? false)
    }
}

/// A journal that remembers where the first read of more than one event began.
private final class FirstPageJournal: ForwardingJournal {
    let base: any Journal
    private let lowest = Mutex<Position?>(nil)

    var first: Position? { lowest.withLock { $0 } }

    init(_ base: any Journal) { self.base = base }

    func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        if limit.eventCountMax > 1 { lowest.withLock { $0 = min($0 ?? position, position) } }
        return try await base.page(from: position, direction, upTo: bound, limit: limit, body)
    }
}
