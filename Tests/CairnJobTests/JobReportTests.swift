import Cairn
import CairnTesting
import Logging
import ServiceLifecycle
import Testing

/// What a run asks of its caller, and what it tells while it goes on and at its end.
struct JobReportTests {
    private struct Letter: Codable, Sendable {
        var key: String
        var text = "hello"
        var weight = 1.0
        var labels: [String: String] = ["a": "1", "b": "2", "c": "3"]
    }

    private func state(_ site: TestSite) async throws -> JobState {
        try await StreamFold(JobMachine(), of: JobMachine.stream(of: "job"))
            .folded(in: site.journal).state
    }

    /// The most sends at once, where each waits for as many as there may be.
    private func widest(
        _ policy: JobPolicy,
        concurrency: Int?
    ) async throws -> Int {
        let site = try await TestSite()
        let running = Shared((now: 0, most: 0))
        let report = try await site.runner().run(
            job: "job",
            items: 0..<40,
            key: { "\($0)" },
            policy: policy,
            concurrency: concurrency
        ) { _, _ in
            running.change { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            for _ in 0..<20 { await Task.yield() }
            running.change { $0.now -= 1 }
            return .accepted
        }
        #expect(report.counts.sent == 40)
        return running.value.most
    }

    @Test func `a run sends at most as many at once as its caller says`() async throws {
        #expect(try await widest(JobPolicy(concurrency: 8), concurrency: 2) <= 2)
        #expect(try await widest(JobPolicy(concurrency: 3), concurrency: nil) <= 3)
    }

    @Test(arguments: [0, -1, .min])
    func `a run sends one at once where that is less than one`(concurrency: Int) async throws {
        var policy = JobPolicy.standard
        policy.concurrency = concurrency
        #expect(policy.concurrency == 1)
        #expect(try await widest(policy, concurrency: nil) == 1)
        #expect(try await widest(.standard, concurrency: concurrency) == 1)
    }

    @Test(arguments: JournalKind.allCases)
    func `items that can be encoded are compared by all that they encode`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        var letters = ["a", "b", "c"].map { Letter(key: $0) }
        let send: @Sendable (Letter, Attempt) async throws -> SendOutcome = { _, _ in .accepted }
        let first = try await site.runner().run(
            job: "job",
            items: letters,
            key: { $0.key },
            send
        )
        #expect(first.counts.sent == 3)
        #expect(first.counts.new == 3)
        #expect(first.new.isEmpty, "in a first run all are new")
        try await site.restart()
        letters[1].text = "goodbye"
        letters[2].labels = ["c": "3", "b": "2", "a": "1"]
        letters.append(Letter(key: "d"))
        let second = try await site.runner().run(
            job: "job",
            items: letters,
            key: { $0.key },
            send
        )
        #expect(second.changed == ["b"])
        #expect(second.counts.done == 2)
        #expect(second.new == ["d"])
        #expect(second.counts.new == 1)
    }

