import CairnTestSupport
import Foundation
import Testing

/// Rows of tables that are no requests, by `cairn import` and `cairn export`.
struct TableVerbTests {
    static let tables: [(name: String, text: String, counted: String)] = [
        (
            "system",
            """
            id,created_at,level,event_type,lead_id,payload
            1,2026-01-21 10:00:00+00,ERROR,whatsapp.send_failure,123,"{""to"": ""1234567890""}"
            2,2026-01-21 10:01:00+00,INFO,a.b,,

            """,
            "events      2\nduplicates  0\n"
        ),
        (
            "touch",
            """
            id,uid,user_id,event,created_at
            1,oseh_utbl_a,12,"{""type"": ""send_stale"", ""parent"": ""utbl_b""}",1735689600.25

            """,
            "events      1\nusers       1\nduplicates  0\n"
        ),
        (
            "prompt",
            """
            id,uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at
            1,ipe_a,1,join,{},0.0,1735689600.25
            2,ipe_b,1,leave,{},1.5,1735689601.75

            """,
            "events              2\nsessions            1\nownerless_sessions  1\nduplicates          0\n"
        ),
    ]

    @Test(arguments: tables.indices)
    func `a table goes in and comes out`(_ index: Int) async throws {
        let (name, text, counted) = Self.tables[index]
        let folder = try ScratchFolder()
        try folder.file("rows.csv", text)
        let run = try await folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.hasPrefix(counted), "\(run.output)")
        let rows = try await folder.cairn("export", "--as", name, "--to", "csv", "--journal", "j")
        #expect(rows.output == text)
        #expect(rows.error == "")
        let lines = try await folder.cairn("export", "--as", name, "--journal", "j")
        let copy = try await folder.cairn(
            "import",
            "-",
            "--as",
            name,
            "--journal",
            "k",
            input: Data(lines.output.utf8)
        )
        #expect(copy.status == 0, "\(copy.error)")
        let back = try await folder.cairn("export", "--as", name, "--to", "csv", "--journal", "k")
        #expect(back.output == text)
        // Standard input tells what it is, too, and nothing of it is lost by being looked at.
        let again = try await folder.cairn(
            "import",
            "-",
            "--journal",
            "k",
            "--format",
            "json",
            input: Data(lines.output.utf8)
        )
        #expect((again.json as? [String: Any])?["events"] as? Int == 0)
        #expect((again.json as? [String: Any])?["bad_rows"] as? Int == 0)
        let sql = try await folder.cairn("export", "--as", name, "--to", "sql", "--journal", "j")
        #expect(sql.output.contains("CREATE TABLE IF NOT EXISTS"))
        #expect(sql.output.hasSuffix("COMMIT;\n"))
    }

    @Test func `whose sessions are is said beside the rows`() async throws {
        let folder = try ScratchFolder()
        try folder.file("rows.csv", Self.tables[2].text)
        try folder.file("sessions.jsonl", "{\"session\":1,\"prompt\":7,\"user\":\"ada\"}\n")
        let bare = try await folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(bare.error.contains("give --sessions FILE"))
        let run = try await folder.cairn(
            "import",
            "rows.csv",
            "--sessions",
            "sessions.jsonl",
            "--journal",
            "j"
        )
        #expect(run.error == "")
        #expect(run.output.contains("ownerless_sessions  0\n"))
        let session = try await folder.cairn("session", "1", "--journal", "j")
        #expect(session.output.contains("ada"))
        let owners = try await folder.cairn(
            "export",
            "--as",
            "prompt",
            "--sessions",
            "--journal",
            "j"
        )
        #expect(owners.output == "{\"session\":1,\"prompt\":7,\"user\":\"ada\"}\n")
    }

    @Test func `whose references interactions have is said beside the rows`() async throws {
        let folder = try ScratchFolder()
        try folder.file(
            "rows.csv",
            """
            interaction_uuid,customer_id,channel,status,provider_reference,created_at
            u-1,7,SMS,SENT,r-1,2026-02-02 10:00:00+00
            u-2,7,PHONE,SENT,,2026-02-02 10:00:00+00

            """
        )
        let bare = try await folder.cairn("import", "rows.csv", "--journal", "j")
        #expect(bare.status == 0)
        #expect(bare.output.contains("unlinked_references  1\n"))
        #expect(bare.error.contains("no report finds 1 of 2 new interactions"))
        #expect(bare.error.contains("again with --provider NAME"))
        let linked = try await folder.cairn(
            "import",
            "rows.csv",
            "--provider",
            "twilio",
            "--journal",
            "j"
        )
        #expect(linked.error == "")
        #expect(linked.output.hasPrefix("events      0\n"))
        let export = try await folder.cairn("export", "--as", "interaction", "--journal", "j")
        let back = try await folder.cairn(
            "import",
            "-",
            "--journal",
            "j",
            "--format",
            "json",
            input: Data(export.output.utf8)
        )
        #expect((back.json as? [String: Any])?["events"] as? Int == 0)
        #expect((back.json as? [String: Any])?["duplicates"] as? Int == 2)
        #expect((back.json as? [String: Any])?["unlinked_references"] as? Int == 0)
    }

    @Test func `in the order of time a bad row leaves nothing behind`() async throws {
        let folder = try ScratchFolder()
        try folder.file("rows.csv", Self.tables[0].text + "3,x,INFO,a.b,,\n")
        let run = try await folder.cairn("import", "rows.csv", "--order", "time", "--journal", "j")
        #expect(run.status == 65)
        #expect(run.error.contains("no new event is in the journal"))
        #expect(try folder.names() == ["rows.csv"])
    }

    static let firstRefusals: [(arguments: String, status: Int32)] = [
        ("import rows.csv", 65), ("import rows.csv --order time", 65),
        ("import rows.csv --as touch", 65), ("import missing.csv", 66),
        ("import requests.csv", 65), ("import requests.csv --order time", 65),
        ("import requests.csv --pipeline missing.json", 66),
        ("import rows.csv --input edx", 65), ("import rows.csv --input timed-comments", 65),
        ("import prompts.csv", 65), ("import prompts.csv --sessions missing.csv", 66),
    ]

    @Test(arguments: firstRefusals)
    func `an import refused before its first event leaves no journal, and takes none away`(
        arguments: String,
        status: Int32
    ) async throws {
        let folder = try ScratchFolder()
        let bad = "1,2026-01-21 10:00:00+00,FATAL,a.b,,\n"
        try folder.file("rows.csv", "id,created_at,level,event_type,lead_id,payload\n" + bad)
        try folder.file(
            "requests.csv",
            "tenant,pagw_id,stage,event_type,status,attempt,created_at\na,R,P,P_START,STARTED,x,y\n"
        )
        try folder.file(
            "prompts.csv",
            "uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at\n"
                + "ipe_a,1,leap,{},0,1\n"
        )
        try folder.file("empty.csv", "id,created_at,level,event_type,lead_id,payload\n")
        let names = try folder.names().sorted()
        let words = arguments.split(separator: " ").map(String.init)
        let run = try await CairnProcess.run(words + ["--journal", "j"], in: folder.url)
        #expect(run.status == status, "\(run.error)")
        #expect(try folder.names().sorted() == names)
        let stuck = try await folder.cairn("stuck", "--check", "--journal", "j")
        #expect(stuck.status == 66)
        // Rows that are none make a journal without events, which then stays.
        #expect(try await folder.cairn("import", "empty.csv", "--journal", "j").status == 0)
        let again = try await CairnProcess.run(words + ["--journal", "j"], in: folder.url)
        #expect(again.status == status && again.output == "")
        let info = try await folder.cairn("info", "--format", "json", "--journal", "j")
        #expect(info.output.hasPrefix("{\"events\":0,"))
    }

    static let refusals: [(arguments: String, status: Int32, clue: String)] = [
        ("import rows.csv --tenant a", 64, "not about rows of system_events"),
        ("import rows.csv --prefix a", 64, "not about rows of system_events"),
        ("import rows.csv --pipeline p.json", 64, "not about rows of system_events"),
        ("import rows.csv --sessions s.csv", 64, "--sessions goes with"),
        ("import rows.csv --provider p", 64, "--provider goes with"),
        ("import rows.csv --as touch --provider p", 64, "--provider goes with"),
        ("import rows.csv --input edx --provider p", 64, "not about --input edx"),
        ("import rows.csv other.csv", 64, "give them apart"),
        ("import rows.csv --as nothing", 64, "must be one of touch, interaction, pipeline"),
        ("import rows.csv --as touch", 65, "has no column 'level'"),
        ("import rows.csv --as touch --input xes", 64, "come as jsonl or csv"),
        ("import unknown.csv", 65, "(id, uid, created_at) do not tell whose table it is"),
        ("import rows.csv --input edx --as prompt", 64, "not about --input edx"),
        ("import rows.csv --input edx --prefix x", 64, "--prefix goes with"),
        ("import rows.csv --input timed-comments --order time", 64, "--order"),
        ("import rows.csv --input timed-comments --tenant a", 64, "--tenant"),
        ("export --as touch --request R", 64, "not about rows of user_touch_debug_log"),
        ("export --as system --where x", 64, "not about rows of system_events"),
        ("export --as touch --sessions", 64, "--sessions goes with"),
    ]

    @Test(arguments: refusals.indices)
    func `what means nothing is refused in one line`(_ index: Int) async throws {
        let (line, status, clue) = Self.refusals[index]
        let folder = try ScratchFolder()
        try folder.file("rows.csv", Self.tables[0].text)
        try folder.file("other.csv", Self.tables[1].text)
        try folder.file("unknown.csv", "id,uid,created_at\n1,2,3\n")
        try folder.file("p.json", "{}")
        try folder.file("s.csv", "session,prompt,user\n")
        let arguments = line.split(separator: " ").map(String.init) + ["--journal", "j"]
        let run = try await CairnProcess.run(arguments, in: folder.url)
        #expect(run.status == status, "\(run.error)")
        #expect(run.error.contains(clue), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(run.output == "")
    }

    @Test func `a pipe is looked at and nothing of it is lost`() async throws {
        let folder = try ScratchFolder()
        for (verb, count) in [("import", "\"events\":2,"), ("lint", "\"rows\":2,")] {
            var arguments = [verb, "/dev/stdin", "--format", "json"]
            if verb == "import" { arguments += ["--journal", "j"] }
            var command = try CairnProcess.command(arguments, in: folder.url)
            let pipe = Pipe()
            command.input = .descriptor(pipe.fileHandleForReading.fileDescriptor)
            command.output = .file(folder.path("output"))
            let process = try await command.start()
            try pipe.fileHandleForReading.close()
            try pipe.fileHandleForWriting.write(contentsOf: Data(Self.tables[0].text.utf8))
            try pipe.fileHandleForWriting.close()
            #expect(try await process.end() == .exit(0), "\(verb)")
            #expect(try folder.text("output").contains(count))
        }
    }

    @Test func `logs of participants hear Ctrl-C and keep what they committed`() async throws {
        let folder = try ScratchFolder()
        var command = try CairnProcess.command(
            ["import", "-", "--input", "timed-comments", "--prefix", "v", "--journal", "j"],
            in: folder.url
        )
        let pipe = Pipe()
        command.input = .descriptor(pipe.fileHandleForReading.fileDescriptor)
        command.error = .file(folder.path("error"))
        let process = try await command.start()
        try pipe.fileHandleForReading.close()
        let comment = #"{"id":1,"vpos":150,"content":"www","date":1300000000},"#
        let text = "[" + String(repeating: comment, count: 10_000)
        // More than a pipe holds: once it is written, the import is reading.
        try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        process.send(SIGINT)
        try pipe.fileHandleForWriting.close()
        #expect(try await process.end() == .exit(130))
        #expect(try folder.text("error").contains("interrupted"))
        #expect(try await folder.cairn("verify", "--journal", "j").status == 0)
    }
}

