import CairnTestSupport
import Foundation
import Testing

/// What the verbs of the touch log print, to the byte.
struct TouchVerbTests {
    static let expectations = [
        Expectation(
            command: "touches 7",
            output: """
                position  created_at                type              channel  event           destinations          info             uid
                       6  2026-02-02T09:59:50Z      send_attempt      email    weekly_summary  -                     -                utbl_6
                       7  2026-02-02T09:59:50.500Z  send_unreachable  -        -               -                     -                utbl_7
                       1  2026-02-02T10:00:00.500Z  send_attempt      sms      daily_reminder  -                     -                utbl_1
                       2  2026-02-02T10:00:01Z      send_reachable    -        -               +15550100, +15550101  -                utbl_2
                       3  2026-02-02T10:00:02Z      send_retry        -        -               +15550100             {"code": 30008}  utbl_3
                       4  2026-02-02T10:00:02.250Z  send_unretryable  -        -               +15550101             {"code":21211}   utbl_4
                       5  2026-02-02T10:01:02Z      send_success      -        -               +15550100             -                utbl_5

                """
        ),
        Expectation(
            command: "touches 7 --newest --limit 2 --after 1770026462.0@5",
            output: """
                position  created_at                type              destinations  info             uid
                       4  2026-02-02T10:00:02.250Z  send_unretryable  +15550101     {"code":21211}   utbl_4
                       3  2026-02-02T10:00:02Z      send_retry        +15550100     {"code": 30008}  utbl_3

                """
        ),
        Expectation(
            command: "touches 7 --limit 1 --format json",
            output: """
                {"user_id":"7","touches":[{"position":6,"recorded_at":"2026-02-02T10:00:06.000000Z","uid":"utbl_6","user_id":"7","event":{"type":"send_attempt","queued_at":1770026399,"channel":"email","event":"weekly_summary","event_parameters":{}},"created_at":1770026390}],"next":"1770026390.0@6","row_count":7,"removed_count":0,"dropped_count":0,"interrupted_runs":0}

                """
        ),
        Expectation(
            command: "touches 7 --after 1970026462.0@5",
            output: "no such touches\n"
        ),
        Expectation(
            command: "touch utbl_5",
            output: """
                2026-02-02T10:00:00.500Z  send_attempt  sms  daily_reminder  queued 2026-02-02T09:59:59Z  {"name": "Ada"}  utbl_1
                |- 2026-02-02T10:00:01Z  send_reachable  {"body":"Hello, Ada"}  to 2  utbl_2
                |- +15550100  delivered, 1 retry
                |  |- 2026-02-02T10:00:02Z  send_retry  {"code": 30008}  utbl_3
                |  `- 2026-02-02T10:01:02Z  send_success  utbl_5
                `- +15550101  unretryable
                   `- 2026-02-02T10:00:02.250Z  send_unretryable  {"code":21211}  utbl_4

                """
        ),
        Expectation(
            command: "touch utbl_6 --same-user",
            output: """
                2026-02-02T09:59:50Z  send_attempt  email  weekly_summary  queued 2026-02-02T09:59:59Z  utbl_6
                `- 2026-02-02T09:59:50.500Z  send_unreachable  utbl_7

                """
        ),
        Expectation(
            command: "touch utbl_gone",
            output: """
                the attempt utbl_gone is not in the log
                `- token  delivered
                   `- 2026-02-02T10:00:03Z  send_success  utbl_8  ! dangling_parent, unlisted_destination

                """
        ),
        Expectation(
            command: "touch utbl_7 --format json",
            output: """
                {"root":"utbl_6","verdict":"unreachable","attempt":{"position":6,"recorded_at":"2026-02-02T10:00:06.000000Z","uid":"utbl_6","user_id":"7","event":{"type":"send_attempt","queued_at":1770026399,"channel":"email","event":"weekly_summary","event_parameters":{}},"created_at":1770026390},"notices":[{"position":7,"recorded_at":"2026-02-02T10:00:07.000000Z","uid":"utbl_7","user_id":"7","event":{"type":"send_unreachable","parent":"utbl_6"},"created_at":1770026390.5}],"destinations":[],"anomalies":[],"removed_count":0}

                """
        ),
        Expectation(
            command: "touch utbl_8 --format json",
            output: """
                {"root":"utbl_gone","verdict":"reachable","attempt":null,"notices":[],"destinations":[{"destination":"token","status":"delivered","retry_count":0,"listed":false,"outcomes":[{"position":8,"recorded_at":"2026-02-02T10:00:08.000000Z","uid":"utbl_8","user_id":"8","event":{"type":"send_success","parent":"utbl_gone","destination":"token"},"created_at":1770026403}]}],"anomalies":[{"uid":"utbl_8","kind":"dangling_parent"},{"uid":"utbl_8","kind":"unlisted_destination"}],"removed_count":0}

                """
        ),
        Expectation(
            command: "touch utbl_1 --as-of 3",
            output: """
                2026-02-02T10:00:00.500Z  send_attempt  sms  daily_reminder  queued 2026-02-02T09:59:59Z  {"name": "Ada"}  utbl_1
                |- 2026-02-02T10:00:01Z  send_reachable  {"body":"Hello, Ada"}  to 2  utbl_2
                |- +15550100  retrying, 1 retry
                |  `- 2026-02-02T10:00:02Z  send_retry  {"code": 30008}  utbl_3
                `- +15550101  pending

                """
        ),
    ]

