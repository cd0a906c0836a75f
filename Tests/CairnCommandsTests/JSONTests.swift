import CairnTestSupport
import Foundation
import Testing

@testable import CairnCommands

/// The contract for programs: one array or one object, and nothing else on standard output.
struct JSONTests {
    static let expectations = [
        Expectation(
            command: "timeline R-1 --as-of 3",
            output: """
                [{"position":1,"sequence_no":1,"stage":"ORCHESTRATION",\
                "event_type":"REQUEST_RECEIVED","status":"COMPLETED","attempt":1,\
                "duration_ms":null,"error_code":null,"metadata":{"channel":"fhir"},\
                "created_at":"2025-12-25T10:00:00.000000Z","anomalies":[]},\
                {"position":2,"sequence_no":2,"stage":"PARSING","event_type":"PARSE_START",\
                "status":"STARTED","attempt":1,"duration_ms":null,"error_code":null,\
                "metadata":null,"created_at":"2025-12-25T10:00:00.250000Z","anomalies":[]},\
                {"position":3,"sequence_no":3,"stage":"PARSING","event_type":"PARSE_OK",\
                "status":"COMPLETED","attempt":1,"duration_ms":245,"error_code":null,\
                "metadata":{"diagnosisCount":12,"procedureCount":5},\
                "created_at":"2025-12-25T10:00:00.495000Z","anomalies":[]}]

                """
        ),
        Expectation(
            command: "state R-2",
            output: """
                {"pagw_id":"R-2","tenant":"anthem","stage":"PARSING","event_type":"PARSE_START",\
                "status":"STARTED","attempt":1,"attempt_max":1,"retryable":true,\
                "next_retry_at":null,"sequence_no":2,"created_at":"2025-12-25T10:01:01.000000Z",\
                "first_created_at":"2025-12-25T10:01:00.000000Z",\
                "last_created_at":"2025-12-25T10:01:01.000000Z","event_count":2,\
                "terminal":false,"reopened_count":0,"last_error":null,\
                "open_starts":["PARSE_START"],"anomaly_count":0,"anomalies":{},"stages":[\
                {"stage":"ORCHESTRATION","status":"COMPLETED","attempt":1,"attempt_max":1,\
                "retryable":true,"next_retry_at":null,"event_count":1,"failure_count":0,\
                "started_at":null,"ended_at":"2025-12-25T10:01:00.000000Z","duration_ms":null,\
                "total_duration_ms":0,"error_code":null},{"stage":"PARSING","status":"STARTED",\
                "attempt":1,"attempt_max":1,"retryable":true,"next_retry_at":null,\
                "event_count":1,"failure_count":0,"started_at":"2025-12-25T10:01:01.000000Z",\
                "ended_at":null,"duration_ms":null,"total_duration_ms":0,"error_code":null}]}

                """
        ),
        Expectation(
            command: "requests --tenant anthem --status COMPLETED --now 2025-12-25T10:20:00Z",
            output: """
                [{"pagw_id":"R-1","tenant":"anthem","stage":"PARSING","event_type":"PARSE_OK",\
                "status":"COMPLETED","attempt":1,"sequence_no":3,"event_count":3,\
                "created_at":"2025-12-25T10:00:00.495000Z",\
                "first_created_at":"2025-12-25T10:00:00.000000Z","time_in_state":1199.505,\
                "next_retry_at":null,"terminal":false,"reopened_count":0,"error_code":null,\
                "anomaly_count":0}]

                """
        ),
        Expectation(
            command: "stuck --as-of 2025-12-25T10:18:00Z",
            output: """
                [{"pagw_id":"R-2","tenant":"anthem","stage":"PARSING",\
                "event_type":"PARSE_START","status":"STARTED",\
                "created_at":"2025-12-25T10:01:01.000000Z","time_stuck":1019,\
                "reason":"lost_worker","sequence_no":2,"attempt":1,"next_retry_at":null,\
                "worker_id":"pod-2","position":5}]

                """
        ),
        Expectation(command: "stuck --as-of 3", output: "[]\n"),
        Expectation(
            command: "retries --open --as-of 2025-12-25T10:20:00Z",
            output: """
                [{"pagw_id":"R-3","tenant":"anthem","stage":"PARSING",\
                "event_type":"PARSE_FAIL","error_code":"API_TIMEOUT",\
                "error_message":"no answer, twice","attempt":1,\
                "next_retry_at":"2025-12-25T10:07:00.000000Z","sequence_no":3,"position":8}]

                """
        ),
        Expectation(
            command: "stats --tenant other --as-of 2025-12-25T10:20:00Z",
            output: """
                [{"event_type":"PARSE_OK","status":"COMPLETED","event_count":1,\
                "avg_duration_ms":1255,"max_duration_ms":1255},{"event_type":"PARSE_START",\
                "status":"STARTED","event_count":1,"avg_duration_ms":null,\
                "max_duration_ms":null}]

                """
        ),
        Expectation(
            command: "slowest --as-of 2025-12-25T10:20:00Z",
            output: """
                [{"stage":"PARSING","event_type":"PARSE_OK","occurrences":2,"avg_ms":750,\
                "max_ms":1255,"p95_ms":1204.5}]

                """
        ),
        Expectation(
            command: "find --type PARSE_OK --columns pagw_id,metadata.procedureCount,created_at",
            output: """
                [{"pagw_id":"R-4","metadata.procedureCount":null,\
                "created_at":"2025-12-25T10:05:00.000000Z"},{"pagw_id":"R-1",\
                "metadata.procedureCount":5,"created_at":"2025-12-25T10:00:00.495000Z"}]

                """
        ),
        Expectation(
            command: "tail -n 1",
            output: """
                [{"position":10,"recorded_at":"2025-12-25T10:05:00.000000Z",\
                "stream":"pipeline/R-4","sequence":2,"type":"pipeline","event_id":"R-4/2",\
                "pagw_id":"R-4","sequence_no":2,"stage":"PARSING","event_type":"PARSE_OK",\
                "status":"COMPLETED","attempt":1,"duration_ms":1255,"error_code":null,\
                "metadata":{"diagnosisCount":2},"created_at":"2025-12-25T10:05:00.000000Z"}]

                """
        ),
        Expectation(command: "verify", output: #"{"ok":true,"events":10}"# + "\n"),
    ]

    @Test(arguments: expectations)
    func `a verb keeps the contract to the byte`(_ expected: Expectation) async throws {
        let run = try await Fixture().cairn(expected.command + " --format json")
        #expect(run.output == expected.output)
        #expect(run.json != nil)
        #expect(run.error == "")
        #expect(run.status == 0)
    }

    @Test func `what could move a cursor or turn a direction is escaped, and says the same`()
        async throws
    {
        let folder = try ScratchFolder()
        // CSI, a line separator, an override of the direction, an isolate, a delete; and text.
        let odd = "\u{9B}31m\u{2028}\u{202E}\u{2066}\u{7F}\u{E9}\u{2014}\u{1F600}"
        try folder.file(
            "rows.jsonl",
            #"{"tenant":"\#(odd)","pagw_id":"R","stage":"S","event_type":"E","#
                + #""status":"STARTED","created_at":"2026-01-01T00:00:00Z","#
                + #""metadata":{"\#(odd)": "\#(odd)"}}"# + "\n"
        )
        _ = try await folder.cairn("import", "rows.jsonl", "--journal", "j")
        for line in ["requests", "timeline R", "state R", "tail", "find"] {
            let words = line.split(separator: " ").map(String.init)
            let run = try await CairnProcess.run(
                words + ["--format", "json", "--journal", "j"],
                in: folder.url
            )
            #expect(run.status == 0, "\(run.error)")
            let escaped = #"\u009b31m\u2028\u202e\u2066\u007f"# + "\u{E9}\u{2014}\u{1F600}"
            #expect(run.output.contains(#""\#(escaped)""#), "\(run.output)")
            let isControl = { (scalar: Unicode.Scalar) in
                scalar != "\n" && (scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value))
                    || [0x2028, 0x202E, 0x2066].contains(scalar.value)
            }
            #expect(!run.output.unicodeScalars.contains(where: isControl), "\(line)")
            #expect(String(describing: run.json).contains("\u{1F600}"))
        }
        let export = try await folder.cairn("export", "--journal", "j")
        #expect(export.output.contains(#"{"\#(odd)": "\#(odd)"}"#), "an export keeps all bytes")
        let requests = try await folder.cairn("requests", "--format", "json", "--journal", "j")
        let rows = try #require(requests.json as? [[String: Any]])
        #expect(rows.first?["tenant"] as? String == odd)
    }

