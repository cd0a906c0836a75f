import Cairn
import CairnServices
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// What each verb that lists or queries says as of a position, beside what it says of a journal
/// that is cut there.
struct AsOfVerbTests {
    /// Verbs that begin at checkpoints: at every position.
    private static let keptLines =
        [
            "requests", "requests --tenant tenant-1 --limit 2", "stuck --older-than 0s",
            "stuck --older-than 0s --deadlines", "retries --open",
        ].map(words) + [["requests", "--where", "not terminal and event_count > 3"]]

    /// All the others: each at one position behind the first, in turn.
    private static let otherLines =
        [
            "bisect R-1 --where terminal", "compare --new new.json", "conformance",
            "conformance --variants", "conformance --map mermaid", "diff R-0 1 end",
            "diff R-1 R-2", "events", "events --level ERROR", "export", "export --to csv",
            "export --as interaction", "export --as prompt", "export --as system", "find",
            "find --status FAILED --limit 3", "history c-1", "info", "interactions",
            "interactions --in-doubt --crashed", "interactions --older-than 0s --check",
            "job batch", "job batch --crashed", "jobs", "key key-1-1", "key key-1-2 --crashed",
            "prompt p-1", "prompt p-1 --counts 0..60",
            "prompt p-1 --play 0..60", "report -o -", "resume --dry-run",
            "resume batch --dry-run", "resume batch --dry-run --every-point", "retries",
            "session s-1", "slowest", "state R-2", "stats", "streak u-1",
            "summary --since 90000h", "tail", "tail --type NOTIFY_OK", "testcase R-1",
            "timeline R-1", "touch utbl_1_0", "touches u-1", "what-if R-1 --drop 1",
        ].map(words) + [
            ["bisect", "--where", "status == FAILED and event_count > 2"],
            ["requests", "--where", "stages.PARSING.status == FAILED"],
        ]

    private static func words(_ line: String) -> [String] {
        line.split(separator: " ").map(String.init)
    }

    /// Events between checkpoints.
    private static let interval: UInt64 = 16
    private static let roundCount = 4
    private static let positionCount = 5

    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Copies the first events into a journal of their own, beside the definition to compare with.
    ///
    /// - Returns: The folder that the journal is in, under the name of the whole one.
    private static func cut(
        _ journal: LMDBJournal,
        behind position: Position
    ) async throws -> ScratchFolder {
        var appends: [StreamAppend] = []
        for number in 1...position.rawValue {
            let found = try await journal.record(at: Position(rawValue: number))
            let record = try #require(found)
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
            appends.append(StreamAppend([event], to: record.stream))
        }
        let folder = try ScratchFolder()
        let copy = try LMDBJournal(path: folder.path("j"))
        try await copy.append(appends)
        copy.close()
        try addDefinition(to: folder)
        return folder
    }

    private static func addDefinition(to folder: ScratchFolder) throws {
        let path = ReadmeTests.package.appending(path: "Specs/Pipelines/prior-authorization.json")
        let text = try String(contentsOf: path, encoding: .utf8)
        try folder.file("new.json", text.replacing("PARSE_OK", with: "READ_OK"))
    }

    private static func tables(of journal: LMDBJournal) -> KeptProjections {
        KeptProjections(journal, pipeline: .priorAuthorization, interval: interval)
    }

    private static func board(of journal: LMDBJournal) -> RequestBoard {
        RequestBoard(journal, interval: interval)
    }

