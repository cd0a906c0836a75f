import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import CairnServices

/// Tables that are kept while a journal is written to.
@Suite(.timeLimit(.minutes(30)))
struct ProjectionKeeperTests {
    enum Kind: CaseIterable { case memory, lmdb }

    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func journal(_ kind: Kind) throws -> any Journal {
        switch kind {
        case .memory: MemoryJournal()
        case .lmdb: try LMDBJournal(path: scratch.path("j"))
        }
    }

    /// Appends acts in steps.
    private func append(_ acts: RequestActs, to journal: any Journal) async throws {
        let all = acts.appends
        for start in stride(from: 0, to: all.count, by: 10) {
            try await journal.append(Array(all[start..<min(start + 10, all.count)]))
        }
    }

    @Test(arguments: Kind.allCases)
    func `questions about any position are answered right while tables are kept`(
        _ kind: Kind
    ) async throws {
        let acts = try RequestActs(seed: 51, count: 400, isMixed: true)
        let journal = try journal(kind)
        let desk = KeeperDesk()
        let run = Task { await desk.keeper(journal).run() }
        let writer = Task { try await append(acts, to: journal) }
        var random = SeededGenerator(seed: 51)
        let board = KeeperDesk.board(journal)
        let end = Position(rawValue: UInt64(acts.appends.count))
        var last = Position.zero
        for _ in 0..<25 {
            try await journal.waitForEvent(after: last)
            last = min(try await journal.head().lastPosition, end.previous)
            let count = 1 + random.below(Int(last.rawValue))
            let now = RequestActs.time(count + 5)
            let found = try await board.view(asOf: Position(rawValue: UInt64(count)))
                .answers(at: now)
            let cut = PipelineView(try await acts.journal(upTo: count))
            #expect(try await found == cut.answers(at: now), "as of \(count)")
        }
        try await writer.value
        // A question takes in fewer events than lie between two rounds.
        try await eventually {
            guard let start = try await board.start() else { return false }
            return start.rawValue + KeeperDesk.interval > end.rawValue
        }
        run.cancel()
        await run.value
        #expect(desk.keptCount > 0)
        #expect(desk.failedCount == 0 && desk.told.levels.isEmpty)
        let marks = try journal.projectionStore?.tables().map(\.table.name).sorted()
        #expect(marks == KeeperDesk.names)
    }

    @Test func `what fails is told once and counted, and kept again once it can be`() async throws {
        let acts = try RequestActs(seed: 52, count: 200, isMixed: false)
        let journal = StorelessJournal()
        let desk = KeeperDesk()
        let rests = Mutex<[TimeSpan]>([])
        let keeper = desk.keeper(journal) { span in
            rests.withLock { $0.append(span) }
            await Task.yield()
        }
        let run = Task { await keeper.run() }
        for start in stride(from: 0, to: 100, by: 10) {
            let count = desk.failedCount
            try await journal.append(Array(acts.appends[start..<start + 10]))
            if start % 50 == 0 {
                try await eventually { desk.failedCount != count }
            }
        }
        #expect(desk.keptCount == 0)
        #expect(rests.withLock { $0.allSatisfy { $0 >= .seconds(1) } })
        journal.hasStore.store(true, ordering: .relaxed)
        try await journal.append(Array(acts.appends[100...]))
        try await eventually { desk.keptCount != 0 }
        run.cancel()
        await run.value
        let levels = desk.told.levels
        #expect(desk.failedCount > 1)
        #expect(levels.count { $0 == .error } == 1)
        #expect(levels.count { $0 == .notice } == 1)
        #expect(levels.count { $0 == .debug } == Int(desk.failedCount) - 1)
        #expect(try await KeeperDesk.board(journal).start() != nil)
    }

    @Test func `a journal that is closed ends no keeper`() async throws {
        let journal = try LMDBJournal(path: scratch.path("j"))
        let desk = KeeperDesk()
        let run = Task { await desk.keeper(journal).run() }
        journal.close()
        try await eventually { desk.failedCount >= 3 }
        run.cancel()
        await run.value
        #expect(desk.told.levels.first == .error)
    }

