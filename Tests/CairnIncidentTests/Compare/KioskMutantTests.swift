import CairnCore
import CairnIncident
import CairnJournal
import CairnTesting
import Testing

/// Wrong rules of a machine that is written by hand: each is found where it first shows.
struct KioskMutantTests {
    static let seeds: Range<UInt64> = 1..<9

    @Test(arguments: Kiosk.Fault.allCases)
    func `each fault is found at its first event`(fault: Kiosk.Fault) async throws {
        var shownCount = 0
        for seed in Self.seeds {
            let story = try await KioskStory(seed: seed)
            let mutant = Kiosk(fault: fault)
            let comparison = MachineComparison(story.journal, from: Kiosk(), to: mutant)
            let report = try await comparison.report()
            let found = try await NaiveComparison(report, in: story.journal)
            let expected = try await NaiveComparison(
                story.journal,
                story.streams,
                from: Kiosk(),
                to: mutant
            )
            #expect(found == expected, "\(fault), seed \(seed)")
            #expect(report.streamCount == story.streams.count)
            shownCount += report.streams.count
        }
        #expect(shownCount > 0, "no history shows \(fault)")
    }

    @Test(arguments: seeds)
    func `equal rules never alarm, whatever keeps the state`(seed: UInt64) async throws {
        let story = try await KioskStory(seed: seed)
        let same = MachineComparison(story.journal, from: Kiosk(), to: Kiosk())
        #expect(try await same.report().isEqual)
        let other = MachineComparison(story.journal, from: Kiosk(), to: KioskOfLists())
        let report = try await other.report()
        #expect(report.isEqual, "\(report.groups)")
        #expect(report.streamCount == story.streams.count)
        let back = MachineComparison(story.journal, from: KioskOfLists(), to: Kiosk())
        #expect(try await back.report().isEqual)
    }

    @Test(arguments: [Kiosk.Fault.attemptOffByOne, .codesNewestFirst, .lateEventDropped])
    func `a fault in another representation is found as exactly`(fault: Kiosk.Fault) async throws {
        for seed in Self.seeds {
            let story = try await KioskStory(seed: seed)
            let (old, new) = (KioskOfLists(), Kiosk(fault: fault))
            let report = try await MachineComparison(story.journal, from: old, to: new).report()
            let expected = try await NaiveComparison(
                story.journal,
                story.streams,
                from: old,
                to: new
            )
            let found = try await NaiveComparison(report, in: story.journal)
            #expect(found == expected, "\(fault), seed \(seed)")
        }
    }

    @Test func `how many folds share the work changes nothing`() async throws {
        for seed in Self.seeds {
            let story = try await KioskStory(seed: seed)
            var comparison = MachineComparison(
                story.journal,
                from: Kiosk(),
                to: Kiosk(fault: .attemptOffByOne)
            )
            var reports: [ComparisonReport] = []
            for count in [1, 2, 3, 7] {
                comparison.foldCount = count
                reports.append(try await comparison.report())
            }
            #expect(reports.allSatisfy { $0 == reports[0] }, "seed \(seed)")
        }
    }
}
