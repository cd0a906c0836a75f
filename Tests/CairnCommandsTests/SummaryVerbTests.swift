import CairnTestSupport
import Testing

/// What `cairn summary` and the numbers of `cairn info` say, with stored tables and without.
struct SummaryVerbTests {
    private static let since = "--since 2025-12-25T10:00:00Z"

    @Test func `hours are counted by tenant, stage, type and status`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("summary \(Self.since) --format json --tenant other")
        #expect(
            run.output == """
                [{"hour":"2025-12-25T10:00:00.000000Z","tenant":"other","stage":"PARSING",\
                "event_type":"PARSE_OK","status":"COMPLETED","event_count":1,\
                "avg_duration_ms":1255,"max_duration_ms":1255,"metadata_bytes":20},\
                {"hour":"2025-12-25T10:00:00.000000Z","tenant":"other","stage":"PARSING",\
                "event_type":"PARSE_START","status":"STARTED","event_count":1,\
                "avg_duration_ms":null,"max_duration_ms":null,"metadata_bytes":0}]

                """
        )
        #expect(run.status == 0, "\(run.error)")
    }

    @Test func `stored tables and going through the events print the same`() async throws {
        let fixture = try await Fixture()
        let lines = [
            "summary \(Self.since)", "summary \(Self.since) --stage PARSING --format json",
            "summary --now 2025-12-25T10:20:00Z", "summary --now 2026-12-25T10:20:00Z",
            "summary \(Self.since) --until 2025-12-25T10:00:00Z",
        ]
        var before: [String] = []
        for line in lines { before.append(try await fixture.cairn(line).output) }
        #expect(Set(before).count == 3)
        let now = "--now 2025-12-25T10:20:00Z --format json"
        let bare = try await fixture.cairn("info --scan-max 9 \(now)")
        #expect(bare.output.contains("\"metadata_bytes\":null,\"stuck_requests\":null,"))
        #expect(bare.error.contains("metadata_bytes and stuck_requests would take a pass"))
        #expect(bare.error.contains("all 10 events, more than --scan-max"))
        let scanned = try await fixture.cairn("info --scan-max 10 \(now)")
        #expect(try await fixture.cairn("index").status == 0)
        for (line, output) in zip(lines, before) {
            #expect(try await fixture.cairn(line).output == output, "\(line)")
        }
        let past = try await fixture.cairn("summary \(Self.since) --as-of 3")
        #expect(past.status == 0)
        #expect(past.output != before[0])
        let info = try await fixture.cairn("info \(now)")
        #expect(info.output.contains("\"events_last_day\":10,"))
        let numbers = "\"metadata_bytes\":78,\"stuck_requests\":2,"
        let stuck = try await fixture.cairn("stuck \(now)")
        #expect((stuck.json as? [Any])?.count == 2)
        #expect(info.output.contains(numbers))
        #expect(scanned.output.contains(numbers))
        // Who knows them from the tables need not go through the journal for them.
        let near = try await fixture.cairn("info --scan-max 9 \(now)")
        #expect(near.output.contains(numbers))
        #expect(near.error == "")
        // As of a moment before the first checkpoint no tables tell it.
        let then = try await fixture.cairn("info --scan-max 4 \(now) --as-of 5")
        #expect(then.output.contains("\"metadata_bytes\":null,\"stuck_requests\":null,"))
        #expect(then.error.contains("all 5 events"))
    }

    @Test func `info finds the tables of the definition that the journal remembers`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file(
            "p.json",
            """
            {"name":"short","version":1,"open":true,"stages":[{"name":"PARSING"}],
             "event_types":[{"name":"PARSE_OK","stage":"PARSING","status":"COMPLETED"}]}
            """
        )
        let run = try await fixture.cairn("import rows.csv --pipeline p.json")
        #expect(run.status == 0, "\(run.error)")
        let now = "--now 2025-12-25T10:20:00Z --format json"
        let info = try await fixture.cairn("info --scan-max 9 \(now)")
        #expect(info.output.contains("\"metadata_bytes\":78,\"stuck_requests\":2,"))
        #expect(info.error == "")
    }

    @Test func `an alert gets the stuck requests as JSON, and an empty list for none`()
        async throws
    {
        let fixture = try await Fixture()
        let now = "--now 2025-12-25T10:20:00Z --format json"
        let found = try await fixture.cairn("stuck --check \(now)")
        #expect(found.status == 1)
        #expect(found.output.hasPrefix("[{\"pagw_id\":"))
        #expect(found.json != nil)
        #expect(found.error == "")
        let none = try await fixture.cairn("stuck --check --older-than 1h \(now)")
        #expect(none.status == 0)
        #expect(none.output == "[]\n")
        // No answer is no finding.
        let nothing = try await fixture.cairn("stuck --check \(now) --as-of 99")
        #expect(nothing.status == 65)
        #expect(nothing.output == "")
    }
}
