import CairnTestSupport
import Foundation
import Testing

struct ImportTests {
    @Test func `importing twice adds nothing`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("import rows.csv --order time")
        #expect(run.status == 0)
        #expect(run.output.contains("events      0\n"))
        #expect(run.output.contains("duplicates  10\n"))
        let info = try await fixture.cairn("info --format json")
        #expect((info.json as? [String: Any])?["last_position"] as? Int == 10)
        #expect(try fixture.bytes().count == before.count)
    }

    @Test(arguments: ["jsonl", "csv"])
    func `an import of an export gives an equal journal`(_ format: String) async throws {
        let folder = try ScratchFolder()
        _ = try await folder.cairn("demo", "--journal", "a", "--format", "json")
        let rows = try await folder.cairn("export", "--to", format, "--journal", "a")
        try folder.file("rows.\(format)", rows.output)
        #expect(try await folder.cairn("import", "rows.\(format)", "--journal", "b").status == 0)
        let copy = try await folder.cairn("export", "--to", format, "--journal", "b")
        #expect(copy.output == rows.output)
        let again = try await folder.cairn("import", "rows.\(format)", "--journal", "a")
        #expect(again.output.contains("events      0\n"))
    }

    @Test func `a selection is exported, and standard input imported`() async throws {
        let fixture = try await Fixture()
        let rows = try await fixture.cairn(
            "export --tenant anthem --where attempt==1 --status FAILED"
        )
        #expect(rows.output.split(separator: "\n").count == 1)
        let run = try await fixture.folder.cairn(
            "import",
            "-",
            "--journal",
            "k",
            input: Data(rows.output.utf8)
        )
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("events      1\n"))
    }

    @Test func `a bad row stops the import cleanly, and the same command goes on`() async throws {
        let folder = try ScratchFolder()
        let lines = Fixture.csv.split(separator: "\n", omittingEmptySubsequences: false)
        let broken = lines.map { $0.hasPrefix("6,") ? "6,anthem,R-3,,,,,,,,,,,,never," : $0 }
        try folder.file("rows.csv", broken.joined(separator: "\n"))
        let stopped = try await folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(stopped.status == 65)
        #expect(stopped.error.contains("rows.csv, line 7"))
        #expect(stopped.error.contains("new events: 5"))
        let info = try await folder.cairn("info", "--journal", "j", "--format", "json")
        #expect((info.json as? [String: Any])?["events"] as? Int == 5)

        let skipped = try await folder.cairn("import", "rows.csv", "--skip-bad", "--journal", "j")
        #expect(skipped.status == 0)
        #expect(skipped.error.contains("set aside: rows.csv, line 7"))
        #expect(skipped.output.contains("bad_rows    1\n"))

        try folder.file("rows.csv", Fixture.csv)
        let mended = try await folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(mended.output.contains("events      1\n"))
        #expect(mended.output.contains("duplicates  9\n"))
    }

    @Test func `a log is imported under its stem, ordered by time`() async throws {
        let folder = try ScratchFolder()
        func event(_ name: String, _ time: String) -> String {
            #"<event><string key="concept:name" value="\#(name)"/>"#
                + #"<date key="time:timestamp" value="\#(time)"/></event>"#
        }
        func trace(_ name: String, _ events: String...) -> String {
            #"<trace><string key="concept:name" value="\#(name)"/>\#(events.joined())</trace>"#
        }
        let log =
            "<log>"
            + trace("1", event("a", "2020-01-01T10:00:00Z"), event("b", "2020-01-03T10:00:00Z"))
            + trace("2", event("a", "2020-01-02T10:00:00+01:00")) + "</log>"
        try folder.file("shop.xes", log)
        #expect(try await folder.cairn("import", "shop.xes", "--journal", "j").status == 0)
        let tail = try await folder.cairn(
            "tail",
            "--journal",
            "j",
            "--format",
            "json"
        )
        let rows = try #require(tail.json as? [[String: Any]])
        #expect(rows.map { $0["pagw_id"] as? String } == ["shop-1", "shop-2", "shop-1"])
        let past = try await folder.cairn(
            "requests",
            "--as-of",
            "2020-01-01T12:00:00Z",
            "--journal",
            "j",
            "--format",
            "json"
        )
        #expect((past.json as? [Any])?.count == 1)
    }

    @Test func `a journal remembers its pipeline`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file(
            "pipeline.json",
            """
            {"name":"short","version":1,"open":true,
             "stages":[{"name":"PARSING","deadline_seconds":3600}],
             "event_types":[{"name":"PARSE_OK","stage":"PARSING","status":"COMPLETED","terminal":true}]}
            """
        )
        #expect(try await fixture.cairn("requests --where terminal").output == "no such requests\n")
        let run = try await fixture.cairn("import rows.csv --pipeline pipeline.json")
        #expect(run.status == 0, "\(run.error)")
        let ended = try await fixture.cairn("requests --where terminal --format json")
        #expect((ended.json as? [Any])?.count == 2)
        let past = try await fixture.cairn("requests --where terminal --as-of 10")
        #expect(past.output == "no such requests\n")
        let stuck = try await fixture.cairn("stuck --deadlines --now 2025-12-25T10:20:00Z")
        #expect(stuck.output == "nothing is stuck\n")
        // Naming it again changes nothing.
        _ = try await fixture.cairn("import rows.csv --pipeline pipeline.json")
        let info = try await fixture.cairn("info --format json")
        #expect((info.json as? [String: Any])?["last_position"] as? Int == 11)
    }
}
