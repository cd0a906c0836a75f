import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// What each verb that lists or queries says as of a position, beside what it says of a journal
/// that is cut there.
struct AsOfVerbTests {
    private static let words = [
        "requests", "requests --tenant tenant-1 --limit 2", "stuck --older-than 0s",
        "stuck --older-than 0s --deadlines", "retries", "retries --open", "stats", "slowest",
        "summary --since 90000h", "find", "find --status FAILED --limit 3", "timeline R-1",
        "state R-2", "export", "export --to csv", "export --as interaction",
        "export --as system", "export --as prompt", "interactions", "jobs", "job batch",
        "history batch key-1-1", "key batch key-1-1", "touches u-1", "events",
        "events --level ERROR", "session s-1", "prompt p-1", "prompt p-1 --counts 0..60",
        "prompt p-1 --play 0..60", "streak u-1", "tail", "testcase R-1",
    ]

    private static let lines =
        words.map { $0.split(separator: " ").map(String.init) } + [
            ["requests", "--where", "not terminal and event_count > 3"],
            ["requests", "--where", "stages.PARSING.status == FAILED"],
        ]

    private static let roundCount = 4

    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Copies the first events into a journal of their own.
    private func cut(
        _ journal: LMDBJournal,
        behind position: Position,
        to path: String
    ) async throws {
        var records: [EventRecord] = []
        for number in 1...position.rawValue {
            let record = try await journal.record(at: Position(rawValue: number))
            records.append(try #require(record))
        }
        let copy = try LMDBJournal(path: path)
        defer { copy.close() }
        for record in records {
            let event = try NewEvent(
                type: record.type,
                typeVersion: record.typeVersion,
                id: record.id,
                occurredAt: record.occurredAt,
                recordedAt: record.recordedAt,
                mayBeIgnored: record.flags.contains(.mayBeIgnored),
                codec: record.codec,
                payload: record.payload
            )
            try await copy.append(event, to: record.stream)
        }
    }

    @Test(arguments: [1])
    func `every verb answers as of a position as on a journal cut there, and writes nothing`(
        _ seed: UInt64
    ) async throws {
        var history = MixedHistory(seed: seed)
        let journal = try LMDBJournal(path: folder.path("j"))
        for _ in 0..<Self.roundCount {
            try await history.append(to: journal)
            try await KeptProjections(journal).catchUp()
        }
        try await history.append(to: journal)
        var random = SeededGenerator(seed: seed)
        let last = try journal.head().lastPosition.rawValue
        let position = Position(rawValue: last / 3 + UInt64(random.below(Int(last / 2))))
        try await cut(journal, behind: position, to: folder.path("cut"))
        journal.close()
        let data = try folder.data("j/data.mdb")
        let tables = try folder.data("j/projections/data.mdb")
        for line in Self.lines {
            let asOf = line + ["--as-of", "\(position)"]
            let past = try await CairnProcess.run(asOf + ["--journal", "j"], in: folder.url)
            let cut = try await CairnProcess.run(asOf + ["--journal", "cut"], in: folder.url)
            // 64 is what a test case of a request says that shows nothing unusual.
            #expect([0, 64, 66].contains(past.status), "\(asOf): \(past.error)")
            #expect(past.status == cut.status, "\(asOf): \(past.error) \(cut.error)")
            #expect(past.output == cut.output, "\(asOf)")
            let now = try await CairnProcess.run(line + ["--journal", "j"], in: folder.url)
            #expect([0, 64, 66].contains(now.status), "\(line): \(now.error)")
            #expect(try folder.data("j/data.mdb") == data, "\(line)")
        }
        #expect(try folder.data("j/projections/data.mdb") == tables)
    }
}