    @Test func `a graceful shutdown ends it where it waits, where it rests, and in between`()
        async throws
    {
        let acts = try RequestActs(seed: 53, count: 300, isMixed: false)
        for isWorking in [false, true] {
            let journal = SteppedJournal()
            try await journal.append(acts.appends)
            let desk = KeeperDesk()
            let resting = Mutex(false)
            let keeper = desk.keeper(journal) { _ in
                resting.withLock { $0 = true }
                // Over with the task that waits, and not before.
                try await Task.sleep(for: .seconds(3_600))
            }
            let group = ServiceGroup(
                services: [keeper],
                logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }
            )
            if isWorking { journal.holdsAtPage.store(3, ordering: .relaxed) }
            let run = Task { try await group.run() }
            if isWorking {
                try await eventually { journal.pageCount.load(ordering: .relaxed) >= 3 }
            } else {
                try await eventually { resting.withLock({ $0 }) }
            }
            await group.triggerGracefulShutdown()
            try await run.value
            #expect(desk.failedCount == 0)
            #expect(desk.keptCount == (isWorking ? 0 : 1))
            if isWorking { #expect(journal.pageCount.load(ordering: .relaxed) == 3) }
        }
        // It waits for the first event.
        let desk = KeeperDesk()
        let group = ServiceGroup(
            services: [desk.keeper(MemoryJournal())],
            logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }
        )
        let run = Task { try await group.run() }
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(desk.keptCount == 0 && desk.failedCount == 0)
    }

    @Test func `tables of other rules are removed at the start, and those that come later stay`()
        async throws
    {
        let acts = try RequestActs(seed: 54, count: 300, isMixed: false)
        let journal = MemoryJournal()
        try await journal.append(Array(acts.appends.prefix(100)))
        let other = KeeperDesk.board(journal, KeeperDesk.otherDefinition())
        try await other.catchUp()
        let desk = KeeperDesk()
        let run = Task { await desk.keeper(journal).run() }
        try await eventually { desk.keptCount != 0 }
        #expect(try await other.start() == nil)
        // As of a process of another version, which keeps tables at the same time.
        try await other.catchUp()
        let count = desk.keptCount
        try await journal.append(Array(acts.appends.dropFirst(100)))
        try await eventually { desk.keptCount != count }
        run.cancel()
        await run.value
        #expect(try await other.start() != nil)
        #expect(try await KeeperDesk.board(journal).start() != nil)
    }

    @Test func `tables that were on their way when a request was removed are not left`()
        async throws
    {
        let acts = try RequestActs(seed: 55, count: 120, isMixed: false)
        let journal = MemoryJournal()
        try await journal.append(acts.appends)
        let store = try #require(journal.projectionStore)
        let hooked = HookedStore(store) {
            // The tables are folded by now, and not stored.
            _ = try? await PipelineRemover(journal).forget(request: "R-3")
        }
        let board = KeeperDesk.board(StoredJournal(journal, hooked))
        try await board.catchUp()
        #expect(hooked.writeCount > 1)
        #expect(try store.tables().count == 1)
        try expectNoTrace(of: "R-3", in: store)
        let lines = try await board.view().lines(now: RequestActs.time(200))
        #expect(!lines.isEmpty && !lines.contains { $0.requestID == "R-3" })
    }

    /// Looks for a request in all that is stored.
    private func expectNoTrace(of request: String, in store: any ProjectionStore) throws {
        var isNaming = false
        try store.forEachValue { value in
            let text = String(decoding: value, as: UTF8.self)
            #expect(!text.contains("\u{3}\(request)"))
            if text.contains("\u{3}R-") { isNaming = true }
        }
        // Names do stand there like that.
        #expect(isNaming)
    }

    @Test func `a removal that ended before tables were gone is made up for while they are kept`()
        async throws
    {
        let acts = try RequestActs(seed: 57, count: 200, isMixed: false)
        let journal = MemoryJournal()
        try await journal.append(Array(acts.appends.prefix(100)))
        let desk = KeeperDesk()
        let run = Task { await desk.keeper(journal).run() }
        try await eventually { desk.keptCount != 0 }
        // As of a process of another version, whose tables hold the request as well.
        try await KeeperDesk.board(journal, KeeperDesk.otherDefinition()).catchUp()
        let store = try #require(journal.projectionStore)
        #expect(try store.tables().count == KeeperDesk.names.count + 1)
        try await PipelineRemover.forgetHalfway("R-3", in: journal)
        #expect(try store.tables().count == KeeperDesk.names.count + 1)
        let count = desk.keptCount
        try await journal.append(Array(acts.appends.dropFirst(100)))
        try await eventually { desk.keptCount != count }
        run.cancel()
        await run.value
        #expect(try store.tables().map(\.table.name).sorted() == KeeperDesk.names)
        try expectNoTrace(of: "R-3", in: store)
        #expect(desk.failedCount == 0)
    }

    @Test func `a board lets go of tables that outlived a removal`() async throws {
        let acts = try RequestActs(seed: 58, count: 100, isMixed: false)
        let journal = MemoryJournal()
        try await journal.append(acts.appends)
        let board = SummaryBoard(journal)
        let before = try await board.rows()
        try await KeptProjections(journal).catchUp()
        try await PipelineRemover.forgetHalfway("R-3", in: journal)
        let store = try #require(journal.projectionStore)
        func isStored() throws -> Bool {
            try store.tables().contains { $0.table.name == "cairn.summary" }
        }
        #expect(try isStored())
        let rows = try await board.rows()
        #expect(rows != before)
        #expect(try await rows == SummaryBoard(journal).rows())
        #expect(try !isStored())
    }

    @Test func `one table that always fails holds no other back, and the keeper rests`()
        async throws
    {
        let acts = try RequestActs(seed: 56, count: 200, isMixed: false)
        let store = PickyStore(refusing: "cairn.summary")
        let journal = MemoryJournal(projectionStore: store)
        try await journal.append(Array(acts.appends.prefix(100)))
        let desk = KeeperDesk()
        let rests = Mutex<[TimeSpan]>([])
        let keeper = desk.keeper(journal) { span in
            rests.withLock { $0.append(span) }
            await Task.yield()
        }
        let run = Task { await keeper.run() }
        try await eventually { desk.failedCount != 0 }
        // As of a process of another version, which keeps tables at the same time.
        let other = KeeperDesk.board(journal, KeeperDesk.otherDefinition())
        try await other.catchUp()
        let count = desk.failedCount
        try await journal.append(Array(acts.appends.dropFirst(100)))
        try await eventually { desk.failedCount != count }
        run.cancel()
        await run.value
        #expect(desk.keptCount == 0)
        #expect(rests.withLock { $0.count } == Int(desk.failedCount))
        #expect(rests.withLock { $0.allSatisfy { $0 >= .seconds(1) } })
        let end = Position(rawValue: 200)
        let own = try store.tables().filter { $0.mark.position == end }.map(\.table.name)
        #expect(own.sorted() == KeeperDesk.names.filter { $0 != "cairn.summary" })
        #expect(try await other.start() != nil)
    }
}
