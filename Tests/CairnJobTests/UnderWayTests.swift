import Cairn
import CairnTesting
import Testing

/// What is still under way, or was begun in another way, is not read as what it is not (law 5).
struct UnderWayTests {
    private static let retry = RetryPolicy(
        attemptCountMax: 5,
        initialDelay: .seconds(1),
        multiplierThousandths: 1_000,
        delayMax: .seconds(1),
        jitterThousandths: 0
    )

    private static func policy(
        _ doubt: DoubtPolicy = .park,
        worksInSteps: Bool = false,
        timeout: TimeSpan = .seconds(60)
    ) -> JobPolicy {
        JobPolicy(item: ItemPolicy(doubt: doubt, worksInSteps: worksInSteps, timeout: timeout))
    }

    /// Runs one item of a provider that ignores repeats; the closure gets which send it is.
    private func repeating(
        _ site: TestSite,
        _ keys: Shared<[String]>,
        _ send: @escaping @Sendable (Int) async -> SendOutcome
    ) -> Task<JobReport, any Error> {
        let runner = site.runner()
        return Task {
            try await runner.run(
                job: "j",
                items: ["a"],
                key: { $0 },
                policy: Self.policy(.dedupByKey, timeout: .seconds(5))
            ) { _, attempt in
                await send(
                    keys.change { keys in
                        keys.append(attempt.providerKey)
                        return keys.count
                    }
                )
            }
        }
    }

    @Test(arguments: [true, false])
    func `an item is gone on with only in the way it was begun`(beganInSteps: Bool) async throws {
        let site = try await TestSite()
        let sends = Shared(0)
        for worksInSteps in [beganInSteps, !beganInSteps] {
            let runner = site.runner()
            let report = try await site.time.flowing {
                try await runner.run(
                    job: "j",
                    items: ["a"],
                    key: { $0 },
                    policy: JobPolicy(
                        item: ItemPolicy(
                            attempts: AttemptPolicy(retry: Self.retry),
                            worksInSteps: worksInSteps
                        ),
                        deadline: site.time.now.adding(.milliseconds(500))
                    )
                ) { _, _ in
                    sends.change { $0 += 1 }
                    throw NotSent("not now")
                }
            }
            if worksInSteps == beganInSteps {
                #expect(sends.value == 1)
                site.time.advance(by: .seconds(10))
            } else {
                #expect(report.counts.parked == 1)
                #expect(report.parked["a"]?.contains("code they were begun with") == true)
            }
        }
        #expect(sends.value == 1, "the other way has not begun")
        #expect(try await site.state(of: "a").verdict().word == "failed_retryable")
        // In its own way it goes on.
        let runner = site.runner()
        let report = try await site.time.flowing {
            try await runner.run(
                job: "j",
                items: ["a"],
                key: { $0 },
                policy: Self.policy(worksInSteps: beganInSteps)
            ) { _, _ in .accepted }
        }
        #expect(report.counts.sent == 1)
    }

