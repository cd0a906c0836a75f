import CairnTesting
import Testing

/// Journals whose flaws the contract has to name, and must not trap on.
struct ContractFlawTests {
    private static let flaws: [(LooseJournal.Flaw, String)] = [
        (.shiftsReceipts, "many appenders at once leave no gap and get true receipts"),
        (.hidesStreams, "many appenders at once leave no gap and get true receipts"),
        (.countsTooFar, "a reader among writers sees whole turns and no gap"),
        (.withholdsReceipts, "every field of an event reads back as it was given"),
        (.withholdsReceipts, "a refused turn leaves its neighbours alone"),
        (.hidesEverything, "single events are read by their positions, in any order"),
    ]

    @Test(arguments: flaws)
    func `a journal that is wrong fails its contract`(
        flaw: LooseJournal.Flaw,
        name: String
    ) async throws {
        let check = try #require(JournalContract.allChecks.first { $0.name == name })
        try await LooseJournal.contract(.none).run(check)
        let failure = await #expect(throws: ContractFailure.self) {
            try await LooseJournal.contract(flaw).run(check)
        }
        #expect(failure?.check == name)
    }
}
