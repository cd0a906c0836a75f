import Cairn
import CairnTestSupport
import CairnTesting
import Testing

/// Blocks of items that are passed over, and what opens them again.
struct JobBlockTests {
    private typealias Send = @Sendable (Row, Attempt) async throws -> SendOutcome

    private struct Row: Sendable {
        let key: String
        var text = "hello"
    }

    private static let reading = JobItems<Row>(
        key: { $0.key },
        content: { Array($0.text.utf8) }
    )
    /// A block and a half.
    private static let keys = (0..<JobBlock.itemCount * 3 / 2).map { "item-\($0)" }

    private func rows(_ keys: [String]) -> [Row] { keys.map { Row(key: $0) } }

    private func run(
        _ site: TestSite,
        _ rows: [Row],
        job: String = "job",
        _ item: ItemPolicy = .standard,
        _ send: Send? = nil
    ) async throws -> JobReport {
        let runner = site.runner()
        return try await site.time.flowing(stepMax: .seconds(1)) {
            try await runner.run(
                job: job,
                items: rows,
                reading: Self.reading,
                policy: JobPolicy(item: item),
                send ?? { _, attempt in
                    .accepted(provider: "sendgrid", reference: "ref-\(attempt.providerKey)")
                }
            )
        }
    }

    /// Runs over items that nobody has to be sent to any more.
    ///
    /// - Returns: How many of them were looked at one by one.
    private func idleReadCount(_ site: TestSite, _ rows: [Row]) async throws -> Int {
        let idle = try await TestSite(site.journal, site.time)
        let report = try await run(idle, rows)
        #expect(report.counts.sent == 0)
        return idle.looks.value
    }

    private func state(_ site: TestSite, of job: String = "job") async throws -> JobState {
        try await StreamFold(JobMachine(), of: JobMachine.stream(of: job))
            .folded(in: site.journal).state
    }

    private func bounce(_ site: TestSite, _ keys: String...) async throws {
        for key in keys { try await Self.bounce(site.interactions(), key) }
    }

    private static func bounce(_ interactions: Interactions, _ key: String) async throws {
        var report = ProviderReport(
            provider: "sendgrid",
            reference: "ref-\(key)",
            word: "bounce"
        )
        report.detail = "blocked"
        #expect(try await interactions.receive(report) == .applied(.failed))
    }

    private static let partCount = keys.count - JobBlock.itemCount

    @Test func `a block that has changed is looked at once and passed over from then on`()
        async throws
    {
        let site = try await TestSite()
        _ = try await run(site, rows(Self.keys))
        #expect(try await idleReadCount(site, rows(Self.keys)) == Self.partCount)
        // One more at the front moves all others.
        let keys = ["first"] + Self.keys
        #expect(try await run(site, rows(keys)).counts.sent == 1)
        #expect(try await idleReadCount(site, rows(keys)) == Self.partCount + 1)
    }

    @Test func `a block in which one bounced is passed over once that one is dealt with`()
        async throws
    {
        let site = try await TestSite()
        _ = try await run(site, rows(Self.keys))
        try await bounce(site, "item-3#1", "item-500#1", "item-1200#1")
        let report = try await run(site, rows(Self.keys))
        #expect(report.counts.sent == 3)
        #expect(try await idleReadCount(site, rows(Self.keys)) == Self.partCount)
        try await bounce(site, "item-3#2")
        #expect(try await run(site, rows(Self.keys)).counts.sent == 1)
        #expect(try await idleReadCount(site, rows(Self.keys)) == Self.partCount)
    }

    @Test func `what bounced while its block was being settled is looked at again`() async throws {
        let site = try await TestSite()
        let interactions = site.interactions()
        let report = try await run(site, rows(Self.keys)) { row, attempt in
            // The other has long been done, and their block is not settled yet.
            if row.key == "item-900" { try await Self.bounce(interactions, "item-3#1") }
            return .accepted(provider: "sendgrid", reference: "ref-\(attempt.providerKey)")
        }
        #expect(report.counts.sent == Int64(Self.keys.count))
        #expect(try await run(site, rows(Self.keys)).counts.sent == 1)
        #expect(try await idleReadCount(site, rows(Self.keys)) == Self.partCount)
    }