/// What `cairn lint` prints, and how it ends.
struct LintVerbTests {
    private static let clean = "id,created_at,level,event_type\n1,2026-01-21T10:00:00Z,INFO,a.b\n"

    @Test func `a clean table ends with 0, findings with 1`() async throws {
        let folder = try ScratchFolder()
        try folder.file("clean.csv", Self.clean)
        let clean = try await folder.cairn("lint", "clean.csv")
        #expect(clean.status == 0)
        #expect(clean.output == "1 row of system_events: nothing is wrong\n")
        try folder.file("rows.csv", Self.clean + "1,2026-01-21T10:00:00Z,INFO,Name\n2,x,INFO,a.b\n")
        let run = try await folder.cairn("lint", "rows.csv")
        #expect(run.status == 1)
        #expect(run.error == "")
        #expect(
            run.output == """
                3 rows of system_events

                finding        count  where             what
                bad_row            1  rows.csv, line 4  created_at 'x' is not a time such as 2025-12-25T10:00:00.123Z
                duplicate_key      1  rows.csv, line 3  id '1'
                bad_name           1  rows.csv, line 3  'Name' is no event type: it has one part; two or three with dots between them are needed

                """
        )
        let document = try await folder.cairn("lint", "rows.csv", "clean.csv", "--format", "json")
        #expect(document.status == 1)
        #expect(
            document.output.hasPrefix(
                #"{"table":"system_events","rows":4,"findings":[{"finding":"bad_row","count":1,"#
                    + #""examples":[{"file":"rows.csv","line":4,"where":"line 4","what":"created_at"#
            )
        )
        let found = (document.json as? [String: Any])?["findings"] as? [[String: Any]]
        #expect(found?.map { $0["count"] as? Int } == [1, 2, 1])
        #expect(try folder.names().sorted() == ["clean.csv", "rows.csv"])
    }

    @Test(
        arguments: [
            ("lint none.csv", 66, "check the path"), ("lint a.csv --as touch", 65, "no column"),
            ("lint a.csv --tenant x", 64, "are about requests"),
            ("lint a.csv --input edx", 64, "must be one of auto, jsonl"), ("lint", 64, "Missing"),
            ("lint b.csv", 65, "do not tell whose table it is"),
        ] as [(String, Int32, String)]
    )
    func `what cannot be read is said in one line`(
        line: String,
        status: Int32,
        clue: String
    ) async throws {
        let folder = try ScratchFolder()
        try folder.file("a.csv", Self.clean)
        try folder.file("b.csv", "a,b\n")
        let arguments = line.split(separator: " ").map(String.init)
        let run = try await CairnProcess.run(arguments, in: folder.url)
        #expect(run.status == status, "\(run.error)")
        #expect(run.error.contains(clue), "\(run.error)")
        #expect(run.output == "")
    }
}
