import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Law 8 for each projection that is kept.
///
/// A mark has the sum of all entries, so tables are equal where their marks are.
struct KeptProjectionLawTests {
    private static let names = [
        "cairn.keys", "cairn.prompts", "cairn.requests", "cairn.summary", "cairn.system-events",
    ]
    private static let roundCount = 6

    private let folder: ScratchFolder
    private var journalPath: String { folder.path("j") }
    private var tablesPath: String { folder.path("j/projections") }

    init() throws { folder = try ScratchFolder() }

    /// Appends in rounds, and brings the tables up after each of them in a journal that was
    /// opened anew.
    /// - Returns: The marks after the last round. Copies of the tables are beside the journal.
    private func filled(seed: UInt64) async throws -> [KeptProjection] {
        var history = MixedHistory(seed: seed)
        var marks: [KeptProjection] = []
        for round in 0..<Self.roundCount {
            let journal = try LMDBJournal(path: journalPath)
            try await history.append(to: journal)
            marks = try await KeptProjections(journal).catchUp()
            journal.close()
            try FileManager.default.copyItem(atPath: tablesPath, toPath: copy(round))
        }
        return marks.sorted { $0.name < $1.name }
    }

    private func copy(_ round: Int) -> String { folder.path("tables-\(round)") }

    /// Puts the tables of a round in the place of those that are there.
    private func putBack(_ round: Int) throws {
        try FileManager.default.removeItem(atPath: tablesPath)
        try FileManager.default.copyItem(atPath: copy(round), toPath: tablesPath)
    }

    private func caughtUp() async throws -> [KeptProjection] {
        let journal = try LMDBJournal(path: journalPath)
        defer { journal.close() }
        let kept = KeptProjections(journal)
        let marks = try await kept.catchUp()
        #expect(try await kept.removeDamaged().isEmpty)
        return marks.sorted { $0.name < $1.name }
    }

    @Test(arguments: [1, 2, 3])
    func `taken in bit by bit, from any round's tables or at once, all tables are the same`(
        _ seed: UInt64
    ) async throws {
        let expected = try await filled(seed: seed)
        #expect(expected.map(\.name) == Self.names)
        // Of few requests there is little to keep.
        let countMin: (KeptProjection) -> UInt64 = { $0.name == "cairn.requests" ? 2 : 10 }
        #expect(
            expected.allSatisfy { $0.mark.entryCount > countMin($0) },
            "each has taken something in"
        )
        let journal = try LMDBJournal(path: journalPath)
        try await KeptProjections(journal).reset()
        journal.close()
        #expect(try await caughtUp() == expected, "rebuilt from zero")
        for round in 0..<Self.roundCount {
            try putBack(round)
            #expect(try await caughtUp() == expected, "from the tables of round \(round)")
        }
    }

    @Test func `tables whose marks are of another journal are made anew`() async throws {
        let expected = try await filled(seed: 4)
        // The same rules and positions, and other events.
        let other = try KeptProjectionLawTests()
        let others = try await other.filled(seed: 5)
        #expect(others.map(\.mark.stateHash) != expected.map(\.mark.stateHash))
        for round in 0..<Self.roundCount {
            try FileManager.default.removeItem(atPath: tablesPath)
            try FileManager.default.copyItem(atPath: other.copy(round), toPath: tablesPath)
            #expect(try await caughtUp() == expected, "with the tables of round \(round)")
        }
    }

    @Test func `whatever bytes of the tables are spoilt, they come to be the same`() async throws {
        let expected = try await filled(seed: 6)
        let file = "\(tablesPath)/data.mdb"
        let sound = try Data(contentsOf: URL(filePath: file))
        for offset in stride(from: 0, to: sound.count, by: sound.count / 61) {
            try putBack(Self.roundCount - 1)
            var bytes = sound
            for place in offset..<min(offset + 16, sound.count) { bytes[place] ^= 0x5A }
            try bytes.write(to: URL(filePath: file))
            let run = try await CairnProcess.run(
                ["index", "--check", "--journal", "j"],
                in: folder.url
            )
            #expect(run.status == 0 || run.status == 1, "\(offset): \(run)")
            #expect(try await caughtUp() == expected, "bytes from \(offset) on")
        }
    }

    /// What a process that only reads answers from the tables.
    private struct Answers: Equatable {
        var summary: [SummaryRow] = []
        var bytes: Int64 = 0
        var events: [Int: SystemEventPage] = [:]
        var totals: [PromptTotals?] = []
        var seconds: [[PromptSecond]?] = []
        var stuck: [StuckRow] = []

        init(of journal: any Journal) async throws {
            summary = try await SummaryBoard(journal).rows()
            bytes = try await SummaryBoard(journal).metadataByteCount()
            for lead in 0..<4 {
                events[lead] = try await SystemEventBoard(journal).list(
                    SystemEventQuery(leadID: LeadID(rawValue: Int64(lead)))
                )
            }
            for prompt in ["p-0", "p-1"] {
                let board = PromptBoard(journal)
                totals.append(try await board.totals(ofPrompt: prompt, at: try PromptTime(3)))
                seconds.append(try await board.counts(ofPrompt: prompt, in: -100...100))
            }
            stuck = try await RequestBoard(journal).view()
                .stuck(now: Timestamp(nanoseconds: 1 << 60), olderThan: .seconds(1))
        }
    }

    private func answers() async throws -> Answers {
        let journal = try LMDBJournal(path: journalPath, configuration: .readOnly)
        defer { journal.close() }
        return try await Answers(of: journal)
    }

    @Test func `no flipped bit of the tables makes a reader's answer another one`() async throws {
        _ = try await filled(seed: 8)
        let expected = try await answers()
        #expect(!expected.summary.isEmpty && expected.events[1]?.rows.isEmpty == false)
        #expect(expected.totals.allSatisfy { $0 != nil } && !expected.stuck.isEmpty)
        let file = "\(tablesPath)/data.mdb"
        let sound = try Data(contentsOf: URL(filePath: file))
        // Pages that were never written say nothing.
        let places = sound.indices.filter { sound[$0] != 0 }
        var random = SeededGenerator(seed: 8)
        for _ in 0..<400 {
            let place = places[random.below(places.count)]
            let bit = UInt8(1) << UInt8(random.below(8))
            var bytes = sound
            bytes[place] ^= bit
            try bytes.write(to: URL(filePath: file))
            #expect(try await answers() == expected, "bit \(bit) of byte \(place)")
        }
    }

    @Test func `processes that bring the same tables up at once agree`() async throws {
        var history = MixedHistory(seed: 7)
        for round in 0..<Self.roundCount {
            let journal = try LMDBJournal(path: journalPath)
            async let first = index()
            async let second = index()
            try await history.append(to: journal)
            try await KeptProjections(journal).catchUp()
            for run in try await [first, second] { #expect(run.status == 0, "\(run.error)") }
            let kept = KeptProjections(journal)
            let shared = try await kept.catchUp().sorted { $0.name < $1.name }
            try await kept.reset()
            let alone = try await kept.catchUp().sorted { $0.name < $1.name }
            #expect(shared == alone, "round \(round)")
            #expect(alone.map(\.name) == Self.names)
            journal.close()
        }
    }

    private func index() async throws -> CairnProcess {
        try await CairnProcess.run(["index", "--journal", "j"], in: folder.url)
    }
}