    @Test(arguments: expectations)
    func `a verb prints what it should and changes nothing`(_ expected: Expectation) async throws {
        let fixture = try await TouchFixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn(expected.command)
        #expect(run.output == expected.output)
        #expect(run.status == 0)
        #expect(try fixture.bytes() == before)
        let copied = try await fixture.cairn(expected.command + " --private-copy")
        #expect(copied.output == expected.output)
    }

    @Test func `what follows, and what is missing, is said beside the rows`() async throws {
        let fixture = try await TouchFixture(losesRows: true)
        let run = try await fixture.cairn("touches 7 --limit 2")
        #expect(
            run.error == """
                cairn: touches: 2 of 7 rows; go on with --after 1770026390.5@7
                cairn: touches: dropped by queues, of whatever user: 3 rows
                cairn: touches: ended without a word, and what they held may be missing: 1 run of queues

                """
        )
        let json = try await fixture.cairn("touches 8 --format json")
        #expect(json.output.hasSuffix(#""dropped_count":3,"interrupted_runs":1}"# + "\n"))
        #expect(json.error == "")
        let earlier = try await fixture.cairn("touches 8 --format json --as-of 8")
        #expect(earlier.output.hasSuffix(#""dropped_count":0,"interrupted_runs":0}"# + "\n"))
    }

    static let mistakes: [(command: String, status: Int32, error: String)] = [
        (
            "touch utbl_none", 66,
            "cairn: touch: no row of the touch log is utbl_none, or names it, in j at that moment\n"
        ),
        (
            "touch utbl_1 --as-of 99", 65,
            "cairn: touch: --as-of 99 is beyond the last position, 8\n"
        ),
        ("forget --user 7", 64, Self.refusal("forget")),
        ("truncate --before 2026-02-03T00:00:00Z", 64, Self.refusal("truncate")),
    ]

    private static func refusal(_ verb: String) -> String {
        "cairn: \(verb): it asks before it removes, and standard input is no terminal; give --yes\n"
    }

    @Test(arguments: mistakes)
    func `what cannot be done is said in a line`(
        command: String,
        status: Int32,
        error: String
    ) async throws {
        let fixture = try await TouchFixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn(command)
        #expect(run.status == status)
        #expect(run.error == error)
        #expect(run.output == "")
        #expect(try fixture.bytes() == before)
    }

    @Test func `options that make no sense are usage`() async throws {
        let fixture = try await TouchFixture()
        for line in [
            "touches", "touches 7 --after 7", "touches 7 --limit 0", "touch", "forget --yes",
            "truncate --yes", "truncate --before yesterday --yes", "forget --user 7 --by",
            "import --input postfix --tenant t x", "import --year 2020 x",
        ] {
            let run = try await fixture.cairn(line)
            #expect(run.status == 64, "\(line): \(run.error)")
            #expect(run.error.split(separator: "\n").count == 1)
        }
    }

    @Test func `a user is forgotten, and what comes later is there`() async throws {
        let fixture = try await TouchFixture()
        let run = try await fixture.cairn("forget --user 7 --yes --by ada --reason asked")
        #expect(run.output == "user_id        7\nremoved_count  7\n")
        #expect(run.error == "" && run.status == 0)
        let rows = try await fixture.cairn("touches 7")
        #expect(rows.output == "no such touches\n")
        #expect(rows.error == "cairn: touches: removed of user 7: 7 rows\n")
        let tree = try await fixture.cairn("touch utbl_5")
        #expect(tree.status == 66)
        #expect(tree.error == "cairn: touch: what belongs to utbl_5 in j was removed: 5 rows\n")
        // Before it happened, they are there.
        #expect(try await fixture.cairn("touch utbl_5 --as-of 8").status == 0)
        let before = try fixture.bytes()
        let again = try await fixture.cairn("forget --user 7 --format json")
        #expect(again.output == #"{"user_id":"7","removed_count":0}"# + "\n")
        let unknown = try await fixture.cairn("forget --user nobody --yes")
        #expect(unknown.status == 66 && unknown.output == "")
        #expect(unknown.error == "cairn: forget: the touch log of j has no row of user nobody\n")
        #expect(try fixture.bytes() == before)
        #expect(try await fixture.cairn("touches 8").output.contains("utbl_8"))
        #expect(try await fixture.cairn("verify").status == 0)
        let tail = try await fixture.cairn("tail -n 1 --format json")
        #expect(tail.output.contains(#""type":"removal.forgotten""#))
    }

    @Test func `the journal's end leaves out the touches that were removed`() async throws {
        let fixture = try await TouchFixture()
        #expect(try await fixture.cairn("tail").output.contains("send_retry"))
        let line = "truncate --before 2026-02-02T10:00:02.250Z --yes"
        #expect(try await fixture.cairn(line).status == 0)
        let truncated = try await fixture.cairn("tail -n 100 --format json")
        #expect(truncated.error == "cairn: tail: removed: 5 events in between\n")
        #expect(truncated.output.split(separator: "utbl_").count == 4)
        for uid in ["utbl_4", "utbl_5", "utbl_8"] {
            #expect(truncated.output.contains(#""\#(uid)""#), "\(uid)")
        }
        #expect(try await fixture.cairn("forget --user 7 --yes").status == 0)
        let forgotten = try await fixture.cairn("tail -n 100 --format json")
        #expect(forgotten.error == "cairn: tail: removed: 7 events in between\n")
        // The other user's row is there, and so are both removals, of which one names the user.
        #expect(forgotten.output.split(separator: "utbl_").count == 2)
        #expect(forgotten.output.split(separator: #""touch/7""#).count == 2)
        let row = try await fixture.cairn("tail -n 3")
        #expect(row.output.contains("touch/8") && row.output.contains("removal.truncated"))
        // As of a moment before, everything is there.
        let then = try await fixture.cairn("tail -n 100 --as-of 8 --format json")
        #expect(then.error == "" && then.output.split(separator: "utbl_").count == 9)
    }

    @Test func `old rows are truncated, whoever's they are`() async throws {
        let fixture = try await TouchFixture()
        let line = "truncate --before 2026-02-02T10:00:02.250Z --yes --format json"
        let run = try await fixture.cairn(line)
        #expect(
            run.output == """
                {"before":"2026-02-02T10:00:02.250000Z","removed_count":5}

                """
        )
        let tree = try await fixture.cairn("touch utbl_1")
        #expect(
            tree.output == """
                the attempt utbl_1 is not in the log
                |- +15550101  unretryable
                |  `- 2026-02-02T10:00:02.250Z  send_unretryable  {"code":21211}  utbl_4  ! dangling_parent, unlisted_destination
                `- +15550100  delivered
                   `- 2026-02-02T10:01:02Z  send_success  utbl_5  ! dangling_parent, unlisted_destination
                removed: 3 rows

                """
        )
        let before = try fixture.bytes()
        let again = try await fixture.cairn(line)
        #expect(again.output.contains(#""removed_count":0"#))
        #expect(try fixture.bytes() == before)
    }

    @Test func `at a terminal it asks, and takes only yes for yes`() async throws {
        let fixture = try await TouchFixture()
        let question =
            "cairn: remove 7 rows of user 7 from the touch log of j, for good? [y/N] "
        for answer in ["n\n", "\n", "yellow\n", "\u{4}"] {
            let before = try fixture.bytes()
            let run = try await fixture.cairn("forget --user 7", typing: answer)
            #expect(run.status == 130)
            #expect(run.error == question + "cairn: forget: nothing was removed\n")
            #expect(try fixture.bytes() == before)
        }
        let run = try await fixture.cairn("forget --user 7", typing: "Yes\n")
        #expect(run.status == 0)
        #expect(run.error == question)
        let truncation = try await fixture.cairn(
            "truncate --before 2027-01-01T00:00:00Z",
            typing: "y\n"
        )
        #expect(truncation.status == 0)
        #expect(
            truncation.error
                == "cairn: remove 1 row from before 2027-01-01T00:00:00Z from the touch log of j, "
                + "for good? [y/N] "
        )
    }

    @Test func `a mail log is imported, again without an effect, and read`() async throws {
        let folder = try ScratchFolder()
        let stamp = "2026-02-02T10:00:00.250000+00:00 mail postfix/"
        let log = [
            "\(stamp)cleanup[1]: A1B2C3: message-id=<m@x>",
            "\(stamp)qmgr[1]: A1B2C3: from=<s@x>, size=100, nrcpt=1 (queue active)",
            "\(stamp)smtp[1]: A1B2C3: to=<r@y>, relay=mx.y, delay=1, dsn=2.0.0, status=sent (ok)",
            "\(stamp)qmgr[1]: A1B2C3: removed",
        ]
        try folder.file("mail.log", log.joined(separator: "\n"))
        let arguments = ["import", "--input", "postfix", "mail.log", "--journal", "j"]
        let first = try await CairnProcess.run(arguments, in: folder.url)
        #expect(first.error == "")
        #expect(
            first.output.hasPrefix(
                """
                events       3
                duplicates   0
                bad_rows     0
                lines        4
                sent         1
                handed_over  0
                deferred     0
                bounced      0
                expired      0
                rejected     0
                notices      0
                seconds
                """
            )
        )
        let json = ["--format", "json"]
        let again = try await CairnProcess.run(arguments + json, in: folder.url)
        #expect(again.output.hasPrefix(#"{"events":0,"duplicates":3,"bad_rows":0,"#))
        let touches = try await folder.cairn("touches", "r@y", "--journal", "j")
        #expect(touches.output.split(separator: "\n").count == 4)
        #expect(touches.output.contains("send_success"))
        try folder.file("bad.log", "nonsense\n" + log.joined(separator: "\n"))
        let bad = try await folder.cairn(
            "import",
            "--input",
            "postfix",
            "bad.log",
            "--journal",
            "j"
        )
        #expect(bad.status == 65)
        #expect(
            bad.error == """
                cairn: import: bad.log, line 1: it is no line of such a log: no time stands at its \
                start; no new event is in the journal; mend the row and \
                run the same command again, or pass over such rows with --skip-bad

                """
        )
        let missing = try await folder.cairn(
            "import",
            "--input",
            "postfix",
            "none.log",
            "--journal",
            "j"
        )
        #expect(missing.status == 66)
    }
}
