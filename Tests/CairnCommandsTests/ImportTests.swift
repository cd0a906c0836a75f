import CairnTestSupport
import Foundation
import Testing

struct ImportTests {
    @Test func `an import leaves the tables of projections at its end`() async throws {
        let fixture = try await Fixture(keepsTables: true)
        let tables = try fixture.folder.data("j/projections/data.mdb")
        let index = try await fixture.cairn("index")
        #expect(index.output.contains("cairn.summary"))
        #expect(try fixture.folder.data("j/projections/data.mdb") == tables)
    }

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

    private static let pipeline = """
        {"name":"short","version":1,"open":true,"stages":[{"name":"PARSING"}],
         "event_types":[{"name":"PARSE_OK","stage":"PARSING","status":"COMPLETED","terminal":true}]}
        """

    @Test func `a remembered pipeline takes no moment of the past away`() async throws {
        let folder = try ScratchFolder()
        try folder.file("rows.csv", Fixture.csv)
        try folder.file("pipeline.json", Self.pipeline)
        func terminal(asOf time: String) async throws -> CairnProcess {
            try await folder.cairn(
                "requests",
                "--where",
                "terminal",
                "--as-of",
                time,
                "--journal",
                "j",
                "--format",
                "json"
            )
        }
        for _ in 1...2 {
            let run = try await folder.cairn(
                "import",
                "rows.csv",
                "--order",
                "time",
                "--pipeline",
                "pipeline.json",
                "--journal",
                "j"
            )
            #expect(run.status == 0 && run.error == "")
            let info = try await folder.cairn("info", "--journal", "j", "--format", "json")
            #expect((info.json as? [String: Any])?["last_position"] as? Int == 11)
            // By the built-in definition no request has ended.
            let past = try await terminal(asOf: "2025-12-25T10:01:30Z")
            #expect((past.json as? [Any])?.count == 1, "\(past.error)")
            #expect((try await terminal(asOf: "2025-12-25T10:05:00Z").json as? [Any])?.count == 2)
            let before = try await terminal(asOf: "2025-12-25T09:59:59Z")
            #expect(before.status == 65)
            #expect(before.error.contains("recorded at 2025-12-25T10:00:00Z"))
        }
    }

    @Test func `a pipeline is remembered also where no row is new`() async throws {
        let folder = try ScratchFolder()
        try folder.file("none.csv", Fixture.csv.split(separator: "\n")[0] + "\n")
        try folder.file("pipeline.json", Self.pipeline)
        try folder.file("broken.json", "{")
        let broken = try await folder.cairn(
            "import",
            "none.csv",
            "--pipeline",
            "broken.json",
            "--journal",
            "j"
        )
        #expect(broken.status == 65)
        #expect(try await folder.cairn("info", "--journal", "j").status == 66)
        let run = try await folder.cairn(
            "import",
            "none.csv",
            "--pipeline",
            "pipeline.json",
            "--journal",
            "j"
        )
        #expect(run.status == 0, "\(run.error)")
        let info = try await folder.cairn("info", "--journal", "j", "--format", "json")
        #expect((info.json as? [String: Any])?["last_position"] as? Int == 1)
    }

    @Test func `times that could not be kept are told`() async throws {
        let fixture = try await Fixture()
        let header = "tenant,pagw_id,stage,event_type,sequence_no,created_at\n"
        let row = "anthem,R-9,S,T,1,2025-12-24T10:00:00Z\n"
        try fixture.folder.file("older.csv", header + row)
        let run = try await fixture.cairn("import older.csv --order time --format json")
        #expect(run.status == 0)
        let summary = try #require(run.json as? [String: Any])
        #expect(summary["shifted_times"] as? Int == 1)
        #expect(run.error.contains("1 of 1 new events are not recorded as of their created_at"))
        #expect(run.error.split(separator: "\n").count == 1)
        let again = try await fixture.cairn("import older.csv --order time")
        #expect(again.error == "")
        #expect(!again.output.contains("shifted_times"))
    }

    @Test func `ids that rows do not tell get a column in CSV`() async throws {
        let folder = try ScratchFolder()
        let header = "tenant,pagw_id,stage,event_type,event_id,created_at\n"
        let time = "2025-12-25T10:00:00Z"
        try folder.file("rows.csv", header + "a,R-1,S,T,mine,\(time)\na,R-2,S,T,,\(time)\n")
        #expect(try await folder.cairn("import", "rows.csv", "--journal", "j").status == 0)
        let rows = try await folder.cairn("export", "--to", "csv", "--journal", "j")
        #expect(rows.error.contains("1 rows need an event_id"))
        #expect(rows.output.contains("metadata,event_id\n"))
        try folder.file("rows.csv", rows.output)
        let again = try await folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(again.output.contains("events      0\n"))
        let plain = try await folder.cairn(
            "export",
            "--to",
            "csv",
            "--request",
            "R-2",
            "--journal",
            "j"
        )
        #expect(plain.error == "" && !plain.output.contains("event_id"))
        let none = try await folder.cairn(
            "export",
            "--to",
            "csv",
            "--type",
            "U",
            "--journal",
            "j"
        )
        #expect(none.output.split(separator: "\n").count == 1)
    }

    @Test func `names that only look alike are told apart by export and find`() async throws {
        let folder = try ScratchFolder()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let header = "tenant,pagw_id,stage,event_type,sequence_no,created_at\n"
        let rows = [composed, decomposed].enumerated().map {
            "\($1),R-\($0),S,T,1,2025-12-25T10:00:00Z\n"
        }
        try folder.file("rows.csv", header + rows.joined())
        #expect(try await folder.cairn("import", "rows.csv", "--journal", "j").status == 0)
        let exported = try await folder.cairn("export", "--tenant", composed, "--journal", "j")
        #expect(exported.output.split(separator: "\n").count == 1)
        let found = try await folder.cairn(
            "find",
            "--tenant",
            composed,
            "--journal",
            "j",
            "--format",
            "json"
        )
        #expect((found.json as? [Any])?.count == 1)
    }
}
