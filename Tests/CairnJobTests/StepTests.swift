import Cairn
import CairnTesting
import Testing

/// Items whose work is done in steps, each of which has its own intent and outcome.
struct StepTests {
    private struct Broken: Error {}

    private func run(
        _ site: TestSite,
        policy: ItemPolicy = Self.policy(),
        runner: JobRunner? = nil,
        stepMax: TimeSpan = .milliseconds(100),
        _ send: @escaping @Sendable (Attempt) async throws -> SendOutcome
    ) async throws -> JobReport {
        let runner = runner ?? site.runner()
        return try await site.time.flowing(stepMax: stepMax) {
            try await runner.run(
                job: "steps",
                items: ["a"],
                key: { $0 },
                policy: JobPolicy(item: policy)
            ) { _, attempt in
                try await send(attempt)
            }
        }
    }

    private static func policy(attemptCountMax: Int64 = 3) -> ItemPolicy {
        let retry = RetryPolicy(
            attemptCountMax: attemptCountMax,
            initialDelay: .milliseconds(1),
            multiplierThousandths: 1_000,
            delayMax: .milliseconds(1),
            jitterThousandths: 0
        )
        return ItemPolicy(attempts: AttemptPolicy(retry: retry), worksInSteps: true)
    }

    @Test(arguments: JournalKind.allCases)
    func `a step that is done gives its result and is not run again`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let ran = Shared<[String]>([])
        @Sendable func send(_ attempt: Attempt, isLast: Bool) async throws -> SendOutcome {
            let text = try await attempt.step("first") { key in
                ran.change { $0.append(key) }
                return "result \u{1F600}"
            }
            let numbers = try await attempt.step("second") { key in
                ran.change { $0.append(key) }
                if !isLast { throw NotSent("not now") }
                return [1, 2, 3]
            }
            return .accepted(body: "\(text) \(numbers)")
        }
        let first = try await run(site, policy: Self.policy(attemptCountMax: 1)) {
            try await send($0, isLast: false)
        }
        #expect(first.counts.failed == 1)
        try await site.restart()
        var again = Self.policy()
        again.skip = .unlessFailed
        let second = try await run(site, policy: again) { try await send($0, isLast: true) }
        #expect(second.counts.sent == 1)
        #expect(ran.value == ["a/1", "a/2", "a/2"])
        let acceptance = try await site.state(of: "a").current?.acceptance
        #expect(acceptance?.body == "result \u{1F600} [1, 2, 3]")
    }

    @Test func `a step that was renamed or moved is refused with what was expected`() async throws {
        let site = try await TestSite()
        let errors = Shared<[String]>([])
        _ = try await run(site, policy: Self.policy(attemptCountMax: 1)) { attempt in
            _ = try await attempt.step("reserve") { 1 }
            _ = try await attempt.step("charge") { () -> Int in throw NotSent("later") }
            return .accepted
        }
        try await site.restart()
        for names in [["book", "charge"], ["charge", "reserve"]] {
            var again = Self.policy(attemptCountMax: 1)
            again.skip = .unlessFailed
            let report = try await run(site, policy: again) { attempt in
                do {
                    for name in names { _ = try await attempt.step(name) { 2 } }
                } catch let error as StepError {
                    errors.change { $0.append("\(error)") }
                    guard case .refused(.stepMismatch(1, "reserve", names[0])) = error else {
                        Issue.record("\(error)")
                        throw error
                    }
                    throw error
                }
                return .accepted
            }
            #expect(report.counts.parked == 1)
            #expect(report.parked["a"]?.contains("was 'reserve' when it was first met") == true)
        }
        #expect(errors.value.count == 2)
        // The code that it was begun with can finish it, and no attempt was used up.
        #expect(try await site.state(of: "a").attempts.count == 2)
        let report = try await run(site, policy: Self.policy(attemptCountMax: 2)) { attempt in
            _ = try await attempt.step("reserve") { 1 }
            _ = try await attempt.step("charge") { 2 }
            return .accepted
        }
        #expect(report.counts.sent == 1)
        #expect(errors.value[0].hasPrefix("step 1 was 'reserve' when it was first met"))
        #expect(errors.value[0].contains("is 'book' now"))
        #expect(errors.value[1].contains("is 'charge' now"))
    }

    @Test func `a step that did not happen is run again by the next attempt, under its key`()
        async throws
    {
        let site = try await TestSite()
        let ran = Shared<[String]>([])
        let report = try await run(site) { attempt in
            _ = try await attempt.step("send") { key in
                let count = ran.change { keys in
                    keys.append("\(attempt.number) \(key)")
                    return keys.count
                }
                if count < 3 { throw NotSent("busy") }
                return 1
            }
            return .accepted
        }
        #expect(report.counts.sent == 1)
        #expect(ran.value == ["1 a/1", "2 a/1", "3 a/1"])
    }

    @Test(arguments: JournalKind.allCases)
    func `a step that threw anything else parks its item, and stays parked`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        for _ in 0..<2 {
            let report = try await run(site) { attempt in
                _ = try await attempt.step("send") { () -> Int in throw Broken() }
                return .accepted
            }
            #expect(report.counts.parked == 1)
            #expect(report.parked["a"]?.contains("step 'send': Broken()") == true)
            try await site.restart()
        }
        let state = try await site.state(of: "a")
        #expect(state.attempts.count == 1)
        #expect(state.verdict().word == "in_doubt")
    }

    @Test func `a step that may be repeated is run again after an error`() async throws {
        let site = try await TestSite()
        let count = Shared(0)
        let report = try await run(site) { attempt in
            _ = try await attempt.step("send", ifInDoubt: .again) {
                if count.change({
                    $0 += 1; return $0
                }) < 3 {
                    throw Broken()
                }
                return 1
            }
            return .accepted
        }
        #expect(report.counts.sent == 1)
        #expect(count.value == 3)
    }

    @Test(arguments: [StepDoubtPolicy.park, .again])
    func `a step that was open when its holder was lost is decided by its own policy`(
        policy: StepDoubtPolicy
    ) async throws {
        let site = try await TestSite()
        let gate = Gate()
        let ran = Shared<[String]>([])
        let lost = try await hang(site, policy, gate, ran)
        try await gate.arrivals(1)
        try await site.restart()
        let report = try await run(site) { attempt in
            _ = try await attempt.step("send", ifInDoubt: policy) { key in
                ran.change { $0.append(key) }
                return 1
            }
            return .accepted
        }
        #expect(report.counts.parked == (policy == .park ? 1 : 0))
        #expect(report.counts.sent == (policy == .again ? 1 : 0))
        #expect(ran.value == (policy == .again ? ["a/1", "a/1"] : ["a/1"]))
        gate.open()
        lost.cancel()
        _ = await lost.result
    }

    /// Starts a run whose only step does not end.
    private func hang(
        _ site: TestSite,
        _ policy: StepDoubtPolicy,
        _ gate: Gate,
        _ ran: Shared<[String]>,
        _ errors: Shared<[String]> = Shared([])
    ) async throws -> Task<JobReport, any Error> {
        let runner = site.runner()
        return Task {
            try await runner.run(
                job: "steps",
                items: ["a"],
                key: { $0 },
                policy: JobPolicy(item: Self.policy())
            ) { _, attempt in
                do {
                    _ = try await attempt.step("send", ifInDoubt: policy) { key in
                        ran.change { $0.append(key) }
                        await gate.pass()
                        return 1
                    }
                    _ = try await attempt.step("after") { 1 }
                } catch {
                    errors.change { $0.append("\(error)") }
                    throw error
                }
                return .accepted
            }
        }
    }

    @Test func `the fence of a holder whose item was taken over is refused`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let (ran, errors) = (Shared<[String]>([]), Shared<[String]>([]))
        let old = try await hang(site, .again, gate, ran, errors)
        try await gate.arrivals(1)
        // Its lock is let go of, as by a process that ended; it goes on all the same.
        site.worker.die()
        let (runner, worker) = try await site.otherRunner()
        let report = try await run(site, runner: runner) { attempt in
            _ = try await attempt.step("send", ifInDoubt: .again) { 2 }
            return .accepted(body: "the second holder's")
        }
        #expect(report.counts.sent == 1)
        let before = try await site.state(of: "a")
        gate.open()
        let oldReport = try await site.time.flowing { try await old.value }
        #expect(errors.value.count == 1)
        #expect(errors.value.first?.hasPrefix("the right to write went on") == true)
        #expect(oldReport.counts.offered == 1)
        #expect(oldReport.counts.left == 0)
        #expect(try await site.state(of: "a") == before, "the old holder wrote something")
        worker.die()
    }

    @Test(arguments: JournalKind.allCases, [-365, 0, 365])
    func `a timer goes on where it was, whatever the wall clock does`(
        kind: JournalKind,
        days: Int64
    ) async throws {
        let site = try await TestSite(kind)
        let time = site.time
        let started = Shared<[Int64]>([])
        @Sendable func send(_ attempt: Attempt) async throws -> SendOutcome {
            started.change { $0.append(time.boot.nanoseconds) }
            try await attempt.sleep(for: .seconds(3_600), "an hour")
            return .accepted(body: "\(time.boot.nanoseconds)")
        }
        let runner = site.runner()
        let policy = JobPolicy(
            item: ItemPolicy(worksInSteps: true, timeout: .seconds(86_400 * 3_650))
        )
        let lost = Task {
            try await runner.run(
                job: "steps",
                items: ["a"],
                key: { $0 },
                policy: policy
            ) { try await send($1) }
        }
        try await eventually("the timer is set") {
            try await !site.state(of: "a").steps.isEmpty
        }
        time.advance(by: .seconds(1_800))
        time.wall.advance(by: .seconds(days * 86_400))
        try await site.restart()
        let report = try await run(site, policy: policy.item, stepMax: .seconds(10), send)
        #expect(report.counts.sent == 1)
        let body = try #require(try await site.state(of: "a").current?.acceptance?.body)
        let waited = try #require(Int64(body)) - started.value[0]
        #expect(waited >= 3_600_000_000_000)
        #expect(waited < 3_700_000_000_000, "what had passed of it counts")
        lost.cancel()
        _ = await lost.result
    }

    @Test func `after a start of the machine a timer goes by the wall clock`() async throws {
        let site = try await TestSite()
        let time = site.time
        let runner = site.runner()
        let policy = JobPolicy(
            item: ItemPolicy(worksInSteps: true, timeout: .seconds(86_400 * 3_650))
        )
        let lost = Task {
            try await runner.run(
                job: "steps",
                items: ["a"],
                key: { $0 },
                policy: policy
            ) { _, attempt in
                try await attempt.sleep(for: .seconds(3_600))
                return .accepted
            }
        }
        try await eventually("the timer is set") {
            try await !site.state(of: "a").steps.isEmpty
        }
        lost.cancel()
        _ = await lost.result
        time.wall.advance(by: .seconds(7_200))
        time.restartMachine()
        try await site.restart()
        let before = time.boot.nanoseconds
        let report = try await run(site, policy: policy.item) { attempt in
            try await attempt.sleep(for: .seconds(3_600))
            return .accepted(body: "\(time.boot.nanoseconds)")
        }
        #expect(report.counts.sent == 1)
        let body = try #require(try await site.state(of: "a").current?.acceptance?.body)
        #expect(try #require(Int64(body)) - before < 60_000_000_000)
    }

    @Test(arguments: [-365, 365] as [Int64])
    func `a wall clock that jumps moves no lease`(days: Int64) async throws {
        let site = try await TestSite()
        let gate = Gate()
        let ran = Shared<[String]>([])
        let holder = try await hang(site, .again, gate, ran)
        try await gate.arrivals(1)
        let before = try await site.state(of: "a").current
        site.time.wall.advance(by: .seconds(days * 86_400))
        let (runner, worker) = try await site.otherRunner()
        let other = Task {
            try await runner.run(job: "steps", items: ["a"], key: { $0 }) { _, _ in
                Issue.record("a holder that lives lost its item")
                return .accepted
            }
        }
        // Longer than any lease: what counts is whether its holder lives.
        for _ in 0..<20 {
            site.time.advance(by: .seconds(10))
            await Task.yield()
        }
        #expect(try await site.state(of: "a").current?.fence == before?.fence)
        gate.open()
        let reports = try await site.time.flowing {
            (try await holder.value, try await other.value)
        }
        #expect(reports.0.counts.sent == 1)
        #expect(reports.1.counts.done == 1)
        #expect(ran.value == ["a/1"])
        worker.die()
    }

    @Test(arguments: JournalKind.allCases)
    func `each worker has a number of its own, and leaving lets go of its lock`(
        kind: JournalKind
    ) async throws {
        let site = try await TestSite(kind)
        let journal = site.journal
        let (first, second) = (try await Worker.join(journal), try await Worker.join(journal))
        #expect(first.number != second.number)
        #expect(try await journal.isLifeLocked(first.number.rawValue))
        await #expect(throws: JournalError.lockHeld(number: first.number.rawValue)) {
            _ = try await journal.lockLife(first.number.rawValue)
        }
        first.die()
        #expect(try await !journal.isLifeLocked(first.number.rawValue))
        #expect(try await journal.isLifeLocked(second.number.rawValue))
        first.die()
        #expect(try await journal.isLifeLocked(second.number.rawValue))
        second.die()
        #expect(try await !journal.isLifeLocked(second.number.rawValue))
    }
}
