import Cairn
import CairnTesting
import Testing

/// Law 5 where two runs of a closure, two clocks or two answers could be taken for one.
struct LawFiveTests {
    private struct Lost: Error {}

    private static let retry = RetryPolicy(
        attemptCountMax: 4,
        initialDelay: .milliseconds(1),
        multiplierThousandths: 1_000,
        delayMax: .milliseconds(1),
        jitterThousandths: 0
    )

    private static func policy(
        _ doubt: DoubtPolicy,
        timeout: TimeSpan = .seconds(600)
    ) -> JobPolicy {
        JobPolicy(
            item: ItemPolicy(
                attempts: AttemptPolicy(retry: retry),
                doubt: doubt,
                timeout: timeout
            )
        )
    }

    @Test func `a repeat that was not sent says nothing of the send before it`() async throws {
        let site = try await TestSite()
        let keys = Shared<[String]>([])
        let runner = site.runner()
        let report = try await site.time.flowing {
            try await runner.run(
                job: "j",
                items: ["a"],
                key: { $0 },
                policy: Self.policy(.dedupByKey)
            ) { _, attempt in
                switch keys.change({
                    $0.append(attempt.providerKey); return $0.count
                }) {
                case 1: throw Lost()
                case 2: throw NotSent("the provider is down")
                default: return .accepted
                }
            }
        }
        #expect(report.counts.sent == 1)
        #expect(keys.value == ["a#1", "a#1", "a#1"], "another key is another message")
    }

    @Test func `a provider that refuses a repeat speaks of the key`() async throws {
        let site = try await TestSite()
        let keys = Shared<[String]>([])
        let runner = site.runner()
        let report = try await site.time.flowing {
            try await runner.run(
                job: "j",
                items: ["a"],
                key: { $0 },
                policy: Self.policy(.dedupByKey)
            ) { _, attempt in
                switch keys.change({
                    $0.append(attempt.providerKey); return $0.count
                }) {
                case 1: throw Lost()
                case 2: return .rejected(isFinal: false, reason: "mailbox full")
                default: return .accepted
                }
            }
        }
        #expect(report.counts.sent == 1)
        #expect(keys.value == ["a#1", "a#1", "a#2"])
    }

