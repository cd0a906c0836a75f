import CairnTestSupport
import Foundation
import Testing

/// `cairn diff`, from its arguments to its exit code.
struct DiffVerbTests {
    @Test func `two moments have the events between and the fields that changed`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("diff R-3 7 8")
        #expect(run.status == 0 && run.error.isEmpty)
        #expect(
            run.output.hasPrefix(
                """
                pagw_id        R-3
                from_position  7
                to_position    8
                event_count    1

                position  sequence_no  stage    event_type  status  attempt  error_code   created_at
                       8            3  PARSING  PARSE_FAIL  FAILED        1  API_TIMEOUT  \
                2025-12-25T10:03:31Z

                path
                """
            ),
            "\(run.output)"
        )
        #expect(run.output.contains("\nstatus                            STARTED "))
        #expect(!run.output.contains("\ntenant "))
        #expect(try await fixture.cairn("diff R-3 7 8 --all").output.contains("\ntenant "))
        #expect(try fixture.bytes() == before)
    }

    @Test func `moments are positions, times or the end`() async throws {
        let fixture = try await Fixture()
        let byTime = try await fixture.cairn(
            "diff R-3 2025-12-25T10:02:01Z 2025-12-25T10:04:00Z"
        )
        #expect(byTime.output == (try await fixture.cairn("diff R-3 7 8").output))
        let toEnd = try await fixture.cairn("diff R-3 7 end --format json")
        let result = try #require(toEnd.json as? [String: Any])
        #expect(result["to_position"] as? Int == 10)
        #expect((result["events"] as? [[String: Any]])?.count == 1)
        let asOf = try await fixture.cairn("diff R-3 1 end --as-of 7 --format json")
        let earlier = try #require(asOf.json as? [String: Any])
        #expect(earlier["to_position"] as? Int == 7)
        #expect(earlier["seen_before"] as? Bool == false)
        let fields = (earlier["differences"] as? [[String: Any]])?.compactMap {
            $0["path"] as? String
        }
        #expect(fields?.contains("stages.PARSING.status") == true)
        #expect(fields?.contains("error_code") == false)
    }

    @Test func `two requests have the first events by which they part`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("diff R-1 R-3 --events")
        #expect(
            run.output.hasPrefix(
                """
                pagw_id             R-1
                other_pagw_id       R-3
                event_count         3
                other_event_count   3
                common_count        2
                common_start_count  2
                parted              yes

                pagw_id  position  sequence_no  stage    event_type  status     attempt  error_code   \
                created_at
                R-1             3            3  PARSING  PARSE_OK    COMPLETED        1  -            \
                2025-12-25T10:00:00.495Z
                R-3             8            3  PARSING  PARSE_FAIL  FAILED           1  API_TIMEOUT  \
                2025-12-25T10:03:31Z

                position  event                                     is  \
                other_event                               other_position
                       1  ORCHESTRATION REQUEST_RECEIVED COMPLETED  =   \
                ORCHESTRATION REQUEST_RECEIVED COMPLETED               6
                       2  PARSING PARSE_START STARTED               =   \
                PARSING PARSE_START STARTED                            7
                       3  PARSING PARSE_OK COMPLETED                <   \
                -                                                      -
                       -  -                                         >   \
                PARSING PARSE_FAIL FAILED                              8

                path
                """
            ),
            "\(run.output)"
        )
        #expect(!run.output.contains("created_at  2025"))
        let result = try await fixture.cairn("diff R-1 R-3 --format json")
        let object = try #require(result.json as? [String: Any])
        #expect(
            Set(object.keys) == [
                "pagw_id", "other_pagw_id", "event_count", "other_event_count", "common_count",
                "common_start_count", "parted", "event", "other_event", "alignment",
                "differences",
            ]
        )
    }

    @Test func `with check a difference is a finding`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("diff R-3 7 8 --check").status == 1)
        #expect(try await fixture.cairn("diff R-3 8 10 --check").status == 0)
        #expect(try await fixture.cairn("diff R-1 R-3 --check").status == 1)
        #expect(try await fixture.cairn("diff R-3 R-3 --check").status == 0)
    }

    @Test func `mistakes say what is wrong`() async throws {
        let fixture = try await Fixture()
        let cases: [(String, Int32, String)] = [
            ("diff R-3", 64, "give a name and two moments, or two names"),
            ("diff R-3 8 7", 64, "the second moment, 7, is before the first, 8"),
            ("diff R-3 7 99", 65, "the moment 99 is beyond the last position, 10"),
            ("diff R-3 7 soon", 64, "must be moments"),
            ("diff R-3 R-9", 66, "no event of request R-9 is in j"),
            ("diff R-9 1 2", 66, "no event of request R-9 is in j"),
            ("diff R-3 7 end --events", 64, "between two moments all events are listed"),
        ]
        for (line, status, text) in cases {
            let run = try await fixture.cairn(line)
            #expect(run.status == status, "\(line): \(run.error)")
            #expect(
                run.error.hasPrefix("cairn: diff: ") && run.error.contains(text),
                "\(run.error)"
            )
            #expect(run.output.isEmpty)
        }
    }

    @Test func `what was forgotten is not shown`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("forget --request R-3 --yes").status == 0)
        let two = try await fixture.cairn("diff R-1 R-3")
        #expect(two.status == 66 && two.error.contains("request R-3 was removed at"))
        let moments = try await fixture.cairn("diff R-3 8 end --format json")
        #expect(moments.error == "cairn: diff: removed of request R-3: 3 events\n")
        let result = try #require(moments.json as? [String: Any])
        #expect(result["seen_after"] as? Bool == false)
        #expect((result["events"] as? [[String: Any]])?.count == 1)
    }

    @Test func `items and jobs are compared, too`() async throws {
        let fixture = try await ItemFixture()
        let folder = fixture.folder
        let run = try await folder.cairn(
            "diff",
            "k-1",
            "4",
            "end",
            "--of",
            "items",
            "--journal",
            "j"
        )
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.contains("twilio reports delivered on attempt 1: delivered"))
        #expect(run.output.contains("status "))
        let two = try await folder.cairn("diff", "k-1", "k-3", "--of", "items", "--journal", "j")
        #expect(two.output.contains("common_start_count     1\n"), "\(two.output)\(two.error)")
        let job = try await folder.cairn(
            "diff",
            "newsletter",
            "1",
            "end",
            "--of",
            "jobs",
            "--journal",
            "j"
        )
        #expect(job.output.contains("paused_by "), "\(job.output)\(job.error)")
        #expect(job.output.contains("ada"))
    }
}
