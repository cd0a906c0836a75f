import Cairn
import CairnTesting
import Logging
import ServiceLifecycle
import Testing

/// What goes wrong beside the items, and what it may not do to those that are on their way.
struct JobTroubleTests {
    private static let reading = JobItems<String>(key: { $0 })

    /// Sends that come to a door, wait until it is open, and mind being cancelled there.
    private func start<Items: AsyncSequence & Sendable>(
        _ site: TestSite,
        _ items: Items,
        _ gate: Gate,
        policy: JobPolicy = JobPolicy(concurrency: 4),
        _ outcome: @escaping @Sendable (String) -> SendOutcome = { _ in .accepted }
    ) -> Task<JobReport, any Error> where Items.Element == String {
        let runner = site.runner()
        return Task {
            try await runner.run(job: "job", items: items, reading: Self.reading, policy: policy) {
                item,
                _ in
                await gate.pass()
                try Task.checkCancellation()
                return outcome(item)
            }
        }
    }

    private func words(_ site: TestSite, _ keys: String...) async throws -> [String] {
        var words: [String] = []
        for key in keys { words.append(try await site.state(of: key).verdict().word) }
        return words
    }

    private func state(_ site: TestSite, of job: String = "job") async throws -> JobState {
        try await StreamFold(JobMachine(), of: JobMachine.stream(of: job))
            .folded(in: site.journal).state
    }

    @Test func `an item that cannot be read leaves no send in doubt`() async throws {
        let memory = MemoryJournal()
        let event = try NewEvent(type: "attempt.from_tomorrow", occurredAt: .unixEpoch, payload: [])
        try await memory.append(event, to: try ItemKey("bad").stream)
        let site = try await TestSite(memory, TestTime())
        let gate = Gate()
        let (items, source) = AsyncStream.makeStream(of: String.self)
        let running = start(site, items, gate)
        source.yield("a")
        source.yield("b")
        try await gate.arrivals(2)
        let (looks, count) = (site.looks, site.looks.value)
        source.yield("bad")
        source.yield("c")
        try await eventually("it is looked at") { looks.value > count }
        for _ in 0..<100 { await Task.yield() }
        gate.open()
        let error = await #expect(throws: JobError.self) { try await running.value }
        guard case .unreadable = error else {
            Issue.record("\(error.map { "\($0)" } ?? "")")
            return
        }
        #expect(try await words(site, "a", "b", "c") == ["done", "done", "fresh"])
        let end = try await state(site).lastEnd
        #expect(end?.ending == .failed)
        #expect(end?.counts.sent == 2)
    }

