import CairnTesting
import Testing

/// The laws of journals, asked of every implementation; `Specs/Laws.md` lists them.
struct JournalLawTests {
    /// A journal on disk is made for every case.
    private static func settings(_ journal: JournalUnderTest) -> PropertySettings {
        PropertySettings(caseCountMax: journal == .memory ? 100 : 15, seed: 1)
    }

    @Test(arguments: JournalUnderTest.allCases)
    func `every journal counts without gaps and lets one racer win`(
        _ journal: JournalUnderTest
    ) async throws {
        let settings = Self.settings(journal)
        try await Laws.countsHaveNoGaps(on: journal.contract, settings: settings)
        try await Laws.oneRacerWins(on: journal.contract, settings: settings)
    }

    @Test(arguments: JournalUnderTest.allCases)
    func `recorded times of every journal never decrease`(
        _ journal: JournalUnderTest
    ) async throws {
        try await Laws.recordedTimesNeverDecrease(
            on: journal.contract,
            settings: Self.settings(journal)
        )
    }

    @Test(arguments: JournalUnderTest.allCases)
    func `every journal knows its event ids, and duplicates add nothing`(
        _ journal: JournalUnderTest
    ) async throws {
        let settings = Self.settings(journal)
        try await Laws.dedupeIsExact(on: journal.contract, settings: settings)
        try await Laws.duplicatesAddNothing(on: journal.contract, settings: settings)
    }

    @Test(arguments: JournalUnderTest.allCases)
    func `every journal keeps what it acknowledged, and no mark is ahead of it`(
        _ journal: JournalUnderTest
    ) async throws {
        let settings = Self.settings(journal)
        try await Laws.acknowledgedIsKept(on: journal.contract, settings: settings)
        try await Laws.marksAreNeverAhead(on: journal.contract, settings: settings)
    }
}
