import CairnTesting
import Testing

struct JournalModelTests {
    static let seeds: [UInt64] = [1, 2, 3, 5, 8, 13, 21, 34]

    @Test(arguments: JournalUnderTest.allCases, seeds)
    func `every journal answers as the plain model does`(
        _ journal: JournalUnderTest,
        seed: UInt64
    ) async throws {
        try await JournalModelCheck.run(seed: seed, stepCount: 300, on: journal.contract)
    }

    @Test func `the random steps meet everything that can happen`() async throws {
        var coverage = ModelCoverage()
        for seed in Self.seeds {
            coverage.add(
                try await JournalModelCheck.run(
                    seed: seed,
                    stepCount: 300,
                    on: JournalUnderTest.memory.contract
                )
            )
        }
        for (name, count) in coverage.counts {
            #expect(count >= 20, "\(name) happened \(count) times")
        }
    }

    @Test func `the same seed gives the same steps`() async throws {
        let contract = JournalUnderTest.memory.contract
        let first = try await JournalModelCheck.run(seed: 9, stepCount: 100, on: contract)
        let second = try await JournalModelCheck.run(seed: 9, stepCount: 100, on: contract)
        #expect(first == second)
    }
}
