import Cairn
import CairnTesting
import Logging
import ServiceLifecycle
import Testing

/// Jobs in this process: what stops them, and how they go on.
struct JobTests {
    private typealias Send = @Sendable (String, Attempt) async throws -> SendOutcome

    private static func retry(_ countMax: Int64 = 5, _ delay: TimeSpan = .seconds(30))
        -> RetryPolicy
    {
        RetryPolicy(
            attemptCountMax: countMax,
            initialDelay: delay,
            multiplierThousandths: 2_000,
            delayMax: .seconds(900),
            jitterThousandths: 200
        )
    }

    private func start(
        _ runner: JobRunner,
        _ items: [String],
        job: String = "job",
        policy: JobPolicy = .standard,
        _ send: @escaping Send
    ) -> Task<JobReport, any Error> {
        Task { try await runner.run(job: job, items: items, key: { $0 }, policy: policy, send) }
    }

    @Test(arguments: JournalKind.allCases)
    func `a retry waits for the instant that was written down, also after a restart`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let time = site.time
        let policy = JobPolicy(item: ItemPolicy(attempts: AttemptPolicy(retry: Self.retry())))
        let first = start(site.runner(), ["a"], policy: policy) { _, _ in
            .rejected(isFinal: false, reason: "busy")
        }
        try await eventually("the first attempt failed") {
            try await site.state(of: "a").verdict().word == "failed_retryable"
        }
        first.cancel()
        #expect(try await first.value.counts.left == 1)
        guard case .failedRetryable(_, let retryAt?) = try await site.state(of: "a").verdict()
        else {
            Issue.record("no instant was written down")
            return
        }
        try await site.restart()
        let sentAt = Shared<[Timestamp]>([])
        let second = start(site.runner(), ["a"], policy: policy) { _, _ in
            sentAt.change { $0.append(time.now) }
            return .accepted
        }
        let report = try await time.flowing { try await second.value }
        #expect(report.counts.sent == 1)
        #expect(sentAt.value.count == 1)
        #expect(sentAt.value[0] >= retryAt)
        #expect(sentAt.value[0] < retryAt.adding(.seconds(5)))
    }

    @Test func `a runner that waited for another's send keeps to the retry's instant`() async throws
    {
        let site = try await TestSite()
        let time = site.time
        let gate = Gate()
        let policy = JobPolicy(item: ItemPolicy(attempts: AttemptPolicy(retry: Self.retry())))
        let sentAt = Shared<[Timestamp]>([])
        @Sendable func send(_ item: String, _ attempt: Attempt) async -> SendOutcome {
            sentAt.change { $0.append(time.now) }
            guard attempt.number == 1 else { return .accepted }
            await gate.pass()
            return .rejected(isFinal: false, reason: "busy")
        }
        let first = start(site.runner(), ["a"], policy: policy, send)
        try await gate.arrivals(1)
        let (runner, worker) = try await site.otherRunner()
        let second = start(runner, ["a"], policy: policy, send)
        try await eventually("the second runs") {
            try await StreamFold(JobMachine(), of: JobMachine.stream(of: "job"))
                .folded(in: site.journal).state.openRuns.count == 2
        }
        let reports = try await time.flowing {
            // The second has seen that the first is at it.
            let start = time.now
            try await eventually("a while has passed") { time.now > start.adding(.seconds(2)) }
            gate.open()
            return [try await first.value, try await second.value]
        }
        #expect(reports.map(\.counts.sent).reduce(0, +) == 1)
        #expect(sentAt.value.count == 2)
        let began = try await site.state(of: "a").attempts.map(\.beganAt)
        #expect(began[1].since(sentAt.value[0]) >= .seconds(24), "the retry came too early")
        worker.die()
    }

    @Test func `an item is given up after its attempts, or after its time`() async throws {
        let site = try await TestSite()
        let counts = Shared<[String: Int]>([:])
        let send: Send = { item, _ in
            counts.change { $0[item, default: 0] += 1 }
            return .rejected(isFinal: false, reason: "busy")
        }
        let byCount = AttemptPolicy(retry: Self.retry(3))
        let byTime = AttemptPolicy(retry: Self.retry(100), durationMax: .seconds(100))
        for (item, attempts) in [("count", byCount), ("time", byTime)] {
            let policy = JobPolicy(item: ItemPolicy(attempts: attempts))
            let report = try await site.time.flowing(stepMax: .seconds(1)) {
                try await start(site.runner(), [item], job: item, policy: policy, send).value
            }
            #expect(report.counts.failed == 1)
            #expect(report.failed == [item: "busy"])
        }
        #expect(counts.value["count"] == 3)
        #expect(counts.value["time"] == 3, "after 0, 30 and 60 seconds, but not after 120")
        for (item, why) in [("count", ItemRejection.GivingUp.attempts), ("time", .duration)] {
            guard case .rejected(let last) = try await site.state(of: item).current?.standing else {
                Issue.record("\(item) is not rejected")
                continue
            }
            #expect(last.givenUp == why)
        }
    }

    @Test func `a person pauses, resumes and cancels a job from another runner`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let sent = Shared<[String]>([])
        let running = start(
            site.runner(),
            ["a", "b", "c", "d"],
            policy: JobPolicy(concurrency: 1)
        ) { item, _ in
            sent.change { $0.append(item) }
            if item == "a" { await gate.pass() }
            if item == "c" { await gate.pass() }
            return .accepted
        }
        try await gate.arrivals(1)
        let (other, worker) = try await site.otherRunner()
        try await other.pause(job: "job", by: "mia", reason: "too many complaints")
        try await site.time.flowing {
            let start = site.time.now
            try await eventually("the pause is seen") {
                site.time.now > start.adding(.seconds(5))
            }
            gate.open()
            let after = site.time.now
            try await eventually("a while") { site.time.now > after.adding(.seconds(5)) }
            #expect(sent.value == ["a"])
            try await other.resume(job: "job", by: "mia", reason: "all is well")
            try await eventually("it goes on") { sent.value.count == 4 }
            _ = try await running.value
        }
        let second = start(site.runner(), ["e"]) { item, _ in
            try await Task.sleep(for: .seconds(3_600))
            return .accepted
        }
        _ = second
        try await other.cancel(job: "job", by: "mia", reason: "the customer left")
        second.cancel()
        _ = await second.result
        let decision = JobDecision(by: "mia", reason: "the customer left")
        await #expect(throws: JobError.refused(.cancelled(decision))) {
            try await start(site.runner(), ["f"]) { _, _ in .accepted }.value
        }
        worker.die()
    }

    @Test func `a job that is cancelled while it runs ends with what is left`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let running = start(site.runner(), ["a", "b"], policy: JobPolicy(concurrency: 1)) { _, _ in
            await gate.pass()
            return .accepted
        }
        try await gate.arrivals(1)
        let (other, worker) = try await site.otherRunner()
        try await other.cancel(job: "job", by: "mia", reason: "stop")
        let report = try await site.time.flowing {
            let start = site.time.now
            try await eventually("it is seen") { site.time.now > start.adding(.seconds(5)) }
            gate.open()
            return try await running.value
        }
        #expect(report.ending == .cancelled)
        #expect(report.counts.sent == 1)
        #expect(report.counts.left == 1)
        worker.die()
    }

    @Test func `a job pauses by itself where its policy says so`() async throws {
        let site = try await TestSite()
        let policy = JobPolicy(concurrency: 1, pausesWhenGivenUp: true)
        let running = start(site.runner(), ["a"], policy: policy) { _, _ in
            .rejected(isFinal: true, reason: "no such address")
        }
        let report = try await running.value
        #expect(report.counts.failed == 1)
        let state = try await StreamFold(JobMachine(), of: JobMachine.stream(of: "job"))
            .folded(in: site.journal).state
        #expect(state.pause?.by == "policy")
        #expect(state.pause?.reason.contains("'a'") == true)
    }

    @Test func `after its deadline a job begins nothing`() async throws {
        let site = try await TestSite()
        let time = site.time
        let deadline = time.now.adding(.seconds(60))
        let policy = JobPolicy(concurrency: 1, deadline: deadline)
        let report = try await start(site.runner(), ["a", "b", "c"], policy: policy) { item, _ in
            if item == "b" { time.advance(by: .seconds(61)) }
            return .accepted
        }.value
        #expect(report.ending == .deadline)
        #expect(report.counts.sent == 2)
        #expect(report.counts.left == 1)
    }

    private struct JobService: Service {
        let report: Shared<JobReport?>
        let body: @Sendable () async throws -> JobReport

        func run() async throws {
            let made = try await body()
            report.change { $0 = made }
        }
    }

    @Test func `a graceful shutdown lets sends that are on their way end`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let runner = site.runner()
        let report = Shared<JobReport?>(nil)
        let service = JobService(report: report) {
            try await runner.run(
                job: "job",
                items: (0..<100).map(String.init),
                key: { $0 },
                policy: JobPolicy(concurrency: 4)
            ) { _, _ in
                await gate.pass()
                return .accepted
            }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: service,
                        successTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                logger: Logger(label: "test")
            )
        )
        let running = Task { try await group.run() }
        try await gate.arrivals(4)
        await group.triggerGracefulShutdown()
        for _ in 0..<100 { await Task.yield() }
        gate.open()
        try await running.value
        let made = try #require(report.value)
        #expect(made.ending == .stopped)
        #expect(made.counts.parked == 0)
        #expect(made.counts.sent >= 4)
        #expect(made.counts.sent + made.counts.left == made.counts.offered)
        for item in 0..<4 {
            #expect(try await site.state(of: "\(item)").verdict().word == "done")
        }
    }

    @Test(arguments: JournalKind.allCases)
    func `a cancelled run leaves what was on its way in doubt, and nothing else`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let sent = Shared(0)
        let items = (0..<20).map(String.init)
        let running = start(site.runner(), items, policy: JobPolicy(concurrency: 4)) { item, _ in
            sent.change { $0 += 1 }
            try await Task.sleep(for: .seconds(3_600))
            return .accepted
        }
        try await eventually("four are on their way") { sent.value == 4 }
        running.cancel()
        let report = try await running.value
        #expect(report.ending == .stopped)
        #expect(report.counts.parked == 4)
        #expect(report.counts.left == report.counts.offered - 4)
        try await site.restart()
        let next = try await start(site.runner(), items) { _, _ in .accepted }.value
        #expect(next.counts.sent == 16)
        #expect(next.counts.parked == 4)
        #expect(next.parked.values.allSatisfy { $0.hasPrefix("cancelled") })
    }

    @Test func `two runners in one process share a job`() async throws {
        let site = try await TestSite()
        let items = (0..<60).map(String.init)
        let sent = Shared<[String: Int]>([:])
        let send: Send = { item, _ in
            sent.change { $0[item, default: 0] += 1 }
            await Task.yield()
            return .accepted
        }
        let (other, worker) = try await site.otherRunner()
        let policy = JobPolicy(concurrency: 3)
        let reports = try await site.time.flowing {
            let tasks = [site.runner(), other, site.runner()].map {
                start($0, items, policy: policy, send)
            }
            var reports: [JobReport] = []
            for task in tasks { reports.append(try await task.value) }
            return reports
        }
        #expect(sent.value.count == items.count)
        #expect(sent.value.values.allSatisfy { $0 == 1 })
        #expect(reports.map(\.counts.sent).reduce(0, +) == 60)
        #expect(reports.allSatisfy { $0.counts.sent + $0.counts.done == 60 })
        #expect(Set(reports.map(\.run)) == [1, 2, 3])
        worker.die()
    }
}
