import Cairn
import CairnTesting
import Testing

/// What a job is given to do: sequences that end early, that change, and that are long.
struct JobItemTests {
    private struct Broken: Error {}

    private struct Row: Sendable {
        let key: String
        var text = "hello"
    }

    private static let reading = JobItems<Row>(
        key: { $0.key },
        content: { Array($0.text.utf8) }
    )

    private func rows(_ keys: [String]) -> [Row] { keys.map { Row(key: $0) } }

    private func run(
        _ site: TestSite,
        _ rows: [Row],
        job: String = "job"
    ) async throws -> JobReport {
        try await site.runner().run(job: job, items: rows, reading: Self.reading) { row, _ in
            .accepted(provider: "sendgrid", reference: "ref-\(row.key)")
        }
    }

    @Test func `a sequence that breaks off keeps what was done of it`() async throws {
        let site = try await TestSite()
        let items = AsyncThrowingStream<Row, any Error> { stream in
            for key in ["a", "b", "c"] { stream.yield(Row(key: key)) }
            stream.finish(throwing: Broken())
        }
        await #expect(throws: JobError.items("Broken()")) {
            try await site.runner().run(job: "job", items: items, reading: Self.reading) { _, _ in
                .accepted
            }
        }
        let state = try await StreamFold(JobMachine(), of: JobMachine.stream(of: "job"))
            .folded(in: site.journal).state
        #expect(state.lastEnd?.ending == .itemsFailed)
        #expect(state.lastEnd?.counts.sent == 3)
        let report = try await run(site, rows(["a", "b", "c", "d"]))
        #expect(report.counts.done == 3)
        #expect(report.counts.sent == 1)
    }

    @Test func `a sequence that trickles is sent as it comes`() async throws {
        let site = try await TestSite()
        let (items, source) = AsyncStream.makeStream(of: Row.self)
        let sent = Shared<[String]>([])
        let runner = site.runner()
        let running = Task {
            try await runner.run(job: "job", items: items, reading: Self.reading) { row, _ in
                sent.change { $0.append(row.key) }
                return .accepted
            }
        }
        for key in ["a", "b", "c"] {
            source.yield(Row(key: key))
            // Each is sent before the next one is there.
            try await eventually("\(key) is sent") { sent.value.last == key }
        }
        source.finish()
        #expect(try await running.value.counts.sent == 3)
    }

    @Test func `items that are changed, new and missing are told apart`() async throws {
        let site = try await TestSite()
        _ = try await run(site, rows(["a", "b", "c"]))
        try await site.restart()
        let now = [Row(key: "a"), Row(key: "b", text: "goodbye"), Row(key: "d")]
        let report = try await run(site, now)
        #expect(report.counts.done == 1)
        #expect(report.counts.changed == 1)
        #expect(report.changed == ["b"])
        #expect(report.counts.sent == 1)
        #expect(report.counts.missing == 1)
        #expect(report.missing == ["c"])
        #expect(report.counts.new == 1)
        #expect(report.new == ["d"])
        #expect(report.counts.left == 0)
    }

    @Test func `an item without a key is named by its number, and those before it are sent`()
        async throws
    {
        let site = try await TestSite()
        let error = await #expect(throws: JobError.self) {
            try await run(site, rows(["a", "b", "", "d"]))
        }
        #expect(error == .key(itemNumber: 3, .empty))
        #expect(error?.description.hasPrefix("item 3: ") == true)
        for key in ["a", "b"] {
            #expect(try await site.state(of: key).verdict().word == "done")
        }
        #expect(try await site.state(of: "d").verdict() == .fresh)
    }

    @Test func `an item whose key comes twice is sent once`() async throws {
        let site = try await TestSite()
        let report = try await site.time.flowing { try await run(site, rows(["a", "b", "a"])) }
        #expect(report.counts.sent == 2)
        #expect(report.counts.done == 1)
    }

    @Test(arguments: JournalKind.allCases)
    func `a job's name may be long, and two that differ at the end are two jobs`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let names = ["x", "y"].map { String(repeating: "\u{E9}", count: 999) + $0 }
        for name in names {
            let report = try await run(site, rows(["a\(name.suffix(1))"]), job: name)
            #expect(report.run == 1)
            #expect(report.counts.sent == 1)
        }
        try await site.restart()
        let again = try await run(site, rows(["ax"]), job: names[0])
        #expect(again.run == 2)
        #expect(again.counts.done == 1)
        #expect(again.counts.missing == 0)
    }

    @Test func `an endless sequence ends with its run`() async throws {
        let site = try await TestSite()
        let count = Shared(0)
        let items = AsyncStream<Row>(unfolding: {
            Row(key: "\(count.change { $0 += 1; return $0 })")
        })
        let gate = Gate()
        let runner = site.runner()
        let policy = JobPolicy(concurrency: 2)
        let running = Task {
            try await runner.run(
                job: "job",
                items: items,
                reading: Self.reading,
                policy: policy
            ) { _, _ in
                await gate.pass()
                return .accepted
            }
        }
        try await gate.arrivals(2)
        try await runner.cancel(job: "job", by: "mia", reason: "enough")
        let report = try await site.time.flowing {
            let start = site.time.now
            try await eventually("it is seen") { site.time.now > start.adding(.seconds(2)) }
            let countBefore = count.value
            let then = site.time.now
            try await eventually("a while") { site.time.now > then.adding(.seconds(2)) }
            #expect(count.value == countBefore, "it is read on although nobody takes any more")
            gate.open()
            return try await running.value
        }
        #expect(report.ending == .cancelled)
    }

    @Test func `settled blocks are passed over, and what bounced in one is looked at again`()
        async throws
    {
        let site = try await TestSite()
        let keys = (0..<2_100).map { "item-\($0)" }
        #expect(try await run(site, rows(keys)).counts.sent == 2_100)
        let fold = StreamFold(JobMachine(), of: try JobMachine.stream(of: "job"))
        #expect(try await fold.folded(in: site.journal).state.blocks.count == 2)

        let counting = try await TestSite(site.journal, site.time)
        let second = try await run(counting, rows(keys))
        #expect(second.counts.done == 2_100)
        #expect(second.counts.sent == 0)
        #expect(counting.looks.value == 2_100 - 2 * JobBlock.itemCount, "blocks were looked into")

        // A block in which one item is another than before is looked at item by item.
        var changed = rows(keys)
        changed[1_500].text = "goodbye"
        let third = try await run(counting, changed)
        #expect(third.counts.changed == 1)
        #expect(third.counts.done == 2_099)

        // One bounces for good, and one so that it is sent again.
        let interactions = site.interactions()
        for (item, word) in [(7, "dropped"), (8, "bounce")] {
            var report = ProviderReport(
                provider: "sendgrid",
                reference: "ref-item-\(item)",
                word: word
            )
            if word == "bounce" { report.detail = "blocked" }
            #expect(try await interactions.receive(report) == .applied(.failed))
        }
        let fourth = try await site.time.flowing(stepMax: .seconds(1)) {
            try await run(site, rows(keys))
        }
        #expect(fourth.counts.failed == 1)
        #expect(fourth.counts.sent == 1)
        #expect(fourth.counts.done == 2_098)
        #expect(try await site.state(of: "item-8").attempts.count == 2)
    }
}
