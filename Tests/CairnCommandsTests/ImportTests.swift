import Foundation
import Testing

struct ImportTests {
    @Test func `importing twice adds nothing`() throws {
        let fixture = try Fixture()
        let before = try fixture.bytes()
        let run = try fixture.cairn("import rows.csv --order time")
        #expect(run.status == 0)
        #expect(run.output.contains("events      0\n"))
        #expect(run.output.contains("duplicates  10\n"))
        let info = try fixture.cairn("info --format json")
        #expect((info.json as? [String: Any])?["last_position"] as? Int == 10)
        #expect(try fixture.bytes().count == before.count)
    }

    @Test(arguments: ["jsonl", "csv"])
    func `an import of an export gives an equal journal`(_ format: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.cairn("demo", "--journal", "a", "--format", "json")
        let rows = try folder.cairn("export", "--to", format, "--journal", "a")
        try folder.write("rows.\(format)", rows.output)
        #expect(try folder.cairn("import", "rows.\(format)", "--journal", "b").status == 0)
        let copy = try folder.cairn("export", "--to", format, "--journal", "b")
        #expect(copy.output == rows.output)
        let again = try folder.cairn("import", "rows.\(format)", "--journal", "a")
        #expect(again.output.contains("events      0\n"))
    }

    @Test func `a selection is exported, and standard input imported`() throws {
        let fixture = try Fixture()
        let rows = try fixture.cairn("export --tenant anthem --where attempt==1 --status FAILED")
        #expect(rows.output.split(separator: "\n").count == 1)
        let run = try fixture.folder.cairn(
            "import",
            "-",
            "--journal",
            "k",
            input: Data(rows.output.utf8)
        )
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("events      1\n"))
    }

    @Test func `a bad row stops the import cleanly, and the same command goes on`() throws {
        let folder = try TemporaryFolder()
        let lines = Fixture.csv.split(separator: "\n", omittingEmptySubsequences: false)
        let broken = lines.map { $0.hasPrefix("6,") ? "6,anthem,R-3,,,,,,,,,,,,never," : $0 }
        try folder.write("rows.csv", broken.joined(separator: "\n"))
        let stopped = try folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(stopped.status == 65)
        #expect(stopped.error.contains("rows.csv, line 7"))
        #expect(stopped.error.contains("new events: 5"))
        let info = try folder.cairn("info", "--journal", "j", "--format", "json")
        #expect((info.json as? [String: Any])?["events"] as? Int == 5)

        let skipped = try folder.cairn("import", "rows.csv", "--skip-bad", "--journal", "j")
        #expect(skipped.status == 0)
        #expect(skipped.error.contains("set aside: rows.csv, line 7"))
        #expect(skipped.output.contains("bad_rows    1\n"))

        try folder.write("rows.csv", Fixture.csv)
        let mended = try folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(mended.output.contains("events      1\n"))
        #expect(mended.output.contains("duplicates  9\n"))
    }

    @Test func `a log is imported under its stem, ordered by time`() throws {
        let folder = try TemporaryFolder()
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
        try folder.write("shop.xes", log)
        #expect(try folder.cairn("import", "shop.xes", "--journal", "j").status == 0)
        let tail = try folder.cairn(
            "tail",
            "--journal",
            "j",
            "--format",
            "json"
        )
        let rows = try #require(tail.json as? [[String: Any]])
        #expect(rows.map { $0["pagw_id"] as? String } == ["shop-1", "shop-2", "shop-1"])
        let past = try folder.cairn(
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

    @Test func `a journal remembers its pipeline`() throws {
        let fixture = try Fixture()
        try fixture.folder.write(
            "pipeline.json",
            """
            {"name":"short","version":1,"open":true,
             "stages":[{"name":"PARSING","deadline_seconds":3600}],
             "event_types":[{"name":"PARSE_OK","stage":"PARSING","status":"COMPLETED","terminal":true}]}
            """
        )
        #expect(try fixture.cairn("requests --where terminal").output == "no such requests\n")
        let run = try fixture.cairn("import rows.csv --pipeline pipeline.json")
        #expect(run.status == 0, "\(run.error)")
        let ended = try fixture.cairn("requests --where terminal --format json")
        #expect((ended.json as? [Any])?.count == 2)
        let past = try fixture.cairn("requests --where terminal --as-of 10")
        #expect(past.output == "no such requests\n")
        let stuck = try fixture.cairn("stuck --deadlines --now 2025-12-25T10:20:00Z")
        #expect(stuck.output == "nothing is stuck\n")
        // Naming it again changes nothing.
        _ = try fixture.cairn("import rows.csv --pipeline pipeline.json")
        let info = try fixture.cairn("info --format json")
        #expect((info.json as? [String: Any])?["last_position"] as? Int == 11)
    }
}
