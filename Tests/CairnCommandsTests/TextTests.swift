import CairnTestSupport
import Testing

/// What people see: each verb on the ten rows of the fixture, checked by hand.
struct TextTests {
    static let expectations = [
        Expectation(
            command: "timeline R-4",
            output: """
                position  sequence_no  stage    event_type   status     attempt  duration  metadata              created_at                anomalies
                       9            1  PARSING  PARSE_START  STARTED          1         -  -                     2025-12-25T10:04:58.745Z  out_of_order_stage
                      10            2  PARSING  PARSE_OK     COMPLETED        1    1.255s  {"diagnosisCount":2}  2025-12-25T10:05:00Z      -

                """
        ),
        Expectation(
            command: "state R-3",
            output: """
                pagw_id           R-3
                tenant            anthem
                stage             PARSING
                event_type        PARSE_FAIL
                status            FAILED
                attempt           1
                attempt_max       1
                next_retry_at     2025-12-25T10:07:00Z
                sequence_no       3
                created_at        2025-12-25T10:03:31Z
                first_created_at  2025-12-25T10:02:00Z
                last_created_at   2025-12-25T10:03:31Z
                event_count       3
                terminal          no
                reopened_count    0
                last_error        stage PARSING, error_code API_TIMEOUT, error_message no answer, twice, attempt 1, created_at 2025-12-25T10:03:31Z
                anomaly_count     0

                stage          status     attempt  next_retry_at         event_count  failure_count  started_at            ended_at              duration  error_code
                ORCHESTRATION  COMPLETED        1  -                               1              0  -                     2025-12-25T10:02:00Z         -  -
                PARSING        FAILED           1  2025-12-25T10:07:00Z            2              1  2025-12-25T10:02:01Z  2025-12-25T10:03:31Z    1m 30s  API_TIMEOUT

                """
        ),
        Expectation(
            command: "requests --as-of 5",
            output: """
                pagw_id  tenant  stage    event_type   status     attempt  event_count  created_at                time_in_state  terminal  anomaly_count
                R-2      anthem  PARSING  PARSE_START  STARTED          1            2  2025-12-25T10:01:01Z                 0s  no                    0
                R-1      anthem  PARSING  PARSE_OK     COMPLETED        1            3  2025-12-25T10:00:00.495Z             1m  no                    0

                """
        ),
        Expectation(
            command: "stuck --now 2025-12-25T10:20:00Z",
            output: """
                pagw_id  stage    event_type   status   created_at            time_stuck  reason         attempt  next_retry_at         worker_id
                R-2      PARSING  PARSE_START  STARTED  2025-12-25T10:01:01Z     18m 59s  lost_worker          1  -                     pod-2
                R-3      PARSING  PARSE_FAIL   FAILED   2025-12-25T10:03:31Z     16m 29s  retry_overdue        1  2025-12-25T10:07:00Z  pod-1

                """
        ),
        Expectation(
            command: "stuck --as-of 2025-12-25T10:18:00Z --tenant other",
            output: "nothing is stuck\n"
        ),
        Expectation(
            command: "retries --now 2025-12-25T10:20:00Z",
            output: """
                pagw_id  tenant  stage    event_type  error_code   error_message     attempt  next_retry_at
                R-3      anthem  PARSING  PARSE_FAIL  API_TIMEOUT  no answer, twice        1  2025-12-25T10:07:00Z

                """
        ),
        Expectation(
            command: "stats --now 2025-12-25T10:20:00Z",
            output: """
                event_type        status     event_count  avg_duration  max_duration
                PARSE_START       STARTED              4             -             -
                REQUEST_RECEIVED  COMPLETED            3             -             -
                PARSE_OK          COMPLETED            2         750ms        1.255s
                PARSE_FAIL        FAILED               1        1m 30s        1m 30s

                """
        ),
        Expectation(
            command: "stats --now 2026-12-25T10:20:00Z",
            output: """
                no events in that time; the last event was recorded at 2025-12-25T10:05:00Z: try --now with that

                """
        ),
        Expectation(
            command: "slowest --now 2025-12-25T10:20:00Z",
            output: """
                stage    event_type  occurrences    avg     max     p95
                PARSING  PARSE_OK              2  750ms  1.255s  1.204s

                """
        ),
        Expectation(
            command:
                "find --where metadata.diagnosisCount>10 --columns pagw_id,metadata.diagnosisCount",
            output: """
                pagw_id  metadata.diagnosisCount
                R-1                           12

                """
        ),
        Expectation(
            command: "tail -n 2",
            output: """
                position  recorded_at               pagw_id  stage    event_type   status     attempt  duration
                       9  2025-12-25T10:04:58.745Z  R-4      PARSING  PARSE_START  STARTED          1         -
                      10  2025-12-25T10:05:00Z      R-4      PARSING  PARSE_OK     COMPLETED        1    1.255s

                """
        ),
        Expectation(
            command: "verify",
            output: """
                ok      yes
                events  10

                """
        ),
    ]

    @Test(arguments: expectations)
    func `a verb prints what it found`(_ expected: Expectation) async throws {
        let run = try await Fixture().cairn(expected.command)
        #expect(run.output == expected.output)
        #expect(run.error == "")
        #expect(run.status == 0)
    }

    @Test func `text has no colours where it is no terminal`() async throws {
        let run = try await Fixture().cairn("requests")
        #expect(!run.output.contains("\u{1B}"))
    }

    @Test func `data cannot move the cursor of a terminal`() async throws {
        let folder = try ScratchFolder()
        try folder.file(
            "rows.jsonl",
            #"{"tenant":"a","pagw_id":"R-1","stage":"S","event_type":"E","status":"FAILED","#
                + #""sequence_no":1,"created_at":"2025-12-25T10:00:00Z","#
                + #""error_code":"\u001b[2J\u202e"}"# + "\n"
        )
        _ = try await folder.cairn("import", "rows.jsonl", "--journal", "j")
        let run = try await folder.cairn("timeline", "R-1", "--journal", "j")
        #expect(run.output.contains("?[2J?"))
    }

    @Test func `help goes to standard output and explains every verb`() async throws {
        let folder = try ScratchFolder()
        let run = try await folder.cairn("--help")
        #expect(run.status == 0)
        #expect(run.error == "")
        for verb in ["import", "timeline", "stuck", "export", "salvage", "demo"] {
            #expect(run.output.contains(verb))
            #expect(try await folder.cairn("help", verb).output.contains("USAGE: cairn \(verb)"))
        }
    }
}
