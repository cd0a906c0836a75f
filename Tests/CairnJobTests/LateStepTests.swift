import Cairn
import CairnTesting
import Testing

/// Steps that end, begin or hang when the time of their send is over.
struct LateStepTests {
    private static let inSteps = ItemPolicy(worksInSteps: true, timeout: .seconds(5))

    @Test func `a closure that says it was cancelled, and was not, has failed`() async throws {
        let site = try await TestSite()
        let sends = Shared(0)
        let report = try await site.run(.thrice(worksInSteps: true)) { _, attempt in
            try await attempt.step("first") {}
            sends.change { $0 += 1 }
            throw CancellationError()
        }
        #expect(report.counts.failed == 1)
        #expect(sends.value == 3)
    }

    /// What a step's end, and what follows it, may come to after the time of its send.
    enum LateEnd: CaseIterable {
        case rejected, nextStep, notSent
    }

    @Test(arguments: LateEnd.allCases)
    func `the late end of a step is kept, however its send ends`(end: LateEnd) async throws {
        let site = try await TestSite()
        let gate = Gate()
        let steps = Shared<[String]>([])
        let result = try await site.dispatch(Self.inSteps) { attempt in
            try await attempt.step("first") {
                steps.change { $0.append("first") }
                await gate.pass()
                if end == .notSent { throw NotSent("the line is down") }
            }
            if end == .nextStep { try await attempt.step("second") {} }
            return .rejected(isFinal: false, reason: "busy")
        }
        guard case .inDoubt(let doubt, _) = result, doubt.cause == .timeout else {
            Issue.record("\(result)")
            return
        }
        gate.open()
        try await eventually("the send has ended") {
            try await site.state(of: "k").current?.laggards.isEmpty == true
        }
        let state = try await site.state(of: "k")
        #expect(state.verdict().word == "failed_retryable")
        #expect(!state.steps.isEmpty)
        let next = try await site.dispatch(Self.inSteps) { attempt in
            for name in ["first", "second"] {
                try await attempt.step(name) { steps.change { $0.append(name) } }
            }
            return .accepted
        }
        guard case .sent = next else {
            Issue.record("\(next)")
            return
        }
        let expected = end == .notSent ? ["first", "first", "second"] : ["first", "second"]
        #expect(steps.value == expected)
    }

    @Test func `a step that begins as the time runs out is late, and its end is kept`() async throws
    {
        let site = try await TestSite()
        let (gate, body) = (Gate(), Gate())
        let isArmed = Shared(false)
        let hooked = HookedJournal(
            site.journal,
            onTurn: {
                let isFirst = isArmed.change { isArmed in
                    defer { isArmed = false }
                    return isArmed
                }
                guard isFirst else { return }
                gate.open()
                try? await body.arrivals(1)
            }
        )
        let interactions = Interactions(
            journal: hooked,
            worker: site.worker,
            clock: site.time.clock
        )
        let result = try await site.dispatch(Self.inSteps, by: interactions) { attempt in
            isArmed.change { $0 = true }
            await gate.pass()
            try await attempt.step("first") { await body.pass() }
            return .accepted
        }
        guard case .inDoubt = result else {
            Issue.record("\(result)")
            return
        }
        let state = try await site.state(of: "k")
        #expect(state.current?.laggards == [site.worker.number])
        body.open()
        try await eventually("the late answer is taken") {
            try await site.state(of: "k").verdict().word == "done"
        }
    }

    @Test(arguments: [true, false])
    func `a step that runs on beside one in doubt is under way, and its end is kept`(
        inTime: Bool
    ) async throws {
        struct Lost: Error {}
        let site = try await TestSite()
        let (time, gate) = (site.time, Gate())
        let steps = Shared<[String]>([])
        let first = site.start(.thrice(worksInSteps: true), isFlowing: false) { _, attempt in
            async let first: Void = attempt.step("first") {
                steps.change { $0.append("first") }
                await gate.pass()
            }
            try await gate.arrivals(1)
            try? await attempt.step("second") { throw Lost() }
            try await first
            return .accepted
        }
        try await eventually("the second step is in doubt") {
            try await site.state(of: "k").current?.laggards == [site.worker.number]
        }
        if !inTime {
            time.advance(by: .seconds(5))
            #expect(try await first.value.counts.parked == 1)
            #expect(try await site.state(of: "k").current?.laggards == [site.worker.number])
        }
        gate.open()
        if inTime { #expect(try await first.value.counts.parked == 1) }
        try await eventually("the send has ended") {
            try await site.state(of: "k").current?.laggards.isEmpty == true
        }
        #expect(try await site.state(of: "k").verdict().word == "in_doubt")
        try await site.settleAsFailed()
        let next = try await site.run(.thrice(worksInSteps: true)) { _, attempt in
            for name in ["first", "second"] {
                try await attempt.step(name) { steps.change { $0.append(name) } }
            }
            return .accepted
        }
        #expect(next.counts.sent == 1)
        #expect(steps.value == ["first", "second"])
    }

    @Test func `a step that ends as the time runs out leaves nobody under way`() async throws {
        let site = try await TestSite()
        let (base, clock, gate) = (site.journal, site.time.clock, Gate())
        let isArmed = Shared(false)
        let hooked = HookedJournal(
            base,
            onTurn: {
                let isFirst = isArmed.change { isArmed in
                    defer { isArmed = false }
                    return isArmed
                }
                guard isFirst else { return }
                // That the time is over is written last.
                gate.open()
                try? await eventually("the step is in doubt") {
                    try await JobAudit.state(of: "k", in: base).verdict().word == "in_doubt"
                }
            }
        )
        let interactions = Interactions(journal: hooked, worker: site.worker, clock: clock)
        let result = try await site.dispatch(Self.inSteps, by: interactions) { attempt in
            try await attempt.step("first") {
                isArmed.change { $0 = true }
                do { try await clock.sleep(.seconds(3_600)) } catch {
                    await gate.pass()
                    throw error
                }
            }
            return .accepted
        }
        guard case .inDoubt(let doubt, _) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(doubt.cause == .step)
        try await eventually("the send has ended") {
            try await site.state(of: "k").current?.laggards.isEmpty == true
        }
        #expect(try await site.state(of: "k").verdict().word == "in_doubt")
    }
}
