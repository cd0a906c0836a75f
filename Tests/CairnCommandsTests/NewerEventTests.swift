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
        "slowest", "find", "export", "summary",
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

    @Test func `stored tables stop there as well, and info says what it does not know`()
        async throws
    {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("index").status == 0)
        let before = try await fixture.cairn("info --now 2025-12-25T10:20:00Z --format json")
        #expect(before.error == "")
        try await Self.add(to: fixture, type: "pipeline.rule")
        let summary = try await fixture.cairn("summary")
        #expect(summary.status == 65)
        #expect(summary.error.contains("position 11"))
        #expect(summary.error.contains("'pipeline.rule'"))
        let info = try await fixture.cairn("info --now 2025-12-25T10:20:00Z --format json")
        #expect(info.status == 0)
        #expect(info.error.contains("metadata_bytes and stuck_requests are not known: at"))
        #expect(info.output.contains("\"events\":11,"))
        #expect(info.error.contains("position 11"))
        #expect(info.output.contains("\"metadata_bytes\":null,\"stuck_requests\":null,"))
        #expect(before.output.contains("\"events\":10,"))
        #expect(!before.output.contains("\"metadata_bytes\":null"))
    }

    @Test func `a row that cannot be read leaves the rest of info as it is`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("index").status == 0)
        try await Self.add(to: fixture)
        let info = try await fixture.cairn("info")
        #expect(info.status == 0)
        #expect(info.error.contains("position 11"))
        #expect(info.error.split(separator: "\n").count == 1)
        #expect(info.output.contains("events"))
    }

    @Test func `an event that may be ignored is no event of its request`() async throws {
        let fixture = try await Fixture()
        try await Self.add(to: fixture, type: "pipeline.note", mayBeIgnored: true)
        let timeline = try await fixture.cairn("timeline R-1 --format json")
        #expect((timeline.json as? [Any])?.count == 3)
        #expect(try await fixture.cairn("tail").status == 0)
    }
}