    @Test func `a journal that cannot be read for a moment leaves no send in doubt`() async throws {
        let isFull = Shared(false)
        let failures = Shared(0)
        let journal = HookedJournal(MemoryJournal()) { stream throws(JournalError) in
            guard stream.kind == JobMachine.streamKind, isFull.value else { return }
            failures.change { $0 += 1 }
            throw .readersFull(countMax: 126)
        }
        let site = try await TestSite(journal, TestTime())
        let gate = Gate()
        let (items, source) = AsyncStream.makeStream(of: String.self)
        let policy = JobPolicy(concurrency: 4, drainMax: .seconds(100_000))
        let running = start(site, items, gate, policy: policy)
        source.yield("a")
        source.yield("b")
        try await gate.arrivals(2)
        isFull.change { $0 = true }
        try await site.time.flowing {
            try await eventually("the job was to be looked at") { failures.value > 0 }
            for _ in 0..<100 { await Task.yield() }
            isFull.change { $0 = false }
            gate.open()
            await #expect(throws: JobError.journal(.readersFull(countMax: 126))) {
                try await running.value
            }
        }
        #expect(try await words(site, "a", "b") == ["done", "done"])
        #expect(try await state(site).lastEnd?.ending == .failed)
    }

    @Test func `a full disk is told once, however many sends it meets`() async throws {
        let journal = HookedJournal(MemoryJournal())
        let site = try await TestSite(journal, TestTime())
        let lines = LoggedLines()
        let runner = JobRunner(
            journal: journal,
            worker: site.worker,
            clock: site.time.clock,
            logger: Logger(label: "test") { _ in lines }
        )
        let gate = Gate()
        let keys = (0..<16).map { "item-\($0)" }
        let running = Task {
            try await runner.run(
                job: "job",
                items: keys,
                reading: Self.reading,
                policy: JobPolicy(concurrency: 16)
            ) { _, _ in
                await gate.pass()
                return .accepted
            }
        }
        try await gate.arrivals(16)
        journal.refuseTurns(.max)
        gate.open()
        let result = await running.result
        #expect(throws: JobError.journal(.outOfSpace(path: "test"))) { try result.get() }
        #expect(lines.count(of: .error) == 1)
        // What was sent then has its intent on disk and no outcome: nobody sends it again blindly.
        #expect(try await words(site, keys[0], keys[15]) == ["in_flight", "in_flight"])
        journal.refuseTurns(0)
        // Its sender knows the outcome, and writes it once there is room.
        try await site.time.flowing {
            try await eventually("all outcomes are written") {
                for key in keys where try await words(site, key) != ["done"] { return false }
                return true
            }
        }
    }

    @Test func `sends that do not end after an error are in doubt, once their time is over`()
        async throws
    {
        let memory = MemoryJournal()
        let event = try NewEvent(type: "attempt.from_tomorrow", occurredAt: .unixEpoch, payload: [])
        try await memory.append(event, to: try ItemKey("bad").stream)
        let site = try await TestSite(memory, TestTime())
        let runner = site.runner()
        let begun = Shared(false)
        let (items, source) = AsyncStream.makeStream(of: String.self)
        let policy = JobPolicy(drainMax: .seconds(30))
        let running = Task {
            try await runner.run(job: "job", items: items, reading: Self.reading, policy: policy) {
                _,
                _ in
                begun.change { $0 = true }
                try await Task.sleep(for: .seconds(3_600))
                return .accepted
            }
        }
        source.yield("a")
        try await eventually("it is on its way") { begun.value }
        let start = site.time.now
        source.yield("bad")
        _ = try await site.time.flowing { await running.result }
        #expect(site.time.now.since(start) >= .seconds(30))
        #expect(try await words(site, "a") == ["in_doubt"])
    }

    @Test func `a pause that comes after a cancellation leaves no send in doubt`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let runner = site.runner()
        let slow = Gate()
        let policy = JobPolicy(concurrency: 2, pausesWhenGivenUp: true)
        let running = Task {
            try await runner.run(
                job: "job",
                items: ["bad", "slow"],
                reading: Self.reading,
                policy: policy
            ) { item, _ in
                if item == "bad" {
                    await gate.pass()
                    return .rejected(isFinal: true, reason: "no such address")
                }
                await slow.pass()
                try Task.checkCancellation()
                return .accepted
            }
        }
        try await gate.arrivals(1)
        try await slow.arrivals(1)
        try await runner.cancel(job: "job", by: "mia", reason: "enough")
        gate.open()
        try await eventually("it failed") {
            try await site.state(of: "bad").verdict().word == "failed_final"
        }
        for _ in 0..<100 { await Task.yield() }
        slow.open()
        let report = try await running.value
        #expect(report.counts.sent == 1)
        #expect(report.counts.failed == 1)
        #expect(try await words(site, "slow") == ["done"])
    }

    @Test func `only a failure of its own run pauses a job`() async throws {
        let site = try await TestSite()
        let runner = site.runner()
        let policy = JobPolicy(concurrency: 1, pausesWhenGivenUp: true)
        let send: @Sendable (String, Attempt) async throws -> SendOutcome = { item, _ in
            item == "bad" ? .rejected(isFinal: true, reason: "no such address") : .accepted
        }
        _ = try await runner.run(
            job: "job",
            items: ["bad"],
            reading: Self.reading,
            policy: policy,
            send
        )
        #expect(try await state(site).pause?.by == "policy")
        try await runner.resume(job: "job", by: "mia", reason: "it is known")
        let report = try await site.time.flowing {
            try await runner.run(
                job: "job",
                items: ["bad", "good"],
                reading: Self.reading,
                policy: policy,
                send
            )
        }
        #expect(report.counts.failed == 1)
        #expect(report.counts.sent == 1)
        #expect(try await state(site).pause == nil)
    }

    @Test func `many waits of items are one wait of the run`() async throws {
        let site = try await TestSite()
        let retry = RetryPolicy(
            attemptCountMax: 2,
            initialDelay: .seconds(1_000),
            multiplierThousandths: 1_000,
            delayMax: .seconds(1_000),
            jitterThousandths: 1_000
        )
        let gate = Gate()
        gate.open()
        let (items, source) = AsyncStream.makeStream(of: String.self)
        for number in 0..<100 { source.yield("\(number)") }
        source.finish()
        let policy = JobPolicy(
            item: ItemPolicy(attempts: AttemptPolicy(retry: retry)),
            concurrency: 1
        )
        let running = start(site, items, gate, policy: policy) { _ in
            .rejected(isFinal: false, reason: "busy")
        }
        try await eventually("all were tried") { gate.arrivedCount == 100 }
        // One wait for the first retry that is due, and one for what people decide.
        try await eventually("all of them wait") { site.time.sleeperCount <= 2 }
        running.cancel()
        _ = await running.result
    }
}