    /// Compares what a verb says of two journals.
    ///
    /// - Returns: How it ended.
    private static func compare(
        _ line: [String],
        asOf position: Position,
        _ whole: ScratchFolder,
        _ cut: ScratchFolder
    ) async throws -> Int32 {
        var line = line + ["--as-of", "\(position)", "--journal", "j"]
        if !["export", "report"].contains(line[0]) { line += ["--format", "json"] }
        // Only the whole journal has checkpoints.
        let near = line[0] == "info" ? [] : ["--checkpoint-interval", "\(interval)"]
        let past = try await CairnProcess.run(line + near, in: whole.url)
        let expected = try await CairnProcess.run(line, in: cut.url)
        // 1 is a finding, 66 says that there is no such thing yet, and 64 is what a test case of
        // a request says that shows nothing unusual.
        let ends: Set<Int32> = line[0] == "testcase" ? [0, 64, 66] : [0, 1, 66]
        #expect(ends.contains(past.status), "\(line): \(past.error)")
        #expect(past.status == expected.status, "\(line): \(past.error) \(expected.error)")
        #expect(past.output == expected.output, "\(line)")
        return past.status
    }

    /// A position in each part of the journal, and its last one.
    private static func positions(
        of journal: LMDBJournal,
        _ random: inout SeededGenerator
    ) throws -> [Position] {
        let last = Int(try journal.head().lastPosition.rawValue)
        // Before the first checkpoint, too.
        var positions = [Position(rawValue: 5)]
        let part = last / (positionCount - 1)
        for number in 1..<positionCount - 1 {
            let position = number * part + random.below(part / 2)
            positions.append(Position(rawValue: UInt64(position)))
        }
        return positions + [Position(rawValue: UInt64(last))]
    }

    @Test(arguments: [1])
    func `every verb answers as of a position as on a journal cut there, and writes nothing`(
        _ seed: UInt64
    ) async throws {
        var history = MixedHistory(seed: seed)
        let journal = try LMDBJournal(path: folder.path("j"))
        try Self.addDefinition(to: folder)
        for _ in 0..<Self.roundCount {
            try await history.append(to: journal)
            try await Self.tables(of: journal).catchUp()
        }
        // Tables that end before the journal does.
        try await history.append(to: journal)
        var random = SeededGenerator(seed: seed)
        let positions = try Self.positions(of: journal, &random)
        var cuts: [ScratchFolder] = []
        var starts: [Position?] = []
        for position in positions {
            cuts.append(try await Self.cut(journal, behind: position))
            starts.append(try await Self.board(of: journal).start(asOf: position))
        }
        // Checkpoints really lie between the events that are asked about.
        #expect(starts[0] == nil)
        #expect(starts.dropFirst().allSatisfy { $0 != nil }, "\(positions) \(starts)")
        #expect(Set(starts).count > 3, "\(positions) \(starts)")
        journal.close()
        let data = try folder.data("j/data.mdb")
        let tables = try folder.data("j/projections/data.mdb")
        let folder = folder
        try await withThrowingTaskGroup(of: [Int32].self) { group in
            for (place, (position, cut)) in zip(positions, cuts).enumerated() {
                let others = Self.otherLines.enumerated()
                    .filter { 1 + ($0.offset + Int(seed)) % (positions.count - 1) == place }
                    .map(\.element)
                group.addTask {
                    var ends: [Int32] = []
                    for line in Self.keptLines + others {
                        ends.append(try await Self.compare(line, asOf: position, folder, cut))
                    }
                    return ends
                }
            }
            var ends: [Int32] = []
            for try await more in group { ends += more }
            // What is asked for was there at nearly every position.
            #expect(ends.count { $0 <= 1 } * 100 > ends.count * 95, "\(ends)")
        }
        #expect(try folder.data("j/data.mdb") == data)
        #expect(try folder.data("j/projections/data.mdb") == tables)
    }