    @Test func `a failure that another policy tries again is not passed over`() async throws {
        let site = try await TestSite()
        struct Broken: Error {}
        let first = try await run(site, rows(["item-3"])) { _, _ in throw Broken() }
        #expect(first.counts.parked == 1)
        try await ItemDesk(site.journal).give(
            .settle(ItemSettlement(.failed, source: .person, by: "mia", reason: "not there")),
            to: try ItemKey("item-3").stream
        )
        let once = ItemPolicy(attempts: .once)
        #expect(try await run(site, rows(Self.keys), once).failed == ["item-3": "not there"])
        #expect(try await run(site, rows(Self.keys), once).counts.failed == 1)
        let report = try await run(site, rows(Self.keys))
        #expect(report.counts.sent == 1)
        #expect(report.counts.failed == 0)
    }

    @Test func `what a rule skips is not passed over under another rule`() async throws {
        let site = try await TestSite()
        let first = ItemPolicy(skip: .ifKeyExists)
        let report = try await run(site, rows(Self.keys), first) { row, _ in
            row.key == "item-3" ? .rejected(isFinal: false, reason: "busy") : .accepted
        }
        #expect(report.counts.failed == 1)
        #expect(try await run(site, rows(Self.keys)).counts.sent == 1)
    }

    @Test func `an item of another job that bounces is sent again by this one`() async throws {
        let site = try await TestSite()
        _ = try await run(site, rows(["item-3"]), job: "other")
        _ = try await run(site, rows(Self.keys))
        try await bounce(site, "item-3#1")
        let report = try await run(site, rows(Self.keys))
        #expect(report.counts.sent == 1)
        #expect(report.counts.done == Int64(Self.keys.count - 1))
    }

    @Test func `a change of a long content is seen, however long the others are`() async throws {
        let site = try await TestSite()
        let long = String(repeating: "x", count: 10_000)
        var rows = Self.keys.prefix(JobBlock.itemCount).map { Row(key: $0, text: long) }
        rows[7].text = "short"
        _ = try await run(site, rows)
        #expect(try await idleReadCount(site, rows) == 0)
        rows[9].text = String(long.dropLast()) + "y"
        #expect(try await run(site, rows).changed == ["item-9"])
    }

    @Test func `a new item in the place of a settled block is sent as it comes`() async throws {
        let site = try await TestSite()
        _ = try await run(site, rows(Self.keys))
        let (items, source) = AsyncStream.makeStream(of: Row.self)
        let sent = Shared<[String]>([])
        let runner = site.runner()
        let running = Task {
            try await runner.run(job: "job", items: items, reading: Self.reading) { row, _ in
                sent.change { $0.append(row.key) }
                return .accepted
            }
        }
        let report = try await site.time.flowing {
            for key in Self.keys.prefix(10) { source.yield(Row(key: key)) }
            source.yield(Row(key: "new-1"))
            try await eventually("it is sent", deadline: .seconds(20)) { sent.value == ["new-1"] }
            // From then on nothing of the block waits for the rest of it.
            source.yield(Row(key: "new-2"))
            try await eventually("it is sent") { sent.value == ["new-1", "new-2"] }
            for row in rows(Self.keys.dropFirst(10) + []) { source.yield(row) }
            source.finish()
            return try await running.value
        }
        #expect(report.counts.sent == 2)
        #expect(report.counts.done == Int64(Self.keys.count))
        let keys = Self.keys.prefix(10) + ["new-1", "new-2"] + Self.keys.dropFirst(10)
        #expect(try await idleReadCount(site, rows(Array(keys))) == Self.partCount + 2)
    }

    @Test func `the first send begins long before all items were looked at`() async throws {
        let reads = Shared<Int?>(nil)
        let site = try await TestSite(MemoryJournal(), TestTime())
        let looks = site.looks
        let many = rows((0..<4_000).map { "item-\($0)" })
        let report = try await run(site, many) { _, _ in
            let count = looks.value
            reads.change { $0 = $0 ?? count }
            return .accepted
        }
        #expect(report.counts.sent == 4_000)
        // As many as are sent at once are on their way, as many more are ready, and a few are
        // being looked at.
        #expect(try #require(reads.value) <= 256)
    }
}
