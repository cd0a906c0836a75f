import CairnTesting
import Testing

struct JournalContractTests {
    struct Case: CustomTestStringConvertible {
        let journal: JournalUnderTest
        let check: ContractCheck

        static let all: [Case] = JournalUnderTest.allCases.flatMap { journal in
            journal.contract.checks.map { Case(journal: journal, check: $0) }
        }

        var testDescription: String { "\(journal): \(check.name)" }
    }

    @Test(arguments: Case.all)
    func `every journal keeps the contract`(_ testCase: Case) async throws {
        try await testCase.journal.contract.run(testCase.check)
    }
}