    @Test func `a time and a span answer as the position that they stand for`() async throws {
        var history = MixedHistory(seed: 5)
        let journal = try LMDBJournal(path: folder.path("j"))
        for _ in 0..<2 { try await history.append(to: journal) }
        let last = try journal.head().lastPosition
        let middle = try #require(
            try await journal.record(at: Position(rawValue: last.rawValue / 2))
        )
        let position = try journal.position(at: middle.recordedAt)
        journal.close()
        func rows(_ moment: String) async throws -> String {
            try await CairnProcess.run(
                ["export", "--as-of", moment, "--journal", "j"],
                in: folder.url
            ).output
        }
        let whole = try await rows("\(last)")
        #expect(try await rows("\(middle.recordedAt)") == rows("\(position)"))
        #expect(try await rows("\(position)") != whole)
        #expect(try await rows("0s") == whole)
        let early = try await CairnProcess.run(
            ["requests", "--as-of", "1h", "--journal", "j"],
            in: folder.url
        )
        #expect(early.status == 65)
        #expect(early.error.contains("is before the first event"), "\(early.error)")
    }

    @Test func `explore shows a request as of a position as on a journal cut there`() async throws {
        var history = MixedHistory(seed: 2)
        let journal = try LMDBJournal(path: folder.path("j"))
        for _ in 0..<2 { try await history.append(to: journal) }
        let last = try journal.head().lastPosition
        let position = Position(rawValue: last.rawValue / 2)
        let cut = try await Self.cut(journal, behind: position)
        journal.close()
        var screens: [String] = []
        for (folder, moment) in [(folder, position), (cut, position), (folder, last)] {
            let terminal = try PseudoTerminal(columns: 90, rows: 20)
            var command = try CairnProcess.command(
                ["explore", "R-1", "--as-of", "\(moment)", "--journal", "j"],
                in: folder.url
            )
            command.environment["TERM"] = "xterm"
            command.input = .descriptor(terminal.slave)
            command.output = .descriptor(terminal.slave)
            let child = try await command.start()
            screens.append(try await terminal.read(until: "q quit"))
            try terminal.type("q")
            #expect(try await child.end() == .exit(0))
        }
        #expect(screens[0] == screens[1])
        #expect(screens[0] != screens[2])
    }

    @Test func `a bundle of a past moment is that of a journal cut there`() async throws {
        var history = MixedHistory(seed: 3)
        let journal = try LMDBJournal(path: folder.path("j"))
        for _ in 0..<2 { try await history.append(to: journal) }
        let position = Position(rawValue: try journal.head().lastPosition.rawValue * 2 / 3)
        let cut = try await Self.cut(journal, behind: position)
        journal.close()
        var bundles: [String] = []
        for folder in [folder, cut] {
            let line = "bundle R-0 R-1 --job batch -o b --keep-payloads --as-of \(position)"
            let made = try await CairnProcess.run(
                Self.words(line) + ["--journal", "j"],
                in: folder.url
            )
            #expect(made.status == 0, "\(made.error)")
            let run = try await folder.cairn("export", "--journal", "b")
            let items = try await folder.cairn("interactions", "--journal", "b")
            #expect(run.status == 0 && run.output.contains("R-1"))
            bundles.append(run.output + items.output)
        }
        #expect(bundles[0] == bundles[1])
    }

    @Test func `a process that is written to is asked by others about any moment`() async throws {
        let journal = try LMDBJournal(path: folder.path("j"))
        defer { journal.close() }
        let keeper = ProjectionKeeper(
            Self.tables(of: journal),
            of: journal,
            interval: Self.interval
        )
        async let _ = keeper.run()
        var first = MixedHistory(seed: 4)
        for _ in 0..<2 { try await first.append(to: journal) }
        let board = Self.board(of: journal)
        try await eventually { try await board.start() != nil }
        var random = SeededGenerator(seed: 4)
        let history = first
        let writer = Task {
            var history = history
            for _ in 0..<3 { try await history.append(to: journal) }
        }
        for _ in 0..<2 {
            let last = Int(try journal.head().lastPosition.rawValue)
            let position = Position(rawValue: UInt64(last - random.below(last / 2)))
            let cut = try await Self.cut(journal, behind: position)
            #expect(try await board.start(asOf: position) != nil)
            for line in ["stuck --older-than 0s", "requests", "retries --open"] {
                let end = try await Self.compare(
                    Self.words(line),
                    asOf: position,
                    folder,
                    cut
                )
                #expect(end == 0, "\(line)")
            }
        }
        try await writer.value
    }
}
