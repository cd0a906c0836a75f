import Cairn
import CairnTestSupport
import CairnTesting
import Logging
import ServiceLifecycle
import Testing

/// The To Log queue under flood, slow and failing journals, shutdown and crashes.
struct TouchLogTests {
    @Test(arguments: [false, true])
    func `rows come into the journal in their order`(onDisk: Bool) async throws {
        let desk = try await TouchDesk(onDisk: onDisk)
        let log = desk.log()
        let rows = try (1...2_500).map { try TouchDesk.touch($0) }
        try await desk.running(log) {
            for row in rows { #expect(log.log(row)) }
            await log.flush()
        }
        #expect(try await desk.rows() == rows)
        let counts = log.counts
        #expect(counts.taken == 2_500 && counts.appended == 2_500 && counts.dropped.count == 0)
    }

    @Test func `a row is appended at the next tick, without a flush`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        let row = try TouchDesk.touch(1)
        try await desk.running(log) {
            log.log(row)
            let head = try await desk.journal.head()
            desk.tick()
            var last = head.lastPosition
            while try await desk.rows().isEmpty {
                // Ticks that came before the queue slept are not lost, but more do no harm.
                desk.tick()
                try await desk.journal.waitForEvent(after: last)
                last = try await desk.journal.head().lastPosition
            }
        }
        #expect(try await desk.rows() == [row])
    }

