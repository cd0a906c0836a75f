import Cairn
import CairnTestSupport
import CairnTesting
import Testing

@testable import CairnServices

/// A board that is held on to goes on from where requests stood when it was last asked.
struct HeldBoardTests {
    enum Kind: CaseIterable { case memory, lmdb }

    private static let interval: UInt64 = 8

    private static func board(_ journal: any Journal) -> RequestBoard {
        RequestBoard(journal, interval: interval)
    }

    /// What is asked of the requests that are open.
    private static func answers(of view: PipelineView, at now: Timestamp) async throws -> [String] {
        var found: [String] = []
        for tenant in [nil, "anthem"] {
            found += try await view.stuck(tenant: tenant, now: now, olderThan: .seconds(300))
                .map { "stuck \(tenant ?? "") \($0)" }
            found += try await view.retries(tenant: tenant, now: now, openOnly: true)
                .map { "retry \(tenant ?? "") \($0)" }
        }
        return found
    }

    @Test(arguments: Kind.allCases, UInt64(1)...2)
    func `whatever comes between two questions, the answers are those of all events`(
        kind: Kind,
        seed: UInt64
    ) async throws {
        let scratch = try ScratchFolder()
        let journal: any Journal =
            kind == .memory ? MemoryJournal() : try LMDBJournal(path: scratch.path("j"))
        let held = Self.board(journal)
        let acts = try RequestActs(seed: seed, count: 300, isMixed: seed == 2)
        var random = SeededGenerator(seed: seed &* 91)
        var start = 0
        while start < acts.appends.count {
            let end = min(start + random.below(60), acts.appends.count)
            try await journal.append(Array(acts.appends[start..<end]))
            start = end
            switch random.below(6) {
            case 0: try await held.catchUp()
            case 1: try await Self.board(journal).catchUp()
            case 2: await journal.removeTables(named: RequestProjection.tableName)
            case 3 where start > 100 && random.isHit(1, outOf: 2):
                _ = try? await PipelineRemover(journal).forget(request: "R-\(start / 14)")
            case 4:
                // A question about an earlier position does not change where requests stand now.
                let position = Position(rawValue: UInt64(1 + random.below(max(start, 1))))
                let now = RequestActs.time(start)
                let found = try await held.view(asOf: position).stuck(now: now)
                let plain = PipelineView(journal, asOf: position)
                #expect(found == (try await plain.stuck(now: now)))
            default: break
            }
            let now = RequestActs.time(start + random.below(30))
            let expected = try await Self.answers(of: PipelineView(journal), at: now)
            let found = try await Self.answers(of: held.view(), at: now)
            #expect(found == expected, "seed \(seed), \(start)")
        }
    }

    @Test func `the second question takes in what came since the first, and reads no table`()
        async throws
    {
        let acts = try RequestActs(seed: 71, count: 300, isMixed: false)
        let journal = MemoryJournal()
        try await journal.append(Array(acts.appends[..<280]))
        try await Self.board(journal).catchUp()
        let tables = try #require(journal.projectionStore)
        let store = MovingStore([tables])
        let pages = PassWatch(StoredJournal(journal, store))
        let held = Self.board(pages)
        let now = RequestActs.time(320)
        _ = try await held.view().stuck(now: now)
        #expect(store.readCount == 1)
        #expect(pages.passedCount == 0)
        try await journal.append(Array(acts.appends[280...]))
        for tenant in [nil, "anthem"] {
            let stuck = try await held.view().stuck(tenant: tenant, now: now)
            #expect(stuck == (try await PipelineView(journal).stuck(tenant: tenant, now: now)))
            #expect(!stuck.isEmpty)
            let open = try await held.view().retries(tenant: tenant, now: now, openOnly: true)
            let plain = PipelineView(journal)
            #expect(open == (try await plain.retries(tenant: tenant, now: now, openOnly: true)))
        }
        #expect(pages.passedCount == 20)
    }

    @Test func `questions at one time are answered each as alone`() async throws {
        let acts = try RequestActs(seed: 72, count: 300, isMixed: false)
        let journal = MemoryJournal()
        try await journal.append(acts.appends)
        let held = Self.board(journal)
        try await held.catchUp()
        let now = RequestActs.time(320)
        let expected = try await PipelineView(journal).stuck(now: now)
        try await withThrowingTaskGroup { group in
            for _ in 0..<16 { group.addTask { try await held.view().stuck(now: now) } }
            for try await found in group { #expect(found == expected) }
        }
    }
}
