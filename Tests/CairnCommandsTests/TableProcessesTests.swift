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
