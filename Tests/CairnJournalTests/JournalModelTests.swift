import CairnTesting
import Testing

struct JournalModelTests {
    @Test(arguments: JournalUnderTest.allCases, [1, 2, 3, 5, 8, 13, 21, 34] as [UInt64])
    func `every journal answers as the plain model does`(
        _ journal: JournalUnderTest,
        seed: UInt64
    ) async throws {
        try await JournalModelCheck.run(seed: seed, stepCount: 300, on: journal.contract)
    }
}
