import CairnJournal
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
        (.losesListed, "values are found by their keys, one by one and many at once"),
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

    /// One whose projections are gone when it is opened again.
    private static func forgetful(keepsProjections: Bool) -> JournalContract {
        JournalContract(
            make: { clock in MemoryJournal(clock: { clock.now }) },
            reopen: { journal, _ in
                guard let journal = journal as? MemoryJournal else { return journal }
                return try journal.reopened()
            },
            keepsProjections: keepsProjections
        )
    }

    @Test func `tables that have to be kept and are gone fail the contract`() async throws {
        let name = "tables are there as they were when the journal is opened again, or gone"
        let check = try #require(JournalContract.allChecks.first { $0.name == name })
        try await Self.forgetful(keepsProjections: false).run(check)
        try await LooseJournal.contract(.none).run(check)
        for contract in [
            Self.forgetful(keepsProjections: true), LooseJournal.contract(.losesEntries),
        ] {
            await #expect(throws: ContractFailure.self) { try await contract.run(check) }
        }
        let lasting = JournalContract(make: { clock in MemoryJournal(clock: { clock.now }) })
        #expect(!lasting.checks.contains { $0.name == name })
    }
}