    @Test
    func `an item that cannot be encoded is named by its number, and those before it are sent`()
        async throws
    {
        let site = try await TestSite()
        var letters = ["a", "b", "c"].map { Letter(key: $0) }
        letters[1].weight = .nan
        let error = await #expect(throws: JobError.self) {
            try await site.runner().run(job: "job", items: letters, key: { $0.key }) { _, _ in
                .accepted
            }
        }
        guard case .content(itemNumber: 2, _) = error else {
            Issue.record("\(error.map { "\($0)" } ?? "")")
            return
        }
        #expect(try await site.state(of: "a").verdict().word == "done")
        #expect(try await site.state(of: "c").verdict() == .fresh)
        #expect(try await state(site).lastEnd?.ending == .itemsFailed)
    }

    @Test func `a sequence that may still be growing takes keys, too`() async throws {
        struct Opaque: Sendable {
            let key: String
        }
        let site = try await TestSite()
        let letters = AsyncStream<Letter> { stream in
            stream.yield(Letter(key: "a"))
            stream.finish()
        }
        let opaque = AsyncStream<Opaque> { stream in
            stream.yield(Opaque(key: "b"))
            stream.finish()
        }
        let first = try await site.runner().run(job: "job", items: letters, key: { $0.key }) {
            _,
            _ in .accepted
        }
        #expect(first.counts.sent == 1)
        let second = try await site.runner().run(job: "other", items: opaque, key: { $0.key }) {
            _,
            _ in .accepted
        }
        #expect(second.counts.sent == 1)
        let third = try await site.runner().run(
            job: "job",
            items: [Letter(key: "a", text: "goodbye")],
            key: { $0.key }
        ) { _, _ in .accepted }
        #expect(third.changed == ["a"])
    }

    @Test func `a service goes over a sequence that may still be growing`() async throws {
        let site = try await TestSite()
        let (items, source) = AsyncStream.makeStream(of: String.self)
        let reports = Shared<[JobReport]>([])
        let service = JobService(
            site.runner(),
            job: "job",
            items: items,
            reading: JobItems(key: { $0 }),
            report: { report in reports.change { $0.append(report) } }
        ) { _, _ in .accepted }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)
                ],
                logger: Logger(label: "test")
            )
        )
        let running = Task { try await group.run() }
        for key in ["a", "b"] {
            source.yield(key)
            try await eventually("it is sent") {
                try await site.state(of: key).verdict().word == "done"
            }
        }
        source.finish()
        try await running.value
        #expect(reports.value.map(\.counts.sent) == [2])
        #expect(reports.value.map(\.ending) == [.finished])
    }

    @Test func `a run tells how far it is, now and then and at its end`() async throws {
        let site = try await TestSite()
        let time = site.time
        let told = Shared<[(at: Timestamp, progress: JobProgress)]>([])
        let gate = Gate()
        let runner = site.runner()
        let running = Task {
            try await runner.run(
                job: "job",
                items: (0..<50).map(String.init),
                key: { $0 },
                concurrency: 4,
                progress: { progress in told.change { $0.append((time.now, progress)) } }
            ) { item, _ in
                if item == "30" { await gate.pass() }
                return .accepted
            }
        }
        let report = try await time.flowing {
            try await gate.arrivals(1)
            try await eventually("it is told of") {
                told.value.last?.progress.counts.sent == 49
            }
            let count = told.value.count
            let start = time.now
            try await eventually("a while has passed") { time.now > start.adding(.seconds(2)) }
            #expect(told.value.count == count, "what has not changed is not told again")
            gate.open()
            return try await running.value
        }
        let all = told.value
        for (earlier, later) in zip(all, all.dropFirst().dropLast()) {
            #expect(later.at.since(earlier.at) >= .milliseconds(100))
            #expect(later.progress.counts.sent >= earlier.progress.counts.sent)
        }
        for (_, progress) in all {
            #expect(progress.itemCount == 50)
            let counts = progress.counts
            #expect(counts.sent + counts.left == counts.offered)
        }
        #expect(all.dropLast().allSatisfy { $0.progress.ending == nil })
        #expect(all.dropLast().last?.progress.runningCount == 1)
        let last = try #require(all.last?.progress)
        #expect(last.ending == .finished)
        #expect(last.counts == report.counts)
        #expect(last.runningCount == 0)
    }

    @Test func `a run writes down how many items it has, where that is known`() async throws {
        let site = try await TestSite()
        let runner = site.runner()
        let kept = Shared<JobState?>(nil)
        let journal = site.journal
        @Sendable func send(_: Int, _: Attempt) async throws -> SendOutcome {
            let fold = StreamFold(JobMachine(), of: try JobMachine.stream(of: "job"))
            let state = try await fold.folded(in: journal).state
            kept.change { $0 = state }
            return .accepted
        }
        func began() -> Int64? { kept.value?.openRuns.last?.itemCount }
        let reading = JobItems<Int>(key: { "\($0)" })
        _ = try await runner.run(job: "job", items: 0..<10, reading: reading, send)
        #expect(began() == 10)
        #expect(try await state(site).lastEnd?.itemCount == 10)

        // Of some collections nobody knows, until they were gone through.
        let joined = [[11, 12], [13, 14, 15]].joined()
        _ = try await runner.run(job: "job", items: joined, reading: reading, send)
        #expect(began() == nil)
        #expect(try await state(site).lastEnd?.itemCount == 5)

        let (items, source) = AsyncStream.makeStream(of: Int.self)
        for number in 100..<103 { source.yield(number) }
        source.finish()
        _ = try await runner.run(job: "job", items: items, reading: reading, send)
        #expect(began() == nil)
        #expect(try await state(site).lastEnd?.itemCount == 3)
    }
}
