import CairnTestSupport
import Foundation
import Testing

/// `cairn bisect`, from its arguments to its exit code.
struct BisectVerbTests {
    private static func position(_ run: CairnProcess) -> Int? {
        (run.json as? [String: Any])?["position"] as? Int
    }

    @Test func `the event is shown with what it changed`() async throws {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn(["bisect", "R-3", "--where", "status == FAILED"])
        #expect(
            run.output.hasPrefix(
                """
                pagw_id       R-3
                position      8
                sequence_no   3
                stage         PARSING
                event_type    PARSE_FAIL
                status        FAILED
                attempt       1
                error_code    API_TIMEOUT
                created_at    2025-12-25T10:03:31Z
                folds         1
                events_read   3
                states_asked  3

                path
                """
            ),
            "\(run.output)\(run.error)"
        )
        #expect(run.output.contains("\nstatus                            STARTED "))
        #expect(try fixture.bytes() == before)
    }

    @Test func `it is asked of all, and of how many`() async throws {
        let fixture = try await Fixture()
        func position(_ arguments: String...) async throws -> Int? {
            Self.position(try await fixture.cairn(["bisect", "--format", "json"] + arguments))
        }
        let started = "status == STARTED"
        #expect(try await position("--where", started) == 2)
        #expect(try await position("--where", started, "--until-false") == 3)
        #expect(try await position("--where", started, "--count", "> 1") == 7)
        #expect(try await position("--where", started, "--count", "> 1", "--last") == 9)
        #expect(try await position("--where", started, "--from", "3") == 5)
        let time = "2025-12-25T10:01:01Z"
        #expect(try await position("--where", started, "--from", time) == 5)
        #expect(try await position("--where", "event_count > 2", "--lasting") == 3)
        #expect(try await position("--where", "time_in_state > 1h", "--now", time) == nil)
        #expect(
            try await position(
                "--where",
                "time_in_state > 1h",
                "--now",
                "2025-12-25T11:00:30Z"
            ) == 1
        )
    }

    @Test func `the result has always the same keys`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn([
            "bisect", "--where", "status == FAILED", "--format", "json",
        ])
        let result = try #require(run.json as? [String: Any])
        #expect(
            Set(result.keys) == [
                "pagw_id", "position", "sequence_no", "stage", "event_type", "status", "attempt",
                "error_code", "created_at", "count_before", "count_after", "folds", "events_read",
                "states_asked", "differences",
            ]
        )
    }

    @Test func `mistakes and absences say what is wrong`() async throws {
        let fixture = try await Fixture()
        let cases: [([String], Int32, String)] = [
            (["--where", "attempt > 9"], 66, "no event up to position 10 makes it true\n"),
            (
                ["--where", "attempt > 0", "--from", "2"], 66,
                "makes it true again: it is so from the start\n"
            ),
            (
                ["--where", "attempt > 0", "--from", "11"], 65,
                "--from 11 is beyond the last position, 10\n"
            ),
            (
                ["--where", "attempt > 0", "--from", "5", "--as-of", "4"], 65,
                "--from 5 is beyond the last position, 4\n"
            ),
            (
                ["--where", "attempt > 0", "--from", "2025-12-26T00:00:00Z"], 65,
                "--from 2025-12-26T00:00:00Z is beyond the last position, 10\n"
            ),
            (["R-9", "--where", "attempt > 0"], 66, "no event of request R-9 is in j"),
            (["--where", "atempt > 0"], 64, "near it: attempt"),
            (
                ["--where", "attempt > 0", "--count", "many"], 64,
                "--count: 'many' is no comparison"
            ),
            (["R-1", "--where", "attempt > 0", "--count", "> 1"], 64, "--count is for all"),
            (["--where", "attempt > 0", "--last", "--lasting"], 64, "--last or --lasting"),
            (["R-1"], 64, "--where"),
        ]
        for (arguments, status, text) in cases {
            let run = try await fixture.cairn(["bisect"] + arguments)
            #expect(run.status == status, "\(arguments): \(run.error)")
            #expect(run.error.hasPrefix("cairn: bisect: "), "\(run.error)")
            #expect(run.error.contains(text), "\(run.error)")
            #expect(run.output.isEmpty)
        }
    }

    @Test func `what was forgotten makes nothing true`() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.cairn("forget --request R-3 --yes").status == 0)
        let run = try await fixture.cairn(["bisect", "--where", "status == FAILED"])
        #expect(run.status == 66)
        #expect(run.error.contains("removed, of whatever tenant: 1 request with 3 events"))
        let asOf = try await fixture.cairn([
            "bisect", "--where", "status == FAILED", "--as-of", "10", "--format", "json",
        ])
        #expect(Self.position(asOf) == 8)
        let one = try await fixture.cairn(["bisect", "R-3", "--where", "attempt > 0"])
        #expect(one.status == 66 && one.error.contains("request R-3 was removed at"))
    }

    @Test func `items and jobs are asked, too`() async throws {
        let fixture = try await ItemFixture()
        let item = try await fixture.folder.cairn(
            "bisect",
            "--where",
            "status == FAILED",
            "--of",
            "items",
            "--journal",
            "j"
        )
        #expect(item.output.hasPrefix("idempotency_key  k-3\n"), "\(item.output)\(item.error)")
        #expect(item.output.contains("refused for good: no such number"))
        let job = try await fixture.folder.cairn(
            "bisect",
            "newsletter",
            "--where",
            "exists paused_by",
            "--of",
            "jobs",
            "--journal",
            "j"
        )
        #expect(job.output.contains("job.paused"), "\(job.output)\(job.error)")
    }
}