    @Test func `nobody asks about a send whose closure still runs`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let (sends, questions) = (Shared(0), Shared(0))
        let runner = site.runner()
        let policy = Self.policy(
            .ask(settle: .zero) { _ in
                questions.change { $0 += 1 }
                return .notSent
            },
            timeout: .seconds(60)
        )
        let run = Task {
            try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) { _, _ in
                if sends.change({
                    $0 += 1; return $0
                }) == 1 {
                    await gate.pass()
                }
                return .accepted(provider: "p", reference: "first")
            }
        }
        try await gate.arrivals(1)
        let report = try await site.time.flowing {
            // Its time runs out, and then as long again, while it hangs.
            try await eventually("the send is in doubt") {
                try await site.state(of: "a").verdict().word == "in_doubt"
            }
            #expect(questions.value == 0)
            gate.open()
            return try await run.value
        }
        #expect(report.counts.sent + report.counts.done == 1)
        // A look that began before the answer was written may still ask; its answer has no effect.
        #expect(sends.value == 1)
    }

    @Test func `a send that hangs for good is parked, and never asked about`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let questions = Shared(0)
        let runner = site.runner()
        let policy = Self.policy(
            .ask(settle: .zero) { _ in
                questions.change { $0 += 1 }
                return .notSent
            },
            timeout: .seconds(60)
        )
        let report = try await site.time.flowing {
            try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) { _, _ in
                await gate.pass()
                return .accepted
            }
        }
        #expect(report.counts.parked == 1)
        #expect(questions.value == 0)
        gate.open()
        try await eventually("the late answer is written") {
            try await site.state(of: "a").verdict().word == "done"
        }
    }

    @Test func `an outcome that found no room leaves a doubt to the same worker, too`() async throws
    {
        let time = TestTime()
        let journal = HookedJournal(MemoryJournal(clock: { time.now }))
        let site = try await TestSite(journal, time)
        let sends = Shared(0)
        let policy = Self.policy(.ask(settle: .zero) { _ in .sent(ItemAcceptance()) })
        let runner = site.runner()
        @Sendable func run() async throws -> JobReport {
            try await time.flowing {
                try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) { _, _ in
                    sends.change { $0 += 1 }
                    journal.refuseTurns(1)
                    return .accepted
                }
            }
        }
        await #expect(throws: JobError.journal(.outOfSpace(path: "test"))) { try await run() }
        let report = try await run()
        #expect(report.counts.done + report.counts.sent == 1)
        #expect(sends.value == 1)
    }

    @Test func `a worker that has left begins nothing`() async throws {
        let site = try await TestSite()
        let runner = site.runner()
        site.worker.die()
        await #expect(throws: JobError.item(.workerLeft)) {
            try await runner.run(job: "j", items: ["a"], key: { $0 }) { _, _ in
                Issue.record("it was sent")
                return .accepted
            }
        }
    }

    @Test(arguments: [-365, 365])
    func `no clock that is set ends the wait before asking`(days: Int64) async throws {
        let site = try await TestSite()
        let (time, asked) = (site.time, Shared<[TimeSpan]>([]))
        let doubted = Shared(time.boot)
        let policy = Self.policy(
            .ask(settle: .seconds(5)) { _ in
                asked.change { $0.append(time.boot.since(doubted.value)) }
                return .sent(ItemAcceptance())
            }
        )
        let runner = site.runner()
        let report = try await time.flowing {
            try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) { _, _ in
                doubted.change { $0 = time.boot }
                time.wall.advance(by: .seconds(days * 86_400))
                throw Lost()
            }
        }
        #expect(report.counts.sent + report.counts.done == 1)
        #expect(asked.value.count == 1)
        #expect(try #require(asked.value.first) >= .seconds(5))
    }

    @Test func `steps are for items that are said to work in steps`() async throws {
        let site = try await TestSite()
        let errors = Shared<[String]>([])
        let runner = site.runner()
        let report = try await runner.run(job: "j", items: ["a", "b"], key: { $0 }) {
            item,
            attempt in
            do {
                if item == "a" { _ = try await attempt.step("charge") { 1 } }
                try await attempt.sleep(for: .seconds(1))
            } catch {
                errors.change { $0.append("\(error)") }
                throw error
            }
            return .accepted
        }
        #expect(report.counts.parked == 2)
        #expect(errors.value.count == 2)
        #expect(errors.value.allSatisfy { $0.contains("worksInSteps") })
    }

    @Test func `a timer may be longer than a send`() async throws {
        let site = try await TestSite()
        let ran = Shared<[String]>([])
        let policy = JobPolicy(item: ItemPolicy(worksInSteps: true, timeout: .seconds(60)))
        let runner = site.runner()
        let began = site.time.boot
        let report = try await site.time.flowing(stepMax: .seconds(20)) {
            try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) {
                _,
                attempt in
                try await attempt.step("reserve") { ran.change { $0.append("reserve") } }
                try await attempt.sleep(for: .seconds(3_600))
                try await attempt.step("charge") { ran.change { $0.append("charge") } }
                return .accepted
            }
        }
        #expect(report.counts.sent == 1)
        #expect(ran.value == ["reserve", "charge"])
        #expect(site.time.boot.since(began) >= .seconds(3_600))
        #expect(try await site.state(of: "a").attempts.count == 1)
    }

    @Test func `a timer that is over long ago, or never, traps nothing`() async throws {
        let site = try await TestSite()
        let policy = JobPolicy(item: ItemPolicy(worksInSteps: true, timeout: .seconds(60)))
        let runner = site.runner()
        let report = try await site.time.flowing {
            try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) {
                _,
                attempt in
                try await attempt.sleep(until: Timestamp(nanoseconds: .min))
                return .accepted
            }
        }
        #expect(report.counts.sent == 1)
    }

    @Test func `steps that are not met any more are told, and end nothing`() async throws {
        let site = try await TestSite()
        let policy = JobPolicy(
            item: ItemPolicy(attempts: AttemptPolicy(retry: Self.retry), worksInSteps: true)
        )
        let runner = site.runner()
        let tries = Shared(0)
        let report = try await site.time.flowing {
            try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) {
                _,
                attempt in
                _ = try await attempt.step("reserve") { 1 }
                if tries.change({
                    $0 += 1; return $0
                }) > 1 {
                    return .accepted
                }
                _ = try await attempt.step("charge") { 2 }
                throw Lost()
            }
        }
        #expect(report.counts.parked == 1)
        #expect(report.parked["a"]?.contains("step 2 'charge' was not met any more") == true)
        #expect(try await site.state(of: "a").verdict().word == "failed_retryable")
    }

    @Test func `a report on one step ends no item`() async throws {
        let site = try await TestSite()
        let interactions = site.interactions()
        let policy = JobPolicy(item: ItemPolicy(worksInSteps: true))
        let ran = Shared<[String]>([])
        let runner = site.runner()
        let report = try await runner.run(job: "j", items: ["a"], key: { $0 }, policy: policy) {
            _,
            attempt in
            try await attempt.step("mail") { ran.change { $0.append("mail") } }
            let report = ProviderReport(
                provider: "p",
                reference: "r",
                word: "delivered",
                providerKey: attempt.providerKey
            )
            _ = try await interactions.receive(report)
            try await attempt.step("invoice") { ran.change { $0.append("invoice") } }
            return .accepted
        }
        #expect(report.counts.sent == 1)
        #expect(ran.value == ["mail", "invoice"])
    }
}
