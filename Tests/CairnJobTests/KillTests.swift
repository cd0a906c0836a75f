import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Real processes that run a job, really killed: nobody is sent to twice, and nobody is forgotten.
@Suite(.serialized)
struct KillTests {
    /// One way to be killed: 13 kills each, so that all of them together are over a hundred.
    struct Scenario: CustomTestStringConvertible, Sendable {
        let policy: String
        let workerCount: Int

        static let killCount = 13
        static let all = ["park", "ask", "dedup", "await"].flatMap { policy in
            [1, 2].map { Scenario(policy: policy, workerCount: $0) }
        }

        var testDescription: String { "\(policy), \(workerCount) workers" }

        func change(_ behaviour: inout ProviderBehaviour, seed: UInt64) {
            behaviour.seed = seed
            behaviour.latencyMicroseconds = 4_000
            behaviour.softRejectionThousandths = 30
            behaviour.hardRejectionThousandths = 10
            behaviour.lostReplyThousandths = 20
            switch policy {
            case "ask":
                behaviour.lostRequestThousandths = 20
                behaviour.deduplicatesByKey = false
            case "dedup": behaviour.lostRequestThousandths = 20
            case "await":
                behaviour.callbackThousandths = 1_000
                behaviour.earlyCallbackThousandths = 300
                behaviour.repeatedCallbackThousandths = 200
            default: behaviour.lostRequestThousandths = 10
            }
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: Scenario.all)
    func `a killed worker's job goes on, and no item is sent twice or forgotten`(
        _ scenario: Scenario
    ) async throws {
        let seed = UInt64.random(in: .min ... .max)
        let site = try await JobSite { scenario.change(&$0, seed: seed) }
        var plan = Plan(count: 250, policy: scenario.policy)
        plan.takesCallbacks = scenario.policy == "await"
        let plans = try await kill(
            site,
            plan,
            scenario.workerCount,
            killCount: Scenario.killCount,
            seed: seed
        )
        let context = "\(scenario.testDescription), seed \(seed)"
        for plan in plans {
            let counts = try await finish(site, plan)
            let audit = try await JobAudit(site, plan)
            audit.expectOnce("\(context), \(plan.job)")
            audit.expectSettled(counts, "\(context), \(plan.job)")
            if scenario.policy == "dedup" || scenario.policy == "ask" {
                #expect(counts["parked"] == 0, "\(context)")
            }
        }
        print("job kills: \(context), \(Scenario.killCount) kills in \(plans.count) jobs")
    }

    @Test(.timeLimit(.minutes(10)), arguments: [1, 2])
    func `a job in steps does each step once, however often its workers are killed`(
        workerCount: Int
    ) async throws {
        let seed = UInt64.random(in: .min ... .max)
        let site = try await JobSite { behaviour in
            behaviour.seed = seed
            behaviour.latencyMicroseconds = 4_000
            behaviour.lostReplyThousandths = 20
        }
        let plan = Plan(count: 150, isStepwise: true)
        let plans = try await kill(site, plan, workerCount, killCount: 8, seed: seed)
        let context = "steps, \(workerCount) workers, seed \(seed)"
        for plan in plans {
            let counts = try await finish(site, plan)
            #expect(counts["done"] == plan.count, "\(context): \(counts)")
            let deliveries = try site.log().deliveries
            for item in 0..<plan.count {
                for number in [1, 3] {
                    let key = "\(plan.key(item))/\(number)"
                    #expect(deliveries[key] == 1, "\(context): \(key)")
                }
            }
        }
        #expect(try site.log().deliveryCount == plans.count * plan.count * 2, "\(context)")
    }

    /// Kills one of the workers at a random moment, and starts another, again and again.
    ///
    /// - Returns: The jobs that they worked on: one that was done too early is followed by
    ///   another of its kind, so that every kill is that of a worker at work.
    private func kill(
        _ site: JobSite,
        _ plan: Plan,
        _ workerCount: Int,
        killCount: Int,
        seed: UInt64
    ) async throws -> [Plan] {
        var numbers = SeededGenerator(seed: seed)
        var plans = [plan]
        var children: [JobChild] = []
        for _ in 0..<workerCount { children.append(try await site.start(plan)) }
        var count = 0
        while count < killCount {
            let index = numbers.below(workerCount)
            // Most moments are after the run began, and some before it.
            if numbers.isHit(4, outOf: 5) {
                let child = children[index]
                try await eventually("a run begins") { try child.hasBegun() || !child.isRunning }
            }
            try await Task.sleep(for: .microseconds(numbers.draw(0...50_000)))
            if try await children[index].kill() {
                count += 1
            } else if !children.contains(where: \.isRunning) {
                var next = plan
                next.job += "-\(plans.count)"
                plans.append(next)
            }
            children[index] = try await site.start(plans[plans.count - 1])
        }
        for child in children { try await child.end() }
        return plans
    }

    /// Runs the job until nothing is left to do, and then once more.
    private func finish(_ site: JobSite, _ plan: Plan) async throws -> Counts {
        _ = try await site.start(plan).counts()
        let requestCount = try site.log().requestCount
        let counts = try await site.start(plan).counts()
        #expect(try site.log().requestCount == requestCount, "the last run asked the provider")
        return counts
    }
}
