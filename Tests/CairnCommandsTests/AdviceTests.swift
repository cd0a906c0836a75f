import CairnTestSupport
import Foundation
import Testing

/// What the tool says where something is not as it should be, and what it does not do then.
struct AdviceTests {
    private static let prompts = [
        "1,ipe_a,1,join,{},-3.5,1735689600.5", "2,ipe_b,1,like,{},1,1735689605",
        "3,ipe_c,1,leave,{},8,1735689612",
    ]

    private func promptFolder() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        let header = "id,uid,interactive_prompt_session_id,evtype,data,prompt_time,created_at\n"
        try folder.file("newest.csv", header + Self.prompts.reversed().joined(separator: "\n"))
        try folder.file("s.csv", "session,prompt,user\n1,p,ada\n")
        return folder
    }

    private func run(_ line: String, in folder: ScratchFolder) async throws -> CairnProcess {
        let arguments = line.split(separator: " ").map(String.init)
        return try await CairnProcess.run(arguments, in: folder.url)
    }

    @Test func `prompt events that are listed newest first count as they happened`() async throws {
        let folder = try promptFolder()
        let line = "import newest.csv --sessions s.csv --journal"
        let sorted = try await run("\(line) j", in: folder)
        #expect(sorted.status == 0 && sorted.error == "", "\(sorted.error)")
        #expect(sorted.output.contains("anomalies           0\n"), "\(sorted.output)")
        let totals = try await run("prompt p --at 5 --journal j --format json", in: folder)
        #expect(totals.output.contains(#""participants":1,"pressing":0,"likes":1"#))
        let listed = try await run("\(line) k --order file", in: folder)
        #expect(listed.status == 0)
        #expect(
            listed.error == """
                cairn: import: 2 of 3 new events stand behind the leave event of their session and \
                count in no total: 'cairn events --type prompt_session.event_ignored' names them; \
                import with --order time into a new journal

                """
        )
        let told = try await run(
            "events --type prompt_session.event_ignored --level WARN --journal k --format json",
            in: folder
        )
        #expect(told.output.contains(#""evtype":"join","prompt_time":-3.5,"left_at":8.0}"#))
    }

    @Test func `a session that was removed is not asked after`() async throws {
        let folder = try promptFolder()
        let line = "import newest.csv --sessions s.csv --journal j"
        _ = try await run(line, in: folder)
        #expect(try await run("forget --session 1 --yes --journal j", in: folder).status == 0)
        let again = try await run(line, in: folder)
        #expect(again.error == "" && again.status == 0)
        #expect(again.output.contains("ownerless_sessions  0\n"))
    }

    @Test func `a log that stops says how much of it is there`() async throws {
        let folder = try ScratchFolder()
        let comment = #"{"id":1,"vpos":150,"content":"www","date":1300000000}"#
        try folder.file("v.json", "[\(comment)]")
        try folder.file("w.json", "[\(comment),{bad}]")
        let run = try await run(
            "import --input timed-comments v.json w.json --journal j",
            in: folder
        )
        #expect(run.status == 65)
        #expect(run.error.contains("what comes before it is in the journal (new events: 4)"))
        #expect(run.error.contains("pass over such rows with --skip-bad"))
    }

    @Test func `a mail log that stops says what waits for the rest of it`() async throws {
        let folder = try ScratchFolder()
        let stamp = "2026-02-02T10:00:00.250000+00:00 mail postfix/"
        let lines = [
            "\(stamp)cleanup[1]: A1B2C3: message-id=<m@x>",
            "\(stamp)qmgr[1]: A1B2C3: from=<s@x>, size=100, nrcpt=1 (queue active)", "garbage", "",
        ]
        try folder.file("mail.log", lines.joined(separator: "\n"))
        let run = try await run("import --input postfix mail.log --journal j", in: folder)
        #expect(run.status == 65)
        #expect(
            run.error.contains(
                "no new event is in the journal; messages that began in the 10 seconds before it "
                    + "wait for the rest of the log; mend the row"
            ),
            "\(run.error)"
        )
    }

    @Test(arguments: [
        ("junk", "timed-comments"), (#"[{"id":1"#, "timed-comments"), (#"{"events":["#, "temporal"),
        ("", "edx"), ("", "postfix"), ("", "timed-comments"),
    ])
    func `a file that is no document is to be mended as a whole`(
        text: String,
        input: String
    ) async throws {
        let folder = try ScratchFolder()
        try folder.file("f", text)
        for option in ["", " --skip-bad"] {
            let run = try await run("import f --input \(input)\(option) --journal j", in: folder)
            #expect(run.status == 65, "\(run.error)")
            #expect(run.error.contains("mend the file"), "\(run.error)")
            #expect(!run.error.contains("--skip-bad"), "\(run.error)")
        }
    }

    @Test func `a document of no table is told by its first names`() async throws {
        let folder = try ScratchFolder()
        let names = (0..<22).map { "\($0)" + String(repeating: "k", count: 80) }
        let members = names.map { "\"\($0)\":1" }.joined(separator: ",")
        try folder.file("f", "{\(members)}\n")
        let run = try await run("import f --journal j", in: folder)
        #expect(run.status == 65)
        #expect(run.error.contains("its columns (0\(String(repeating: "k", count: 39))..., 1k"))
        #expect(run.error.contains("7\(String(repeating: "k", count: 39))..., ...) do not tell"))
        #expect(!run.error.contains("8kk"))
    }

    @Test(arguments: [
        ("export --request R-9 --journal j", "no event of request R-9 is in j"),
        ("export --request R-9 --to csv --journal j", "no event of request R-9 is in j"),
        ("touches nobody --journal j", "the touch log of j has no row of user nobody"),
        ("touches nobody --format json --journal j", "has no row of user nobody"),
        ("salvage rescued --journal rows.csv", "rows.csv is not a journal: it is a file"),
        ("salvage rescued --journal none", "none"),
    ])
    func `what is not there ends with 66, and nothing is made`(
        line: String,
        clue: String
    ) async throws {
        let fixture = try await Fixture()
        let before = try fixture.folder.names().sorted()
        let run = try await run(line, in: fixture.folder)
        #expect(run.status == 66, "\(run.error)")
        #expect(run.output == "")
        #expect(run.error.contains(clue), "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1)
        #expect(try fixture.folder.names().sorted() == before)
    }

    @Test(arguments: [["prompt", ""], ["import", "rows.csv", "--provider", ""], ["touches", ""]])
    func `a name of nothing is none`(arguments: [String]) async throws {
        let fixture = try await Fixture()
        let run = try await CairnProcess.run(
            arguments + ["--journal", "j"],
            in: fixture.folder.url
        )
        #expect(run.status == 64)
        #expect(run.error.contains("it is empty"), "\(run.error)")
    }

    @Test func `a file where the tables belong is to be moved away`() async throws {
        let fixture = try await Fixture()
        try fixture.folder.file("j/projections", "x")
        let run = try await fixture.cairn("index")
        #expect(run.status == 66)
        #expect(run.error.contains("move j/projections away: the tables belong there"))
        #expect(try fixture.folder.text("j/projections") == "x")
    }

    @Test(arguments: ["timeline ", "nosuch", "stuck --tenant t --format "])
    func `a name of any length leaves the line readable`(line: String) async throws {
        let long = String(repeating: "x", count: 100_000)
        let run = try await Fixture().cairn(line + long)
        #expect(run.status == 64 || run.status == 66)
        #expect(run.error.hasPrefix("cairn: ") && run.error.utf8.count < 1_200)
        #expect(run.error.contains("xxx...") && run.error.hasSuffix("\n"))
    }

    @Test func `a negative number is a value and no option`() async throws {
        let folder = try promptFolder()
        _ = try await run("import newest.csv --journal j", in: folder)
        let events = try await run("events --lead-id -4 --journal j", in: folder)
        #expect(events.status == 0 && events.output == "no such system events\n")
        let limit = try await run("requests --limit -1 --journal j", in: folder)
        #expect(limit.status == 64)
        #expect(!limit.error.contains("Missing value"), "\(limit.error)")
    }

    @Test func `an owner that contradicts the journal is told at its own row`() async throws {
        let folder = try promptFolder()
        try folder.file("t.csv", "session,prompt,user\n2,p,bob\n1,p,eve\n")
        _ = try await run("import newest.csv --sessions s.csv --journal j", in: folder)
        let run = try await run("import newest.csv --sessions t.csv --journal j", in: folder)
        #expect(run.status == 65)
        #expect(run.error.contains("now another owner is given (t.csv, line 3)"), "\(run.error)")
    }

    @Test func `the data file of a journal alone is salvaged`() async throws {
        let fixture = try await Fixture()
        let run = try await run("salvage rescued --journal j/data.mdb", in: fixture.folder)
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("events                10\n"))
    }

    @Test(arguments: [
        ("anomalies.reopend > 0", "at character 11: anomalies has no part 'reopend'"),
        ("stages.PARSING.statuss == FAILED", "at character 16: stages.PARSING has no part"),
    ])
    func `a part of a state that does not exist is no silence`(
        predicate: String,
        clue: String
    ) async throws {
        let run = try await Fixture().cairn(["requests", "--where", predicate])
        #expect(run.status == 64)
        #expect(run.output == "")
        #expect(run.error.contains(clue), "\(run.error)")
    }

    @Test func `tail names requests, and streams that are none apart`() async throws {
        let folder = try promptFolder()
        try folder.file("rows.csv", Fixture.csv)
        _ = try await run("import rows.csv --order time --journal j", in: folder)
        _ = try await run("import newest.csv --journal j", in: folder)
        _ = try await run("forget --request R-1 --yes --journal j", in: folder)
        let tail = try await run("tail -n 100 --format json --journal j", in: folder)
        let rows = try #require(tail.json as? [[String: Any]])
        #expect(rows.count > 7)
        for row in rows {
            let stream = try #require(row["stream"] as? String)
            let request = stream.hasPrefix("pipeline/") ? String(stream.dropFirst(9)) : nil
            #expect(row["pagw_id"] as? String == request, "\(stream)")
        }
        #expect(rows.contains { $0["pagw_id"] as? String == "R-1" })
        let text = try await run("tail --journal j", in: folder)
        #expect(text.output.contains("session/1"))
    }

    @Test func `an id of a system event is that of its row`() async throws {
        let folder = try ScratchFolder()
        try folder.file(
            "rows.csv",
            """
            id,created_at,level,event_type,event_id
            2,2026-01-21T10:00:00Z,INFO,a.b,
            ,2026-01-21T10:00:00Z,INFO,a.b,mine

            """
        )
        _ = try await run("import rows.csv --journal j", in: folder)
        let events = try await run("events --format json --journal j", in: folder)
        let rows = try #require(events.json as? [[String: Any]])
        #expect(rows.map { $0["id"] as? Int } == [nil, 2])
    }
}
