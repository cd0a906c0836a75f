import Cairn
import CairnTestSupport
import CairnTesting
import Logging
import ServiceLifecycle
import Testing

/// The log under floods, failures and shutdowns: it never makes a caller wait, and loses nothing
/// without saying so.
struct SystemEventLogTests {
    @Test(arguments: LogDesk.Kind.allCases)
    func `a flood on a journal that hangs makes nobody wait, and what is dropped is told`(
        kind: LogDesk.Kind
    ) async throws {
        let desk = try LogDesk(kind, queueCountMax: 100)
        desk.journal.shut()
        let run = Task { try await desk.log.run() }
        // The journal is shut as long as they log: a caller that waited for it would never end.
        await withTaskGroup { group in
            for number in 0..<4 {
                group.addTask {
                    let logger = desk.logger("task-\(number)")
                    for count in 0..<2_500 { logger.warning("message \(count)") }
                }
            }
        }
        let counts = desk.log.counts
        #expect(counts.waiting == 100)
        #expect(counts.dropped == 9_900)
        desk.journal.open()
        run.cancel()
        try await run.value
        #expect(desk.log.counts.written == 100)
        let rows = try await desk.rows()
        #expect(rows.count { $0.event.type == .logWarning } == 100)
        let told = try ToldLoss(rows)
        #expect(told.dropped == 9_900)
        #expect(told.failed == 0)
        #expect(told.lastError == nil)
    }

    @Test(arguments: LogDesk.Kind.allCases)
    func `everything that was taken is written once and in order`(
        kind: LogDesk.Kind
    ) async throws {
        let desk = try LogDesk(kind, queueCountMax: 10_000)
        let run = Task { try await desk.log.run() }
        let logger = desk.logger()
        for count in 0..<3_000 {
            logger.error("\(count)")
            if count % 500 == 0 { await Task.yield() }
        }
        run.cancel()
        try await run.value
        let messages = try await desk.rows().map { row in
            try JSONValue.parse(row.event.payload?.bytes ?? [])["message"]
        }
        #expect(messages == (0..<3_000).map { .string("\($0)") })
        #expect(desk.log.counts == .written(3_000))
    }

    @Test(arguments: LogDesk.Kind.allCases)
    func `a journal without room is tried again until it has some`(
        kind: LogDesk.Kind
    ) async throws {
        let desk = try LogDesk(kind)
        desk.journal.fail(with: .outOfSpace(path: "j"), .busy(path: "j"), .mapFull(byteCount: 1))
        let logger = desk.logger()
        for count in 0..<300 { logger.error("\(count)") }
        let run = Task { try await desk.log.run() }
        try await desk.journal.waitForEvent(after: .zero)
        run.cancel()
        try await run.value
        #expect(try await desk.rows().count == 300)
        #expect(desk.log.counts == .written(300))
        #expect(desk.waits.count == 3)
    }

    @Test(arguments: LogDesk.Kind.allCases)
    func `what a journal refuses is lost, counted, and told with what comes next`(
        kind: LogDesk.Kind
    ) async throws {
        let desk = try LogDesk(kind)
        desk.journal.fail(with: .poisoned)
        let logger = desk.logger()
        logger.error("lost")
        let run = Task { try await desk.log.run() }
        // The loss alone is tried once and fails no further.
        try await desk.journal.waitForEvent(after: .zero)
        #expect(desk.log.counts.failed == 1)
        logger.error("kept")
        try await desk.journal.waitForEvent(after: .first)
        run.cancel()
        try await run.value
        let rows = try await desk.rows()
        let told = try ToldLoss(rows)
        #expect(told.failed == 1)
        #expect(told.dropped == 0)
        #expect(told.lastError == JournalError.poisoned.description)
        #expect(rows.map(\.event.type) == [.logEventsLost, .logError])
        #expect(
            desk.log.counts == SystemEventLogCounts(written: 1, waiting: 0, dropped: 0, failed: 1)
        )
    }

    @Test func `a journal that is gone for good ends nothing and is not asked again and again`()
        async throws
    {
        let desk = try LogDesk()
        desk.journal.fail(lasting: .closed)
        let logger = desk.logger()
        for count in 0..<600 { logger.error("\(count)") }
        try await desk.finish()
        #expect(
            desk.log.counts == SystemEventLogCounts(written: 0, waiting: 0, dropped: 0, failed: 600)
        )
        // Three batches, one try to tell of them, and a last one.
        #expect(desk.journal.turnCount <= 5)
        logger.error("after the end")
        #expect(desk.log.counts.dropped == 1)
    }

    @Test func `a shutdown does not wait for a journal that has no room`() async throws {
        let desk = try LogDesk()
        desk.journal.fail(lasting: .outOfSpace(path: "j"))
        desk.logger().error("lost")
        let group = ServiceGroup(
            services: [desk.log],
            logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }
        )
        let run = Task { try await group.run() }
        try await eventually { desk.waits.count != 0 }
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(desk.log.counts.failed == 1)
    }

    @Test(arguments: LogDesk.Kind.allCases)
    func `a graceful shutdown writes what is queued`(kind: LogDesk.Kind) async throws {
        let desk = try LogDesk(kind)
        let group = ServiceGroup(
            services: [desk.log],
            logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }
        )
        let run = Task { try await group.run() }
        desk.logger().error("first")
        try await desk.journal.waitForEvent(after: .zero)
        desk.journal.shut()
        for count in 0..<500 { desk.logger().error("\(count)") }
        await group.triggerGracefulShutdown()
        desk.journal.open()
        try await run.value
        #expect(try await desk.rows().count == 501)
        #expect(desk.log.counts == .written(501))
    }

    @Test(arguments: LogDesk.Kind.allCases)
    func `what is logged while the log writes is not written by it`(
        kind: LogDesk.Kind
    ) async throws {
        let desk = try LogDesk(kind)
        let logger = desk.logger()
        let calls = Tally()
        desk.journal.beforeTurns {
            calls.add()
            logger.error("the journal is slow")
        }
        logger.error("one")
        try await desk.finish()
        #expect(calls.count == 1)
        #expect(try await desk.payload()?.contains("one") == true)
        // The same journal, used by someone else: that is reported.
        let other = SystemEvents(journal: desk.journal)
        try await other.info("a.b")
        #expect(desk.log.counts.dropped == 1)
    }

    @Test func `a log runs once`() async throws {
        let desk = try LogDesk()
        try await desk.finish()
        await #expect(throws: SystemEventLogError.ranBefore) { try await desk.log.run() }
    }
}
