import CairnTesting
import Testing

/// How far failures come down, measured by the problems on which libraries are compared.
struct ShrinkingChallengeTests {
    static let seeds: [UInt64] = Array(1...10)

    @Test(arguments: ShrinkingProblem.all)
    func `a failure comes down to the normal form from every seed`(
        problem: ShrinkingProblem
    ) throws {
        var executionCounts: [Int] = []
        for seed in Self.seeds {
            let report = try #require(Self.report(of: problem, seed: seed))
            let texts = report.failures[0].values.map(\.text)
            #expect(texts == problem.normalForm, "seed \(seed): \(report)")
            executionCounts.append(report.shrinkExecutionCount)
        }
        let total = executionCounts.sorted()
        print("\(problem.name): \(total[0]), \(total[total.count / 2]), \(total[total.count - 1])")
    }

    private static func report(of problem: ShrinkingProblem, seed: UInt64) -> PropertyReport? {
        let settings = PropertySettings(caseCountMax: 50_000, seed: seed)
        do {
            try check(problem.name, settings: settings, problem.body)
            return nil
        } catch {
            guard case .falsified(let report) = error else { return nil }
            return report
        }
    }
}
