import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Processes that bring one journal's tables up to date at the same time, and are killed at it.
struct TableProcessesTests {
    /// Whatever two processes do to the tables, the answers from them are those without them.
    @Test func `processes that share tables, and one that is killed, spoil no answer`()
        async throws
    {
        let folder = try ScratchFolder()
        let path = folder.path("j")
        var generator = SeededGenerator(seed: 71)
        var appendedCount: Int64 = 0
        for round in 0..<5 {
            let journal = try LMDBJournal(path: path)
            let events = SystemEvents(journal: journal)
            async let first = index(folder, "index")
            async let second = index(folder, "index")
            let victim = try CairnProcess.command(
                ["index", "--rebuild", "--journal", "j"],
                in: folder.url
            )
            let child = try await victim.start()
            for _ in 0..<20 + generator.below(100) {
                appendedCount += 1
                let type = "round.number_\(round)"
                let lead = LeadID(rawValue: appendedCount % 5)
                if appendedCount % 3 == 0 {
                    try await events.error(type, leadID: lead)
                } else {
                    try await events.info(type, leadID: lead)
                }
            }
            try await child.kill()
            for run in [try await first, try await second] {
                #expect(run.status == 0, "\(run.error)")
            }
            journal.close()

            let last = try await index(folder, "index")
            try #require(last.status == 0, "\(last.error)")
            let check = try await index(folder, "index", "--check", "--format", "json")
            #expect(check.status == 0, "\(check.error)")
            #expect(check.output.hasSuffix(#""damaged":[]}"# + "\n"))
        }
        let questions = [
            ["events", "--limit", "1000"], ["events", "--level", "ERROR", "--lead-id", "2"],
            ["events", "--type", "round.number_1", "--limit", "1000"], ["summary"],
        ]
        var stored: [String] = []
        for question in questions { stored.append(try await answer(folder, question)) }
        try FileManager.default.removeItem(atPath: "\(path)/projections")
        for (question, stored) in zip(questions, stored) {
            #expect(try await answer(folder, question) == stored, "\(question)")
        }
        #expect(stored[0].split(separator: "\"position\"").count == Int(appendedCount) + 1)
    }

    /// Processes that take the tables away under each other never share a part of them.
    ///
    /// With a data file of one and a lock file of another they would write over each other's pages.
    @Test func `tables are taken away whole, however many do it at once`() async throws {
        let folder = try ScratchFolder()
        let path = folder.path("j")
        let journal = try LMDBJournal(path: path)
        try await SystemEvents(journal: journal).info("round.begins")
        journal.close()
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for round in 0..<12 {
                        let rebuilds = round % 3 == 0 ? [] : ["--rebuild"]
                        let run = try await CairnProcess.run(
                            ["index", "--journal", "j"] + rebuilds,
                            in: folder.url
                        )
                        #expect(run.status == 0, "\(run.error)")
                        #expect(run.error.isEmpty, "\(run.error)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try names(in: path) == ["data.mdb", "lock.mdb", "projections"])

        // What is not the tables' own is moved with them, and stands in nobody's way.
        for round in 0..<3 {
            try Data("mine".utf8).write(to: URL(filePath: "\(path)/projections/note-\(round)"))
            let run = try await index(folder, "index", "--rebuild")
            #expect(run.status == 0, "\(run.error)")
            #expect(try names(in: "\(path)/projections") == ["data.mdb", "lock.mdb"])
        }
        let moved = try names(in: path).filter { $0.hasPrefix("projections.removed") }
        #expect(
            try moved.flatMap { try names(in: "\(path)/\($0)") }.sorted() == [
                "note-0", "note-1", "note-2",
            ]
        )
    }

    /// Where the tables belong there may be something else: it is left as it is, or followed.
    @Test func `a file in the tables' place stays, and a link to a folder stays a link`()
        async throws
    {
        let folder = try ScratchFolder()
        let place = folder.path("j") + "/projections"
        let journal = try LMDBJournal(path: folder.path("j"))
        try await SystemEvents(journal: journal).info("round.begins")
        journal.close()
        try? FileManager.default.removeItem(atPath: place)
        try Data("mine".utf8).write(to: URL(filePath: place))
        for option in ["--rebuild", "--check"] {
            let run = try await index(folder, "index", option)
            #expect(run.status == 66, "\(run.error)")
            #expect(try Data(contentsOf: URL(filePath: place)) == Data("mine".utf8))
        }
        // A file of that name is in nobody's way either.
        try FileManager.default.moveItem(atPath: place, toPath: place + ".removed")
        for _ in 0..<2 {
            let run = try await index(folder, "index", "--rebuild")
            #expect(run.status == 0, "\(run.error)")
        }
        #expect(try Data(contentsOf: URL(filePath: place + ".removed")) == Data("mine".utf8))

        try FileManager.default.removeItem(atPath: place)
        let elsewhere = folder.path("elsewhere")
        try FileManager.default.createDirectory(
            atPath: elsewhere,
            withIntermediateDirectories: false
        )
        try FileManager.default.createSymbolicLink(
            atPath: place,
            withDestinationPath: elsewhere
        )
        for option in ["--rebuild", "--check", "--rebuild"] {
            let run = try await index(folder, "index", option)
            #expect(run.status == 0, "\(run.error)")
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: place)
            #expect(target == elsewhere)
            #expect(try names(in: elsewhere) == ["data.mdb", "lock.mdb"])
        }
    }

    private func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    private func index(
        _ folder: ScratchFolder,
        _ arguments: String...
    ) async throws -> CairnProcess {
        try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
    }

    private func answer(_ folder: ScratchFolder, _ question: [String]) async throws -> String {
        let run = try await CairnProcess.run(
            question + ["--format", "json", "--journal", "j"],
            in: folder.url
        )
        #expect(run.status == 0, "\(run.error)")
        return run.output
    }
}