    @Test func `a lost item that works in steps is not sent by code that does not`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let runner = site.runner()
        let lost = Task {
            try await runner.run(
                job: "j",
                items: ["a"],
                key: { $0 },
                policy: Self.policy(worksInSteps: true)
            ) { _, attempt in
                _ = try await attempt.step("first") { 1 }
                await gate.pass()
                return .accepted
            }
        }
        try await gate.arrivals(1)
        try await eventually("the step's end is written") {
            if case .done = try await site.state(of: "a").steps.first?.standing {
                true
            } else {
                false
            }
        }
        try await site.restart()
        let next = site.runner()
        let report = try await site.time.flowing {
            try await next.run(
                job: "j",
                items: ["a"],
                key: { $0 },
                policy: Self.policy(.dedupByKey)
            ) { _, _ in
                Issue.record("it was sent outside of steps")
                return .accepted
            }
        }
        #expect(report.counts.parked == 1)
        gate.open()
        _ = await lost.result
    }

    @Test func `a refusal of a repeat says nothing of a send that still runs`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let keys = Shared<[String]>([])
        let run = repeating(site, keys) { count in
            if count == 1 {
                await gate.pass()
                return .accepted(provider: "p", reference: "first")
            }
            return .rejected(isFinal: false, reason: "busy")
        }
        try await gate.arrivals(1)
        _ = try await site.time.flowing { await run.result }
        #expect(keys.value.count > 1)
        #expect(Set(keys.value) == ["a#1"], "another key is another message")
        #expect(try await site.state(of: "a").verdict().word == "in_doubt")
        gate.open()
    }

    @Test func `a refusal for what was under way says nothing, though that has ended since`()
        async throws
    {
        let site = try await TestSite()
        let gate = Gate()
        let keys = Shared<[String]>([])
        let run = repeating(site, keys) { count in
            switch count {
            case 1: await gate.pass()
            case 2:
                // The provider has this key at work; then the first send gets through, and its
                // answer comes to nobody who waits for it.
                gate.open()
                for _ in 0..<2_000 { await Task.yield() }
                return .rejected(isFinal: false, reason: "key in use")
            default: break
            }
            return .accepted
        }
        try await gate.arrivals(1)
        let report = try await site.time.flowing { try await run.value }
        #expect(report.counts.sent == 1)
        #expect(keys.value == ["a#1", "a#1", "a#1"])
    }

    @Test func `failures that come late are bounded as those in time are`() async throws {
        let site = try await TestSite()
        let sends = Shared(0)
        let clock = site.time.clock
        let runner = site.runner()
        let policy = JobPolicy(
            item: ItemPolicy(
                attempts: AttemptPolicy(
                    retry: RetryPolicy(
                        attemptCountMax: 3,
                        initialDelay: .seconds(1),
                        multiplierThousandths: 1_000,
                        delayMax: .seconds(1),
                        jitterThousandths: 0
                    )
                ),
                doubt: .awaitCallback(until: .seconds(3_600)),
                timeout: .seconds(60)
            )
        )
        let report = try await site.time.flowing(stepMax: .seconds(1)) {
            try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) { _, _ in
                sends.change { $0 += 1 }
                // It minds no cancellation.
                await Task.detached { try? await clock.sleep(.seconds(75)) }.value
                throw NotSent("the provider is down")
            }
        }
        #expect(sends.value == 3)
        #expect(report.counts.failed == 1)
    }

    @Test func `what ends late in a step is taken, too`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let result = try await site.dispatch(ItemPolicy(worksInSteps: true, timeout: .seconds(5))) {
            attempt in
            try await attempt.step("send") { await gate.pass() }
            return .accepted
        }
        guard case .inDoubt(let doubt, _) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(doubt.cause == .timeout)
        gate.open()
        try await eventually("the late answer is taken") {
            try await site.state(of: "k").verdict().word == "done"
        }
    }

    @Test func `a worker that leaves keeps its lock while a send of it runs`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let (worker, journal) = (site.worker, site.journal)
        let result = try await site.dispatch { _ in
            await gate.pass()
            return .accepted
        }
        guard case .inDoubt = result else {
            Issue.record("\(result)")
            return
        }
        worker.leave()
        #expect(try await journal.isLifeLocked(worker.number.rawValue))
        gate.open()
        try await eventually("its last send has ended") {
            try await !journal.isLifeLocked(worker.number.rawValue)
        }
        #expect(try await site.state(of: "k").verdict().word == "done")
    }

    @Test func `that a send was none is no word of the provider's, however late`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let interactions = site.interactions()
        _ = try await site.dispatch { _ in
            await gate.pass()
            throw NotSent("no such address", isFinal: true)
        }
        gate.open()
        try await eventually("the late answer is taken") {
            try await site.state(of: "k").verdict().word == "failed_final"
        }
        #expect(try await site.state(of: "k").current?.settlement?.source == .sender)
        // It was wrong: the provider has delivered it.
        var report = ProviderReport(provider: "p", reference: "", word: "DELIVERED")
        report.providerKey = "k#1"
        report.meaning = .delivered
        try await interactions.receive(report)
        #expect(try await site.state(of: "k").status == .delivered)
        #expect(try await site.state(of: "k").verdict().word == "done")
    }

    @Test func `a late error says that nothing is under way any more`() async throws {
        struct Late: Error {}
        let site = try await TestSite()
        let gate = Gate()
        _ = try await site.dispatch { _ in
            await gate.pass()
            throw Late()
        }
        let since = try await site.state(of: "k").verdict()
        guard case .inDoubt(let first, let firstSince) = since else {
            Issue.record("\(since)")
            return
        }
        #expect(first.cause == .timeout)
        #expect(try await site.state(of: "k").current?.laggards == [site.worker.number])
        gate.open()
        try await eventually("the end is written") {
            try await site.state(of: "k").current?.laggards.isEmpty == true
        }
        let verdict = try await site.state(of: "k").verdict()
        #expect(verdict == .inDoubt(ItemDoubt(.error, detail: "Late()"), since: firstSince))
    }

    @Test func `a dispatch may work in steps`() async throws {
        let site = try await TestSite()
        let result = try await site.dispatch(ItemPolicy(worksInSteps: true, timeout: .seconds(5))) {
            attempt in
            let amount = try await attempt.step("charge") { 7 }
            return .accepted(body: "\(amount)")
        }
        #expect(result.body == "7")
        #expect(try await site.state(of: "k").steps.count == 1)
    }

    @Test func `crashes while an item sleeps are not its fault`() async throws {
        let site = try await TestSite()
        let policy = JobPolicy(item: ItemPolicy(worksInSteps: true, timeout: .seconds(100_000)))
        var runs: [Task<JobReport, any Error>] = []
        for life in 0..<7 {
            let runner = site.runner()
            let run = Task {
                try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) {
                    _,
                    attempt in
                    try await attempt.sleep(for: .seconds(3_600))
                    return .accepted
                }
            }
            runs.append(run)
            try await eventually("life \(life) has it, and it sleeps") {
                let state = try await site.state(of: "a")
                return !state.steps.isEmpty && state.eventCount > UInt64(life) + 1
            }
            site.time.advance(by: .seconds(60))
            try await site.restart()
        }
        let state = try await site.state(of: "a")
        #expect(state.lossCount == 0)
        #expect(state.setAside == nil)
        for run in runs {
            run.cancel()
            _ = await run.result
        }
    }
}
