import Cairn
import CairnTestSupport
import Foundation
import Testing

/// Requests and sessions out of sight, by the tool.
struct ForgetVerbTests {
    @Test func `a request is forgotten, and every list says what it leaves out`() async throws {
        let fixture = try await Fixture()
        let now = "--now 2025-12-25T11:00:00Z"
        let run = try await fixture.cairn("forget --request R-3 --yes --by ada --reason asked")
        #expect(run.output == "pagw_id        R-3\nremoved_count  3\n")
        #expect(run.error == "")
        let note = "removed, of whatever tenant: 1 request with 3 events\n"
        for (line, gone) in [
            ("requests", "R-3"), ("stuck \(now)", "R-3"), ("retries \(now)", "R-3"),
            ("retries --open \(now)", "R-3"), ("find", "R-3"), ("stats \(now)", "PARSE_FAIL"),
            ("summary \(now)", "PARSE_FAIL"), ("slowest \(now)", "PARSE_FAIL"),
        ] {
            let shown = try await fixture.cairn(line)
            #expect(!shown.output.contains(gone), "\(line)")
            let verb = line.prefix { $0 != " " }
            #expect(shown.error == "cairn: \(verb): \(note)", "\(line)")
            #expect(shown.status == 0)
            let before = try await fixture.cairn("\(line) --as-of 10")
            #expect(before.error == "" || line.hasPrefix("slowest"), "\(line)")
        }
        for verb in ["timeline", "state"] {
            let shown = try await fixture.cairn("\(verb) R-3")
            #expect(shown.status == 66 && shown.output == "")
            #expect(shown.error.hasPrefix("cairn: \(verb): request R-3 was removed at "))
            #expect(shown.error.hasSuffix(", with 3 events\n"))
            #expect(try await fixture.cairn("\(verb) R-3 --as-of 10").status == 0)
        }
        let export = try await fixture.cairn("export")
        #expect(!export.output.contains("R-3"))
        #expect(export.error == "cairn: export: 3 removed events are not in the export\n")
        let tail = try await fixture.cairn("tail -n 100")
        #expect(!tail.output.contains("pod-1") && !tail.output.contains("API_TIMEOUT"))
        #expect(tail.output.contains("removal.forgotten"))
        #expect(tail.error == "cairn: tail: removed: 3 events in between\n")
        let again = try await fixture.cairn("forget --request R-3 --yes --format json")
        #expect(again.output == #"{"pagw_id":"R-3","removed_count":0}"# + "\n")
        #expect(try await fixture.cairn("verify").status == 0)
        #expect(try await fixture.cairn("index").status == 0)
        let summary = try await fixture.cairn("summary \(now)")
        #expect(!summary.output.contains("PARSE_FAIL"))
    }

    @Test func `a session is forgotten, and its prompt says how many`() async throws {
        let story = try await SessionVerbTests.Story()
        let run = try await story.cairn("forget --session s-1 --yes --format json")
        #expect(run.output == #"{"session":"s-1","removed_count":4}"# + "\n")
        let shown = try await story.cairn("session s-1")
        #expect(shown.status == 66 && shown.output == "")
        #expect(shown.error.hasPrefix("cairn: session: session s-1 was removed at "))
        #expect(shown.error.hasSuffix(", with 4 events\n"))
        #expect(try await story.cairn("session s-1 --as-of 7").status == 0)
        let prompt = try await story.cairn("prompt breathe --format json")
        #expect(
            prompt.output == """
                {"prompt":"breathe","at":null,"participants":0,"pressing":0,"likes":0,\
                "answers":[],"removed_sessions":1}

                """
        )
        let counts = try await story.cairn("prompt breathe --counts -9..9 --format json")
        #expect(counts.output == "[]\n")
        let early = try await story.cairn("prompt breathe --at -50 --format json")
        #expect(early.status == 0 && early.output.contains(#""at":-50,"#))
        #expect(counts.error == "cairn: prompt: removed: 1 session\n")
        let then = try await story.cairn("prompt breathe --as-of 7 --format json")
        #expect(then.output.contains(#""likes":1"#))
        #expect(then.output.hasSuffix(#""removed_sessions":0}"# + "\n"))
        let bound = try await story.cairn("prompt breathe --as-of 11 --format json")
        #expect(bound.output == prompt.output)
        #expect(try await story.cairn("streak ann").status == 66)
        let again = try await story.cairn("forget --session s-1 --yes")
        #expect(again.output == "session        s-1\nremoved_count  0\n")
        #expect(try await story.cairn("prompt nobody").status == 66)
    }

    static let mistakes: [(command: String, status: Int32)] = [
        ("forget --request R-1", 64), ("forget --request R-1 --user 7 --yes", 64),
        ("forget --session --yes", 64), ("forget --yes", 64),
        ("forget --request R-9 --yes", 66), ("forget --session s-9 --yes", 66),
        ("prompt p --sample 3", 64), ("prompt p --play 3..2", 64),
        ("prompt p --play 0..1 --at 3", 64), ("prompt p --play 0..1 --as-of 3", 66),
        ("prompt p --play 0..1 --sample 0", 64), ("prompt p --play 0..1", 66),
        ("streak", 64), ("streak ann --time-zone Europe/Nowhere", 64), ("streak ann", 66),
        ("streak ann --as-of 99", 65),
    ]

    @Test(arguments: mistakes)
    func `what cannot be done is said in a line`(command: String, status: Int32) async throws {
        let fixture = try await Fixture()
        let before = try fixture.folder.data("j/data.mdb")
        let run = try await fixture.cairn(command)
        #expect(run.status == status, "\(run.error)")
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)")
        #expect(run.output == "")
        #expect(try fixture.folder.data("j/data.mdb") == before)
    }

    @Test func `what a viewer sees is played, or a sample of it`() async throws {
        let story = try await SessionVerbTests.Story()
        let before = try story.folder.data("j/data.mdb")
        let all = try await story.cairn("prompt breathe --play -1.5..2.5")
        #expect(
            all.output == """
                prompt_time  uid    evtype                 data         created_at
                       -1.5  ipe_a  join                   {}           2026-01-21T10:00:00Z
                        2.5  ipe_b  color_prompt_response  {"index":3}  2026-01-21T10:00:04Z
                        2.5  ipe_c  like                   {}           2026-01-21T10:00:04Z

                """
        )
        #expect(all.error == "" && all.status == 0)
        let one = try await story.cairn("prompt breathe --play 0..10 --sample 1 --format json")
        #expect(one.output.split(separator: "prompt_time").count == 3)
        #expect(one.error == "cairn: prompt: left out of the sample: 1 event\n")
        let none = try await story.cairn("prompt breathe --play 3..4")
        #expect(none.output == "nothing happens in that time\n")
        #expect(try story.folder.data("j/data.mdb") == before)
    }

    @Test func `a streak counts days in a time zone`() async throws {
        let story = try await SessionVerbTests.Story()
        let run = try await story.cairn(
            "streak ann --time-zone Pacific/Auckland --now 2026-01-22T12:00:00Z"
        )
        #expect(
            run.output == """
                user            ann
                time_zone       Pacific/Auckland
                today           2026-01-23
                current_streak  0
                longest_streak  1
                day_count       1
                days            2026-01-21

                """
        )
        let json = try await story.cairn("streak ann --now 2026-01-22T00:00:00Z --format json")
        #expect(
            json.output == """
                {"user":"ann","time_zone":"UTC","today":"2026-01-22","current_streak":1,\
                "longest_streak":1,"day_count":1,"days":["2026-01-21"]}

                """
        )
        #expect(json.status == 0 && json.error == "")
    }
}
