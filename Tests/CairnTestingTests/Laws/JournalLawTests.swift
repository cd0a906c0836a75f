import CairnJournal
import CairnTesting
import Testing

/// The laws of journals: a sound one keeps them, and one with a single flaw is shown it.
struct JournalLawTests {
    private static let memory = JournalContract(
        make: { clock in MemoryJournal(clock: { clock.now }) },
        reopen: { journal, _ in
            guard let journal = journal as? MemoryJournal else { return journal }
            return try journal.reopened()
        }
    )
    private static let few = PropertySettings(caseCountMax: 200, seed: 1)
    private static let fewer = PropertySettings(caseCountMax: 60, seed: 1)

    @Test(arguments: [memory, LooseJournal.contract(.none)])
    func `a sound journal keeps every law`(_ contract: JournalContract) async throws {
        for summary in [
            try await Laws.countsHaveNoGaps(on: contract, settings: Self.fewer),
            try await Laws.oneRacerWins(on: contract, settings: Self.fewer),
            try await Laws.recordedTimesNeverDecrease(on: contract, settings: Self.fewer),
            try await Laws.dedupeIsExact(on: contract, settings: Self.fewer),
            try await Laws.duplicatesAddNothing(on: contract, settings: Self.fewer),
            try await Laws.acknowledgedIsKept(on: contract, settings: Self.fewer),
            try await Laws.marksAreNeverAhead(on: contract, settings: Self.fewer),
        ] {
            #expect(summary.passedCount == 60)
        }
    }

    @Test func `a stream with a gap is law 1_1`() async {
        let finding = await finding("1.1") { () async throws(PropertyError) in
            try await Laws.countsHaveNoGaps(
                on: LooseJournal.contract(.hidesSecond),
                settings: Self.few
            )
        }
        #expect(finding?.failure.reason == "the sequences of law/0 are [1], up to 2")
    }

    @Test func `events that are lost after their receipts are law 1_1`() async {
        let finding = await finding("1.1") { () async throws(PropertyError) in
            try await Laws.countsHaveNoGaps(
                on: LooseJournal.contract(.losesLast),
                settings: Self.few
            )
        }
        #expect(finding?.values == ["[[[0] to law/0]]"])
        #expect(finding?.failure.reason == "there are 0 events, 1 receipts and the head 0")
    }

    @Test func `a receipt that points past the end is law 1_1`() async {
        let finding = await finding("1.1") { () async throws(PropertyError) in
            try await Laws.countsHaveNoGaps(
                on: LooseJournal.contract(.shiftsReceipts),
                settings: Self.few
            )
        }
        #expect(finding?.values == ["[[[0] to law/0]]"])
        #expect(finding?.failure.reason.hasSuffix("is not what stands there: nothing") == true)
    }

    @Test func `a sequence that ends beyond everything is law 1_1`() async {
        let finding = await finding("1.1") { () async throws(PropertyError) in
            try await Laws.countsHaveNoGaps(
                on: LooseJournal.contract(.countsTooFar),
                settings: Self.few
            )
        }
        let reason = "the sequences of law/0 are [], up to \(UInt64.max)"
        #expect(finding?.failure.reason == reason)
    }

    @Test func `a journal that refuses everything is not taken to keep law 1_1`() async {
        let error = await #expect(throws: PropertyError.self) {
            try await Laws.countsHaveNoGaps(
                on: LooseJournal.contract(.refusesEverything),
                settings: Self.few
            )
        }
        guard case .neverTrue(_, let names, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(names == ["an append is taken"])
    }

    @Test func `why an append fails every time is told by law 3_1`() async {
        let finding = await finding("3.1") { () async throws(PropertyError) in
            try await Laws.acknowledgedIsKept(
                on: LooseJournal.contract(.refusesEverything),
                faults: [],
                settings: Self.few
            )
        }
        let reason = "append 1 fails 10 times, at last with '\(JournalError.readOnly)'"
        #expect(finding?.failure.reason == reason)
    }

    @Test func `a race with several winners is law 1_2`() async {
        let finding = await finding("1.2") { () async throws(PropertyError) in
            try await Laws.oneRacerWins(
                on: LooseJournal.contract(.everyoneWins),
                settings: Self.few
            )
        }
        #expect(finding?.values == ["0", "2"])
        #expect(finding?.failure.reason == "of 2 racers 2 win")
    }