    @Test(arguments: [
        ("\u{7F}", #"\u007f"#), ("\u{80}", #"\u0080"#), ("\u{9F}", #"\u009f"#),
        ("\u{2029}", #"\u2029"#), ("\u{202A}", #"\u202a"#), ("\u{2069}", #"\u2069"#),
        ("\u{A0}", "\u{A0}"), ("\u{2030}", "\u{2030}"), ("\u{4E16}", "\u{4E16}"),
    ])
    func `one such character is enough, and others stay`(character: String, written: String) {
        let escaped = Terminal.escaped(json: Array("{\"a\":\n\"\(character)b\"}".utf8))
        #expect(String(decoding: escaped, as: UTF8.self) == "{\"a\":\n\"\(written)b\"}")
    }

    @Test func `info has the documented keys`() async throws {
        let run = try await Fixture().cairn("info --format json")
        let object = try #require(run.json as? [String: Any])
        #expect(object["events"] as? Int == 10)
        #expect(object["streams"] as? Int == 4)
        #expect(object["last_position"] as? Int == 10)
        #expect(object["bytes"] as? Int ?? 0 > 0)
        #expect((object["tables"] as? [[String: Any]])?.isEmpty == false)
        #expect((object["readers"] as? [Any])?.isEmpty == true)
        #expect(object["oldest_reader_seconds"] is NSNull)
    }

    @Test func `info of a past moment has the same keys, and nothing of the file`() async throws {
        let fixture = try await Fixture()
        let now = try await fixture.cairn("info --format json")
        let past = try await fixture.cairn("info --as-of 5 --format json")
        let object = try #require(past.json as? [String: Any])
        #expect(object.keys.sorted() == (now.json as? [String: Any])?.keys.sorted())
        #expect(object["events"] as? Int == 5)
        #expect(object["streams"] as? Int == 2)
        #expect(object["last_recorded_at"] as? String == "2025-12-25T10:01:01.000000Z")
        #expect(object["events_last_day"] as? Int == 5)
        for name in ["indexed_position", "bytes", "tables", "readers", "running_hash"] {
            #expect(object[name] is NSNull, "\(name)")
        }
        let short = try await fixture.cairn("info --as-of 5 --scan-max 4 --format json")
        #expect(short.output.contains(#""events":5,"streams":null,"#))
        #expect(try await fixture.cairn("info --as-of 11").status == 65)
    }

    @Test func `import, backup and salvage say what they did`() async throws {
        let fixture = try await Fixture()
        let again = try await fixture.cairn("import rows.csv --format json")
        let summary = try #require(again.json as? [String: Any])
        #expect(summary["events"] as? Int == 0)
        #expect(summary["requests"] as? Int == 4)
        #expect(summary["duplicates"] as? Int == 10)
        #expect(summary["bad_rows"] as? Int == 0)
        #expect(summary["seconds"] is NSNumber)
        let backup = try await fixture.cairn("backup copy --format json")
        #expect((backup.json as? [String: Any])?["last_position"] as? Int == 10)
        let salvage = try await fixture.cairn("salvage rescued --format json")
        #expect((salvage.json as? [String: Any])?["ok"] as? Bool == true)
    }
}
