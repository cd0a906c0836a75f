import Cairn
import CairnTesting
import Testing

/// Answers that come after their time, or are met by somebody who looked before they came.
struct LateAnswerTests {
    @Test func `whoever was told of a holder that is gone takes nothing from the one that follows`()
        async throws
    {
        let site = try await TestSite()
        let time = site.time
        let (gateA, gateB) = (Gate(), Gate())
        let sends = Shared<[String]>([])
        let base = site.journal
        @Sendable func worker() async throws -> (Interactions, Worker) {
            let worker = try await Worker.join(base, clock: time.clock)
            return (Interactions(journal: base, worker: worker, clock: time.clock), worker)
        }
        @Sendable func dispatch(
            _ name: String,
            _ interactions: Interactions,
            _ gate: Gate,
            _ outcome: SendOutcome
        ) -> Task<DispatchResult, any Error> {
            Task {
                try await interactions.dispatch(
                    customer: "anna",
                    channel: .email,
                    template: "welcome",
                    key: "k",
                    policy: ItemPolicy(timeout: .seconds(600))
                ) { _ in
                    sends.change { $0.append(name) }
                    await gate.pass()
                    return outcome
                }
            }
        }
        let (first, firstWorker) = try await worker()
        let (second, secondWorker) = try await worker()
        let sendA = dispatch("A", first, gateA, .rejected(isFinal: false, reason: "busy"))
        try await gateA.arrivals(1)
        // Between the refusal that names A and the look that follows it, A fails and ends, and B
        // begins.
        let sendB = Shared<Task<DispatchResult, any Error>?>(nil)
        let hooked = HookedJournal(
            base,
            onPage: { stream in
                guard stream.name == "key/k", sendB.value == nil else { return }
                gateA.open()
                _ = await sendA.result
                firstWorker.die()
                sendB.change { $0 = dispatch("B", second, gateB, .accepted) }
                try? await gateB.arrivals(1)
            }
        )
        let ask = DoubtPolicy.ask(settle: .seconds(5)) { _ in .notSent }
        let third = Interactions(journal: hooked, worker: site.worker, clock: time.clock)
        let result = try await site.dispatch(
            ItemPolicy(doubt: ask, timeout: .seconds(600)),
            by: third
        ) { _ in
            sends.change { $0.append("C") }
            return .accepted
        }
        guard case .waiting(.inFlight(secondWorker.number, _)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(sends.value == ["A", "B"])
        let state = try await site.state(of: "k")
        #expect(state.current?.worker == secondWorker.number)
        #expect(state.current?.standing == .open)
        gateB.open()
        guard case .sent = try await sendB.value?.value else {
            Issue.record("the second send was disturbed")
            return
        }
        secondWorker.leave()
    }

    @Test func `when a late failure is tried again is written down, also across a restart`()
        async throws
    {
        let site = try await TestSite()
        let gate = Gate()
        let policy = ItemPolicy.thrice(.awaitCallback(until: .seconds(3_600)))
        let first = site.start(policy, isFlowing: false) { _, _ in
            await gate.pass()
            throw NotSent("the line is down")
        }
        try await gate.arrivals(1)
        site.time.advance(by: .seconds(5))
        try await eventually("its time is over") {
            try await site.state(of: "k").verdict().word == "in_doubt"
        }
        gate.open()
        var retryAt: Timestamp?
        try await eventually("the failure and its retry are written") {
            guard case .failedRetryable(_, let instant) = try await site.state(of: "k").verdict()
            else { return false }
            retryAt = instant
            return instant != nil
        }
        first.cancel()
        _ = await first.result
        let count = try await site.state(of: "k").eventCount
        try await site.restart()
        let sentAt = Shared<[Timestamp]>([])
        let time = site.time
        let report = try await site.run(policy) { _, _ in
            sentAt.change { $0.append(time.now) }
            return .accepted
        }
        #expect(report.counts.sent == 1)
        #expect(sentAt.value.count == 1)
        #expect(sentAt.value[0] >= (try #require(retryAt)))
        // It begins and is taken; no second instant is written.
        #expect(try await site.state(of: "k").eventCount == count + 2)
    }

    @Test func `a reported failure is tried no longer than its policy says`() async throws {
        let site = try await TestSite()
        let sends = Shared(0)
        let policy = ItemPolicy.thrice(durationMax: .milliseconds(500))
        func again() async throws -> JobReport {
            try await site.run(policy) { _, attempt in
                sends.change { $0 += 1 }
                return .accepted(provider: "p", reference: "r-\(attempt.number)")
            }
        }
        #expect(try await again().counts.sent == 1)
        var report = ProviderReport(provider: "p", reference: "r-1", word: "bounce")
        report.meaning = .softFailure
        try await site.interactions().receive(report)
        let second = try await again()
        #expect(second.counts.failed == 1)
        #expect(sends.value == 1)
        // Another policy may go on, after a wait that it writes down.
        let third = try await site.run(.thrice()) { _, _ in
            sends.change { $0 += 1 }
            return .accepted
        }
        #expect(third.counts.sent == 1)
        #expect(sends.value == 2)
    }

    @Test func `two runs that wait for one late failure begin no attempt too many`() async throws {
        let site = try await TestSite()
        let sends = Shared(0)
        let clock = site.time.clock
        let (other, worker) = try await site.otherRunner()
        let runners = [site.runner(), other]
        let policy = ItemPolicy.thrice(.awaitCallback(until: .seconds(3_600)))
        try await site.time.flowing(stepMax: .seconds(1)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for runner in runners {
                    group.addTask {
                        _ = try await runner.run(
                            job: "j",
                            items: ["k"],
                            key: { $0 },
                            policy: JobPolicy(item: policy)
                        ) { _, _ in
                            sends.change { $0 += 1 }
                            await Task.detached { try? await clock.sleep(.seconds(8)) }.value
                            throw NotSent("the provider is down")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(sends.value == 3)
        worker.leave()
    }

    @Test func `an item that is not to be tried again waits for nothing`() async throws {
        let site = try await TestSite()
        let runner = site.runner()
        func policy(_ skip: SkipRule) -> JobPolicy { JobPolicy(item: ItemPolicy(skip: skip)) }
        let first = Task {
            try await runner.run(
                job: "j",
                items: ["k"],
                key: { $0 },
                policy: policy(.standard)
            ) { _, _ in .rejected(isFinal: false, reason: "busy") }
        }
        try await eventually("it failed for now") {
            try await site.state(of: "k").verdict().word == "failed_retryable"
        }
        first.cancel()
        _ = await first.result
        let before = site.time.now
        // Nobody moves the clocks.
        let report = try await runner.run(
            job: "j",
            items: ["k"],
            key: { $0 },
            policy: policy(.ifKeyExists)
        ) { _, _ in
            Issue.record("it was sent")
            return .accepted
        }
        #expect(report.counts.failed == 1)
        #expect(report.failed == ["k": "busy"])
        #expect(site.time.now == before)
    }

    @Test func `a late refusal of the only send is believed, whoever looks meanwhile`() async throws
    {
        let site = try await TestSite()
        let (gate, poll) = (Gate(), Gate())
        let isArmed = Shared(false)
        let hooked = HookedJournal(
            site.journal,
            onTurn: {
                let holds = isArmed.change { isArmed in
                    defer { isArmed = false }
                    return isArmed
                }
                if holds { await poll.pass() }
            }
        )
        let runner = JobRunner(journal: hooked, worker: site.worker, clock: site.time.clock)
        let policy = ItemPolicy.thrice(.awaitCallback(until: .seconds(3_600)))
        let report = try await site.time.flowing {
            let job = Task {
                try await runner.run(
                    job: "j",
                    items: ["k"],
                    key: { $0 },
                    policy: JobPolicy(item: policy)
                ) { _, _ in
                    await gate.pass()
                    return .rejected(isFinal: true, reason: "no such address")
                }
            }
            try await eventually("its time is over") {
                try await site.state(of: "k").current?.laggards.isEmpty == false
            }
            // A look is under way while the answer comes.
            isArmed.change { $0 = true }
            try await poll.arrivals(1)
            gate.open()
            try await eventually("the answer is written") {
                try await site.state(of: "k").current?.laggards.isEmpty == true
            }
            poll.open()
            return try await job.value
        }
        #expect(try await site.state(of: "k").verdict().word == "failed_final")
        #expect(report.counts.failed == 1)
    }

    @Test func `the time to settle begins once nothing is under way`() async throws {
        struct Lost: Error {}
        let site = try await TestSite()
        let time = site.time
        let gate = Gate()
        let askedAt = Shared<[Timestamp]>([])
        let ask = DoubtPolicy.ask(settle: .seconds(4)) { _ in
            askedAt.change { $0.append(time.now) }
            return .sent(ItemAcceptance())
        }
        let job = site.start(.thrice(ask), isFlowing: false) { _, _ in
            await gate.pass()
            throw Lost()
        }
        try await gate.arrivals(1)
        time.advance(by: .seconds(5))
        try await eventually("it is in doubt") {
            try await site.state(of: "k").verdict().word == "in_doubt"
        }
        // It hangs for longer than it would take to settle, and is looked at meanwhile.
        for _ in 0..<60 {
            try await eventually("it is to be looked at again") { time.sleeperCount > 0 }
            time.advance(by: .milliseconds(100))
        }
        #expect(askedAt.value.isEmpty)
        gate.open()
        try await eventually("its end is written") {
            try await site.state(of: "k").current?.laggards.isEmpty == true
        }
        let end = time.now
        let report = try await time.flowing { try await job.value }
        #expect(report.counts.done == 1)
        #expect(askedAt.value.count == 1)
        #expect(askedAt.value[0].since(end) >= .seconds(4))
    }

    @Test func `a dispatch waits no longer than its caller, and sends nothing after`() async throws
    {
        struct Lost: Error {}
        let site = try await TestSite()
        let sends = Shared(0)
        let before = site.time.boot
        let ask = DoubtPolicy.ask(settle: .seconds(600)) { _ in .notSent }
        let result = try await site.dispatch(
            ItemPolicy(doubt: ask, timeout: .seconds(5))
        ) { _ in
            sends.change { $0 += 1 }
            throw Lost()
        }
        guard case .waiting(.inDoubt) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(site.time.boot.since(before) <= .seconds(31))
        #expect(sends.value == 1)
    }

    @Test func `a dispatch that waited tells what it has come to meanwhile`() async throws {
        struct Lost: Error {}
        let site = try await TestSite()
        let (time, interactions) = (site.time, site.interactions())
        let ask = DoubtPolicy.ask(settle: .seconds(60)) { _ in .notSent }
        let waiting = Task {
            try await interactions.dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k",
                policy: ItemPolicy(doubt: ask)
            ) { _ in throw Lost() }
        }
        try await eventually("it is in doubt") {
            try await site.state(of: "k").verdict().word == "in_doubt"
        }
        // Until it waits for the doubt to settle.
        for _ in 0..<3 {
            try await eventually("it waits") { time.sleeperCount > 0 }
            time.advance(by: .seconds(1))
        }
        var report = ProviderReport(provider: "p", reference: "r", word: "DELIVERED")
        report.providerKey = "k#1"
        report.meaning = .delivered
        try await interactions.receive(report)
        let result = try await time.flowing { try await waiting.value }
        guard case .skipped = result else {
            Issue.record("\(result)")
            return
        }
        #expect(try await site.state(of: "k").status == .delivered)
    }
}
