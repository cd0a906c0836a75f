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

    @Test func `a closure that hangs between its steps has failed`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let steps = Shared(0)
        let report = try await site.run(.thrice(worksInSteps: true)) { _, attempt in
            try await attempt.step("first") { steps.change { $0 += 1 } }
            await gate.pass()
            return .accepted
        }
        #expect(report.counts.failed == 1)
        #expect(gate.arrivedCount == 3)
        #expect(steps.value == 1)
        gate.open()
    }

    @Test func `a closure that sleeps longer than a send may take has not`() async throws {
        let site = try await TestSite()
        let report = try await site.run(.thrice(worksInSteps: true)) { _, attempt in
            try await attempt.sleep(for: .seconds(60))
            return .accepted
        }
        #expect(report.counts.sent == 1)
        #expect(try await site.state(of: "k").attempts.count == 1)
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

    @Test func `a step that runs on beside one in doubt is under way`() async throws {
        struct Lost: Error {}
        let site = try await TestSite()
        let (gate, running) = (Gate(), Gate())
        let result = try await site.dispatch(Self.inSteps) { attempt in
            async let first: Void = attempt.step("first") { await gate.pass() }
            try await gate.arrivals(1)
            try? await attempt.step("second") { throw Lost() }
            try await first
            running.open()
            return .accepted
        }
        guard case .inDoubt(let doubt, _) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(doubt.cause == .step)
        #expect(try await site.state(of: "k").current?.laggards == [site.worker.number])
        gate.open()
        try await eventually("the send has ended") {
            try await site.state(of: "k").current?.laggards.isEmpty == true
        }
        let state = try await site.state(of: "k")
        #expect(state.verdict().word == "in_doubt")
        #expect(state.steps.map(\.standing).first == .done(result: Array("[true]".utf8)))
    }
}
