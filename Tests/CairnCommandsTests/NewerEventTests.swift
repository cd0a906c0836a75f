import Cairn
import CairnTestSupport
import Testing

/// Events that only a newer program can read: named, and never shown as something else.
struct NewerEventTests {
    private static func add(
        to fixture: Fixture,
        type: String = PipelineEvent.frameType,
        mayBeIgnored: Bool = false
    ) async throws {
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        let event = try NewEvent(
            type: type,
            occurredAt: .unixEpoch,
            mayBeIgnored: mayBeIgnored,
            payload: [99, 0, 0, 0, 0, 0, 0]
        )
        try await journal.append(event, to: try PipelineEvent.streamID(request: "R-1"))
        journal.close()
    }

    @Test(arguments: ["text", "json"])
    func `tail shows what comes before an unreadable event, and names it`(
        format: String
    ) async throws {
        let fixture = try await Fixture()
        try await Self.add(to: fixture)
        let run = try await fixture.cairn("tail -n 2 --format \(format)")
        #expect(run.status == 65)
        #expect(run.error.contains("position 11"))
        #expect(run.error.contains("use a newer cairn"))
        #expect(run.output.contains("R-4"))
        #expect(!run.output.contains("R-1"))
    }

    @Test(arguments: [
        "timeline R-1", "state R-1", "requests", "stuck", "retries", "retries --open", "stats",
        "slowest", "find", "export",
    ])
    func `an unknown event in a request's stream stops a verb`(command: String) async throws {
        let fixture = try await Fixture()
        try await Self.add(to: fixture, type: "pipeline.rule")
        let run = try await fixture.cairn(command)
        #expect(run.status == 65)
        #expect(run.error.contains("position 11"))
        #expect(run.error.contains("'pipeline.rule'"))
        #expect(try await fixture.cairn("\(command) --as-of 10").status == 0)
    }

    @Test func `an event that may be ignored is no event of its request`() async throws {
        let fixture = try await Fixture()
        try await Self.add(to: fixture, type: "pipeline.note", mayBeIgnored: true)
        let timeline = try await fixture.cairn("timeline R-1 --format json")
        #expect((timeline.json as? [Any])?.count == 3)
        #expect(try await fixture.cairn("tail").status == 0)
    }
}
