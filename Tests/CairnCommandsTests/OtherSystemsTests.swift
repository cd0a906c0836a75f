import Cairn
import CairnTestSupport
import Foundation
import Testing

/// What the article on touches, system events and prompts shows.
struct OtherSystemsTests {
    @Test func `the article shows what the tests compile`() throws {
        let source = try ReadmeTests.lines(of: "Tests/CairnCommandsTests/OtherSystemsSample.swift")
        let samples = source.split(separator: "// begin").dropFirst().map { part in
            Array(part.prefix { $0 != "// end" })
        }
        let shown = try ReadmeTests.blocks(
            "swift",
            of: "Sources/Cairn/Cairn.docc/OtherSystems.md"
        )
        #expect(shown == Array(samples))
    }

    @Test func `a touch, system events and a prompt are read back`() async throws {
        let scratch = try ScratchFolder()
        let journal = try LMDBJournal(path: scratch.path("j"))
        defer { journal.close() }
        let touches = TouchLog(journal: journal, worker: try await Worker.join(journal))
        let run = Task { try await touches.run() }
        let parent = remind("u-1", through: touches)
        try await eventually { touches.counts.appended >= 2 }
        run.cancel()
        try await run.value
        let rows = try await TouchView(journal).touches(of: "u-1").rows
        #expect(rows.map(\.touch.uid).first == parent)
        #expect(rows.count == 2)

        let lead = LeadID(rawValue: 7)
        let events = try await reportFallback(to: lead, in: journal)
        #expect(events.map(\.event.type.name) == ["calendar.no_slots", "template.fallback_used"])

        let totals = try #require(try await play("breathe", in: journal))
        #expect(totals.participantCount == 1)
        #expect(totals.likeCount == 1)
        #expect(totals.answerCounts.isEmpty)
    }
}
