import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Workers that are stopped past every lease, and items that kill those who send them.
@Suite(.serialized)
struct StopTests {
    @Test(.timeLimit(.minutes(5)), arguments: ["park", "ask"], [1, 2] as [UInt64])
    func `what a stopped worker holds is left to it, and nothing is sent twice`(
        policy: String,
        seed: UInt64
    ) async throws {
        let site = try await JobSite { behaviour in
            behaviour.deduplicatesByKey = false
            behaviour.latencyMicroseconds = 20_000
            behaviour.seed = seed
        }
        // Every lease is over long before the worker goes on.
        let (stopped, plan, held) = try await stoppedWorker(
            site,
            Plan(
                count: 300,
                policy: policy,
                concurrency: 8,
                timeoutMilliseconds: 60,
                settleMilliseconds: 400
            )
        )
        let other = try await site.start(plan)
        try await eventually("the other has done what it can") {
            try await openItems(site, plan).isSettled(beside: held)
        }
        #expect(other.isRunning, "a run does not end while another holds some of its items")
        // It looks at them every 100 ms; the lock is what keeps it off, not the lease.
        for _ in 0..<3 { try await waitForTurn(of: site) }
        let after = try await openItems(site, plan)
        #expect(after.fences == held, "seed \(seed): items of a stopped holder were taken over")

        stopped.send(SIGCONT)
        try await stopped.end()
        try await other.end()
        _ = try await site.start(plan).counts()
        let counts = try await site.start(plan).counts()
        let audit = try await JobAudit(site, plan)
        audit.expectOnce("\(policy), seed \(seed)")
        audit.expectSettled(counts, "\(policy), seed \(seed)")
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["park", "ask", "dedup"])
    func `what a killed worker held is taken over by one that runs beside it`(
        policy: String
    ) async throws {
        let site = try await JobSite { $0.latencyMicroseconds = 20_000 }
        // Enough of them that the other is started long before the first is through.
        let plan = Plan(count: 600, policy: policy, concurrency: 8)
        let killed = try await site.start(plan)
        try await eventually("a few are delivered") { try site.log().deliveryCount >= 10 }
        let other = try await site.start(plan)
        try await eventually("both are at it") {
            try await openItems(site, plan).workers.count == 2
        }
        #expect(try await killed.kill())
        // Nothing of it waits for a lease, which is a minute long.
        let counts = try await other.counts()
        #expect(counts["left"] == 0)
        #expect(counts.settledCount == plan.count, "\(counts)")
        let audit = try await JobAudit(site, plan)
        audit.expectOnce(policy)
        if policy != "park" {
            #expect(audit.verdicts.allSatisfy { $0.word == "done" })
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["ask", "dedup"])
    func `an item that kills its worker is set aside, and its neighbours are delivered`(
        policy: String
    ) async throws {
        let site = try await JobSite { $0.latencyMicroseconds = 5_000 }
        var plan = Plan(count: 60, policy: policy)
        plan.lossCountMax = 3
        plan.poison = 20
        var killCount = 0
        while true {
            guard try await site.start(plan).end() == .signal(SIGKILL) else { break }
            killCount += 1
            try #require(killCount < 10, "the item is not set aside")
        }
        #expect(killCount == 3, "one for each holder that it may lose")
        let counts = try await site.start(plan).counts()
        #expect(counts["done"] == plan.count - 1, "\(counts)")
        #expect(counts["parked"] == 1, "\(counts)")
        let state = try await site.read { journal in
            try await JobAudit.state(of: plan.key(20), in: journal)
        }
        #expect(state.setAside == .losses(3))
        #expect(state.lossCount == 3)
        #expect(state.verdict().word == "in_doubt")
        let audit = try await JobAudit(site, plan)
        audit.expectOnce(policy)
        #expect(audit.deliveries[plan.key(20)] == nil)
    }

    /// The items that are not settled.
    private struct OpenItems {
        /// Those that have an intent and no outcome, with their holders' fences.
        var fences: [Int: SequenceNumber] = [:]
        var workers: Set<WorkerNumber> = []
        /// Those that nobody has begun, or whose policy has still to decide a doubt.
        var restCount = 0

        func isSettled(beside held: [Int: SequenceNumber]) -> Bool {
            restCount == 0 && fences.keys.allSatisfy { held[$0] != nil }
        }
    }

    private func openItems(_ site: JobSite, _ plan: Plan) async throws -> OpenItems {
        try await site.read { journal in
            var open = OpenItems()
            for item in 0..<plan.count {
                let state = try await JobAudit.state(of: plan.key(item), in: journal)
                switch state.current?.standing {
                case .open?:
                    open.fences[item] = state.current?.fence
                    if let worker = state.current?.worker { open.workers.insert(worker) }
                case nil, .released?: open.restCount += 1
                case .doubted? where plan.policy == "ask": open.restCount += 1
                case .accepted?, .rejected?, .doubted?: break
                }
            }
            return open
        }
    }

    /// Stops a worker in the middle of a job, while it holds some items, but not in the middle of
    /// a commit: there it would have the lock that everyone needs who writes.
    ///
    /// - Returns: The worker, its job, and the items that it holds.
    private func stoppedWorker(
        _ site: JobSite,
        _ plan: Plan
    ) async throws -> (JobChild, Plan, [Int: SequenceNumber]) {
        var plan = plan
        var child = try await site.start(plan)
        var round = 0
        while true {
            round += 1
            try #require(round < 50, "the worker was never stopped while it held an item")
            let deliveryCount = try site.log().deliveryCount + 5
            try await eventually("some are delivered") {
                try site.log().deliveryCount >= deliveryCount || !child.isRunning
            }
            child.send(SIGSTOP)
            if try await othersCanWrite(site, round) {
                let held = try await openItems(site, plan).fences
                if child.isRunning, !held.isEmpty { return (child, plan, held) }
            }
            child.send(SIGCONT)
            guard !child.isRunning else { continue }
            plan.job = "batch-\(round)"
            child = try await site.start(plan)
        }
    }

    private func othersCanWrite(_ site: JobSite, _ round: Int) async throws -> Bool {
        let writer = try await site.start(Plan(job: "writer-\(round)", count: 1))
        do {
            try await eventually("another can write", deadline: .seconds(2)) { !writer.isRunning }
            return true
        } catch is NeverTrue {
            _ = try await writer.kill()
            return false
        }
    }

    /// Lets the other processes run for a while: the time of a worker that joins and leaves.
    private func waitForTurn(of site: JobSite) async throws {
        _ = try await site.start(Plan(job: "idle", count: 1)).counts()
    }
}
