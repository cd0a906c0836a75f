import Cairn
import CairnTesting
import Testing

/// What hangs, sleeps or is stopped where nothing is in doubt: between two steps.
struct BetweenStepsTests {
    @Test(arguments: [true, false])
    func `a closure that hangs between its steps has failed`(mindsCancelling: Bool) async throws {
        let site = try await TestSite()
        let (clock, gate) = (site.time.clock, Gate())
        let (steps, sends) = (Shared(0), Shared(0))
        let report = try await site.run(.thrice(worksInSteps: true)) { _, attempt in
            try await attempt.step("first") { steps.change { $0 += 1 } }
            sends.change { $0 += 1 }
            if mindsCancelling { try await clock.sleep(.seconds(3_600)) } else { await gate.pass() }
            return .accepted
        }
        #expect(report.counts.failed == 1)
        #expect(sends.value == 3)
        #expect(steps.value == 1)
        #expect(try await site.state(of: "k").attempts.count == 3)
        gate.open()
    }

    @Test(arguments: [0, 365, -365])
    func `a closure that sleeps longer than a send may take has not`(dayCount: Int64) async throws {
        let site = try await TestSite()
        let time = site.time
        let job = site.start(.thrice(worksInSteps: true), isFlowing: false) { _, attempt in
            try await attempt.sleep(for: .seconds(60))
            return .accepted
        }
        try await eventually("it sleeps") { try await !site.state(of: "k").steps.isEmpty }
        // Somebody sets the clock.
        time.wall.advance(by: .seconds(dayCount * 86_400))
        let report = try await time.flowing { try await job.value }
        #expect(report.counts.sent == 1)
        #expect(try await site.state(of: "k").attempts.count == 1)
    }

    @Test func `a closure that hangs after its sleep has failed`() async throws {
        let site = try await TestSite()
        let (clock, sends) = (site.time.clock, Shared(0))
        let report = try await site.run(.thrice(worksInSteps: true)) { _, attempt in
            sends.change { $0 += 1 }
            try await attempt.sleep(for: .seconds(20))
            try await clock.sleep(.seconds(3_600))
            return .accepted
        }
        #expect(report.counts.failed == 1)
        #expect(try await site.state(of: "k").attempts.count == 3)
        // Those that slept, one whose sleep ended, and one of each attempt.
        #expect(sends.value <= 9)
    }

    @Test func `an answer that comes after its time between two steps is taken`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let once = ItemPolicy(attempts: .once, worksInSteps: true, timeout: .seconds(5))
        let report = try await site.run(once) { _, attempt in
            try await attempt.step("first") {}
            await gate.pass()
            return .accepted(provider: "p", reference: "r")
        }
        #expect(report.counts.failed == 1)
        gate.open()
        try await eventually("the late answer is taken") {
            try await site.state(of: "k").verdict().word == "done"
        }
        #expect(try await site.state(of: "k").anomalyCount == 0)
    }

    @Test func `a dispatch that waits for a sleeping item does not call it failed`() async throws {
        let site = try await TestSite()
        let policy = ItemPolicy(worksInSteps: true, timeout: .seconds(60))
        let result = try await site.dispatch(policy) { attempt in
            try await attempt.step("first") {}
            try await attempt.sleep(for: .seconds(3_600))
            return .accepted
        }
        guard case .waiting = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test func `a run that is stopped gives back what hangs between its steps`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let once = ItemPolicy(attempts: .once, worksInSteps: true)
        let job = site.start(once, isFlowing: false) { _, attempt in
            try await attempt.step("first") {}
            await gate.pass()
            return .accepted
        }
        try await gate.arrivals(1)
        job.cancel()
        try await eventually("it is given back") {
            site.time.advance(by: .milliseconds(200))
            return try await site.state(of: "k").current?.standing == .released
        }
        #expect(try await job.value.counts.left == 1)
        gate.open()
        let next = try await site.run(once) { _, attempt in
            try await attempt.step("first") { Issue.record("it was done") }
            return .accepted
        }
        #expect(next.counts.sent == 1)
    }
}
