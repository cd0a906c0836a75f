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
        var normalCount = 0
        for seed in Self.seeds {
            let report = try #require(Self.report(of: problem, seed: seed))
            let texts = report.failures[0].values.map(\.text)
            let isNormal = texts == problem.normalForm
            #expect(isNormal || problem.alternatives.contains(texts), "seed \(seed): \(report)")
            normalCount += isNormal ? 1 : 0
            executionCounts.append(report.shrinkExecutionCount)
        }
        #expect(normalCount == Self.seeds.count || !problem.alternatives.isEmpty)
        let counts = executionCounts.sorted()
        let columns = [normalCount, counts[0], counts[counts.count / 2], counts[counts.count - 1]]
        let name = problem.name.padding(to: 20)
        print("| \(name) | \(columns.map { "\($0)" }.joined(separator: " | ")) |")
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

extension String {
    fileprivate func padding(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - self.count))
    }
}