/// Sequences that end because they were cut off, which is not because they are over.
struct CutOffTests {
    private static let reading = JobItems<String>(key: { $0 })
    private static let keys = ["a", "b", "c"]

    private func runAll(_ site: TestSite) async throws {
        let report = try await site.runner().run(
            job: "job",
            items: Self.keys,
            reading: Self.reading
        ) { _, _ in .accepted }
        #expect(report.ending == .finished)
    }

    @Test func `a sequence that says it was cancelled is not complete`() async throws {
        let site = try await TestSite()
        try await runAll(site)
        let items = AsyncThrowingStream<String, any Error> { stream in
            stream.yield("a")
            stream.finish(throwing: CancellationError())
        }
        let report = try await site.runner().run(job: "job", items: items, reading: Self.reading) {
            _,
            _ in .accepted
        }
        #expect(report.ending == .stopped)
        #expect(report.counts.missing == 0)
        #expect(report.missing.isEmpty)
    }

    @Test func `a stream that ends because its run was cancelled is not complete`() async throws {
        for _ in 0..<10 {
            let site = try await TestSite()
            try await runAll(site)
            let (items, source) = AsyncStream.makeStream(of: String.self)
            let runner = site.runner()
            let running = Task {
                try await runner.run(job: "job", items: items, reading: Self.reading) { _, _ in
                    .accepted
                }
            }
            source.yield("d")
            try await eventually("it is sent") {
                try await site.state(of: "d").verdict().word == "done"
            }
            running.cancel()
            let report = try await running.value
            #expect(report.ending == .stopped)
            #expect(report.counts.missing == 0)
        }
    }

    private struct Batch: Service {
        let report: Shared<JobReport?>
        let body: @Sendable () async throws -> JobReport

        func run() async throws {
            let made = try await body()
            report.change { $0 = made }
        }
    }

    @Test func `a stream that ends with a graceful shutdown is not complete`() async throws {
        for _ in 0..<10 {
            let site = try await TestSite()
            try await runAll(site)
            let (items, source) = AsyncStream.makeStream(of: String.self)
            let runner = site.runner()
            let report = Shared<JobReport?>(nil)
            let batch = Batch(report: report) {
                try await runner.run(
                    job: "job",
                    items: items.cancelOnGracefulShutdown(),
                    reading: Self.reading
                ) { _, _ in .accepted }
            }
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(
                            service: batch,
                            successTerminationBehavior: .gracefullyShutdownGroup
                        )
                    ],
                    logger: Logger(label: "test")
                )
            )
            let running = Task { try await group.run() }
            source.yield("d")
            try await eventually("it is sent") {
                try await site.state(of: "d").verdict().word == "done"
            }
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(report.value?.ending == .stopped)
            #expect(report.value?.counts.missing == 0)
        }
    }
}

/// What was logged, by its level.
private final class LoggedLines: LogHandler {
    private let levels = Shared<[Logger.Level]>([])

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { levels.change { $0.append(event.level) } }

    func count(of level: Logger.Level) -> Int { levels.value.count { $0 == level } }
}