    @Test func `a loser that hears something else is law 1_2`() async {
        let finding = await finding("1.2") { () async throws(PropertyError) in
            try await Laws.oneRacerWins(
                on: LooseJournal.contract(.blamesNobody),
                settings: Self.few
            )
        }
        let reason =
            "a racer hears 'stream law/0 has reached sequence 0, not 0' instead of "
            + "'stream law/0 has reached sequence 1, not 0'"
        #expect(finding?.failure.reason == reason)
    }

    @Test func `a recorded time that goes back is law 1_3`() async {
        let finding = await finding("1.3") { () async throws(PropertyError) in
            try await Laws.recordedTimesNeverDecrease(
                on: LooseJournal.contract(.believesClock),
                settings: Self.few
            )
        }
        #expect(finding?.failure.reason.hasPrefix("event 2 is recorded at 2025-12-31") == true)
    }

    @Test func `an acknowledged event that a crash takes away is law 3_1`() async {
        let finding = await finding("3.1") { () async throws(PropertyError) in
            try await Laws.acknowledgedIsKept(
                on: LooseJournal.contract(.losesLast),
                settings: Self.few
            )
        }
        #expect(finding?.values == ["[0]"])
        #expect(finding?.failure.reason == "the journal has [] instead of [\"id 0\"]")
    }

    @Test func `a second try that is appended anew is law 3_1`() async {
        let finding = await finding("3.1") { () async throws(PropertyError) in
            try await Laws.acknowledgedIsKept(
                on: LooseJournal.contract(.appendsDuplicates),
                faults: [.lostReply],
                settings: Self.few
            )
        }
        #expect(finding?.values == ["[0]"])
        #expect(finding?.failure.reason.hasPrefix("the journal has [\"-\"") == true)
    }

    @Test func `an id that stands for any content is law 4_2`() async {
        let finding = await finding("4.2") { () async throws(PropertyError) in
            try await Laws.dedupeIsExact(
                on: LooseJournal.contract(.believesIDs),
                settings: Self.few
            )
        }
        #expect(finding?.failure.reason.contains("instead of failure(") == true)
    }

    @Test func `ids that a new process does not know are law 4_2`() async {
        let finding = await finding("4.2") { () async throws(PropertyError) in
            try await Laws.dedupeIsExact(
                on: LooseJournal.contract(.forgetsIDs),
                settings: Self.few
            )
        }
        #expect(finding?.values[0].contains("nil") == true)
    }

    @Test func `a duplicate that is appended is law 4_3`() async {
        let finding = await finding("4.3") { () async throws(PropertyError) in
            try await Laws.duplicatesAddNothing(
                on: LooseJournal.contract(.appendsDuplicates),
                settings: Self.few
            )
        }
        #expect(finding?.values[0] == "1")
        let reason = "a duplicate of event 1, as turn 1, changes the head"
        #expect(finding?.failure.reason == reason)
    }

    @Test func `a mark that outlives its events is law 8_3`() async {
        let finding = await finding("8.3") { () async throws(PropertyError) in
            try await Laws.marksAreNeverAhead(
                on: LooseJournal.contract(.losesLast),
                settings: Self.few
            )
        }
        #expect(finding?.failure.reason == "a mark is at position 1, and the journal ends at 0")
    }

    @Test func `a mark without what was made up to it is law 8_3`() async {
        let finding = await finding("8.3") { () async throws(PropertyError) in
            try await Laws.marksAreNeverAhead(
                on: LooseJournal.contract(.losesEntries),
                faults: [],
                settings: Self.few
            )
        }
        let reason = "going on counts 0 events of law/0, of which there are 1"
        #expect(finding?.failure.reason == reason)
    }

    @Test func `a journal that keeps no projection is not taken to keep law 8_3`() async {
        let contract = JournalContract(make: { clock in
            MemoryJournal(clock: { clock.now }, projectionStore: nil)
        })
        await #expect(throws: PropertyError.self) {
            try await Laws.marksAreNeverAhead(on: contract, settings: Self.few)
        }
    }
}