    @Test func `rows that come before the run are kept for it`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        let row = try TouchDesk.touch(1)
        #expect(log.log(row))
        await log.flush()
        #expect(try await desk.rows() == [])
        try await desk.running(log) {
            await log.flush()
        }
        #expect(try await desk.rows() == [row])
    }

    @Test func `a row given twice is one, and another one under its uid is refused`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        let row = try TouchDesk.touch(1)
        let other = try TouchDesk.touch(1, body: "other")
        let last = try TouchDesk.touch(2)
        try await desk.running(log) {
            for touch in [row, other, row, last] { log.log(touch) }
            await log.flush()
        }
        #expect(try await desk.rows() == [row, last])
        #expect(log.counts.appended == 2)
        #expect(log.counts.duplicates == 1)
        #expect(log.counts.dropped.refused == 1)
    }

    @Test func `a flood beyond the bounds is dropped, counted and written down`() async throws {
        let desk = try await TouchDesk()
        var bounds = TouchDesk.bounds
        bounds.itemCountMax = 100
        bounds.batchCountMax = 10
        let log = desk.log(bounds)
        try await desk.running(log) {
            log.log(try TouchDesk.touch(1))
            await desk.hang()
            // The journal hangs; senders do not.
            await withTaskGroup { group in
                for sender in UInt64(0)..<8 {
                    group.addTask {
                        for number in 0..<UInt64(1_000) {
                            guard let touch = try? TouchDesk.touch(2 + sender * 1_000 + number)
                            else { return }
                            log.log(touch)
                        }
                    }
                }
            }
            #expect(log.counts.taken == 100)
            #expect(log.counts.dropped.full == 8_001 - 100)
            #expect(log.counts.appended == 0)
            desk.journal.open()
            await log.flush()
            #expect(log.counts.appended == 100)
            // There is room again.
            #expect(log.log(try TouchDesk.touch(9_000)))
            await log.flush()
        }
        #expect(try await desk.rows().count == 101)
        let dropped = try await desk.facts().compactMap { fact in
            if case .dropped(let drops) = fact { drops } else { nil }
        }
        #expect(dropped.reduce(0) { $0 + $1.full } == 7_901)
        #expect(dropped.first?.span?.contains(1_500) == true)
    }

    @Test func `bytes are bounded as items are`() async throws {
        let desk = try await TouchDesk()
        var bounds = TouchDesk.bounds
        bounds.byteCountMax = 10_000
        let log = desk.log(bounds)
        let body = String(repeating: "x", count: 4_000)
        let taken = try (1...5).map { log.log(try TouchDesk.touch($0, body: body)) }
        #expect(taken == [true, true, false, false, false])
        let huge = String(repeating: "x", count: 20_000)
        #expect(!log.log(try TouchDesk.touch(9, body: huge)))
        #expect(log.counts.dropped.full == 4)
        #expect(log.counts.dropped.byteCount > 32_000)
    }

    @Test func `a failure that passes costs no row`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        let row = try TouchDesk.touch(1)
        try await desk.running(log) {
            let full = JournalError.outOfSpace(path: "j")
            desk.journal.fail(with: full, .outcomeUnknown, full, full, full)
            log.log(row)
            await log.flush()
        }
        #expect(try await desk.rows() == [row])
        #expect(log.counts.dropped.count == 0)
        #expect(desk.retryWaits == [100, 200, 400, 800, 1_600].map { .milliseconds($0) })
    }

    @Test func `a failure that stays is waited out once, and its rows are dropped`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        try await desk.running(log) {
            let full = JournalError.outOfSpace(path: "j")
            desk.journal.fail(lasting: full)
            log.log(try TouchDesk.touch(1))
            await log.flush()
            #expect(log.counts.dropped.failed == 1)
            let turns = desk.journal.turnCount
            // As long as the journal fails, further rows are tried once.
            log.log(try TouchDesk.touch(2))
            await log.flush()
            #expect(log.counts.dropped.failed == 2)
            #expect(desk.journal.turnCount >= turns + 1)
            #expect(desk.retryWaits.count == 5)
            // It works again, and then it is as patient as before.
            desk.journal.fail()
            log.log(try TouchDesk.touch(3))
            await log.flush()
            desk.journal.fail(with: full)
            log.log(try TouchDesk.touch(4))
            await log.flush()
            #expect(desk.retryWaits.count >= 6)
            log.log(try TouchDesk.touch(5))
            await log.flush()
            try await eventually { try await desk.droppedCount() >= 2 }
        }
        #expect(try await desk.rows().map(\.createdAt) == [3, 4, 5])
        #expect(try await desk.droppedCount() == 2)
    }

    @Test func `a journal that will never work again is not waited for`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        try await desk.running(log) {
            desk.journal.fail(with: .poisoned)
            log.log(try TouchDesk.touch(1))
            await log.flush()
        }
        #expect(log.counts.dropped.failed == 1)
        #expect(desk.retryWaits == [])
    }

    @Test func `one row too large for any journal takes no other along`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        let body = String(repeating: "x", count: 17 << 20)
        try await desk.running(log) {
            log.log(try TouchDesk.touch(1))
            log.log(try TouchDesk.touch(2, body: body))
            log.log(try TouchDesk.touch(3))
            await log.flush()
        }
        #expect(try await desk.rows().map(\.createdAt) == [1, 3])
        #expect(log.counts.dropped.refused == 1)
    }

    @Test(arguments: [false, true])
    func `a graceful shutdown appends what is queued`(onDisk: Bool) async throws {
        let desk = try await TouchDesk(onDisk: onDisk)
        let log = desk.log()
        let group = ServiceGroup(services: [log], logger: Logger(label: "test"))
        let running = Task { try await group.run() }
        for number in 1...UInt64(3_000) { log.log(try TouchDesk.touch(number)) }
        try await eventually { try await !desk.facts().isEmpty }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(try await desk.rows().count == 3_000)
        #expect(!log.log(try TouchDesk.touch(9_999)))
        var counts = TouchCounts()
        counts.taken = 3_000
        counts.appended = 3_000
        #expect(try await desk.facts() == [.began, .ended(counts)])
        #expect(log.counts.dropped.late == 1)
        await #expect(throws: TouchLogError.alreadyRan) { try await log.run() }
        await log.flush()
    }

    @Test func `a shutdown over a dead journal ends`() async throws {
        let desk = try await TouchDesk()
        var bounds = TouchDesk.bounds
        bounds.batchCountMax = 10
        let log = desk.log(bounds)
        let group = ServiceGroup(services: [log], logger: Logger(label: "test"))
        let running = Task { try await group.run() }
        try await eventually { try await !desk.facts().isEmpty }
        desk.journal.fail(lasting: .outOfSpace(path: "j"))
        for number in 1...UInt64(300) { log.log(try TouchDesk.touch(number)) }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(log.counts.dropped.failed == 300)
        #expect(desk.retryWaits.count == 5)
        #expect(try await desk.facts() == [.began])
    }

    @Test(arguments: [false, true])
    func `a run that ended without a word is told by the next one`(onDisk: Bool) async throws {
        let desk = try await TouchDesk(onDisk: onDisk)
        let lost = try await Worker.join(desk.journal)
        let first = TouchLog(
            journal: desk.journal,
            worker: lost,
            bounds: TouchDesk.bounds,
            clock: desk.clock
        )
        let run = Task { try await first.run() }
        try await eventually { try await !desk.facts().isEmpty }
        first.log(try TouchDesk.touch(1))
        run.cancel()
        try await run.value
        #expect(first.counts.dropped.failed == 1)
        // As long as its worker lives, nobody can say that the run is over.
        try await desk.running(desk.log()) {}
        #expect(try await desk.facts() == [.began, .began])
        // The kernel lets go of the lock of a process that ends, however it ends.
        lost.leave()
        try await desk.running(desk.log()) {}
        #expect(try await desk.facts().suffix(2) == [.interrupted, .began])
    }

    @Test func `a run cancelled while the journal hangs ends when the journal goes on`()
        async throws
    {
        let desk = try await TouchDesk()
        let log = desk.log()
        let run = Task { try await log.run() }
        try await eventually { try await !desk.facts().isEmpty }
        log.log(try TouchDesk.touch(1))
        await desk.hang()
        log.log(try TouchDesk.touch(2))
        run.cancel()
        desk.journal.open()
        try await run.value
        #expect(log.counts.appended == 1)
        #expect(log.counts.dropped.failed == 1)
    }

    @Test func `a new uid is the row's, and may be a parent at once`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        try await desk.running(log) {
            let attempt = TouchAttempt(queuedAt: 1, channel: .push, event: "e")
            let parent = log.log(.sendAttempt(attempt), of: "u")
            desk.wall.advance(by: .milliseconds(1_500))
            log.log(.sendStale(parent: parent.name), of: "u")
            log.log(.sendStale(parent: parent.name), of: "")
            await log.flush()
            let rows = try await desk.rows()
            #expect(rows.map(\.uid).first == parent)
            #expect(rows.last?.fact == .sendStale(parent: parent.name))
            #expect(rows.count == 2)
            #expect(rows.map(\.createdAt) == [1_767_225_600, 1_767_225_601.5])
        }
    }

    @Test func `what cannot be a row is counted as refused and written down`() async throws {
        let desk = try await TouchDesk()
        let log = desk.log()
        try await desk.running(log) {
            log.log(.sendStale(parent: "utbl_p"), of: "")
            let never = TouchAttempt(queuedAt: .infinity, channel: .sms, event: "e")
            log.log(.sendAttempt(never), of: "u")
            #expect(log.counts.dropped.refused == 2 && log.counts.dropped.count == 2)
            #expect(log.counts.taken == 0)
            while try await desk.droppedCount() < 2 {
                desk.tick()
                await Task.yield()
            }
        }
        #expect(try await desk.rows() == [])
        #expect(log.counts.dropped.span == 1_767_225_600...1_767_225_600)
    }
}

extension TouchDesk {
    /// How many rows the journal is told were dropped.
    fileprivate func droppedCount() async throws -> UInt64 {
        try await facts().reduce(0) { sum, fact in
            if case .dropped(let drops) = fact { sum + drops.count } else { sum }
        }
    }
}
