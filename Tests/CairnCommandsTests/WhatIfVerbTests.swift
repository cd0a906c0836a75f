import CairnTestSupport
import Foundation
import Testing

/// `cairn what-if`, from its arguments to what it prints.
struct WhatIfVerbTests {
    @Test func `a dropped failure leaves a request that waits, and the journal as it is`()
        async throws
    {
        let fixture = try await Fixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn("what-if R-3 --drop 3 --now 2025-12-25T11:00:00Z")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.error == "")
        #expect(run.output.contains("   3  dropped         3  PARSING  PARSE_FAIL"))
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("status ") && $0.hasSuffix("STARTED") })
        #expect(lines.contains { $0.hasPrefix("new    PARSING  PARSE_START") })
        #expect(try fixture.bytes() == before)
    }

    @Test(arguments: ["", "--edit 3 {}", "--deadline PARSING=5m"])
    func `an edit that changes nothing differs in nothing`(edit: String) async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("what-if R-3 \(edit) --now 2025-12-25T11:00:00Z")
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.hasSuffix("\nnothing differs\n"))
        let json = try await fixture.cairn("what-if R-3 \(edit) --format json")
        let result = try #require(json.json as? [String: Any])
        #expect(result["differs"] as? Bool == false)
        #expect(result["first_difference"] is NSNull)
        #expect((result["differences"] as? [Any])?.isEmpty == true)
        let changed = edit.hasPrefix("--edit") ? 1 : 0
        #expect((result["events"] as? [Any])?.count == changed)
        #expect(result["left_out_event_count"] as? Int == 0)
    }

    @Test func `several edits are laid over the history as it was recorded`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn([
            "what-if", "R-3", "--insert", "3", #"{"stage":"PARSING","event_type":"PARSE_START"}"#,
            "--drop", "1", "--edit", "@8", #"{"error_code":null,"attempt":2}"#,
            "--insert", #"{"stage":"PARSING","event_type":"PARSE_OK","status":"SUCCESS"}"#,
            "--format", "json",
        ])
        #expect(run.status == 0, "\(run.error)")
        let result = try #require(run.json as? [String: Any])
        let events = try #require(result["events"] as? [[String: Any]])
        let changes = events.compactMap { $0["change"] as? String }
        #expect(changes == ["dropped", "kept", "edited", "inserted", "inserted"])
        #expect(events[2]["attempt"] as? Int == 2)
        #expect(events[3]["sequence"] is NSNull)
        let differences = try #require(result["differences"] as? [[String: Any]])
        #expect(differences.contains { $0["path"] as? String == "status" })
        let stuck = try #require(result["stuck"] as? [String: Any])
        #expect(stuck["old"] is [String: Any] && stuck["new"] is NSNull)
        let retries = try #require(result["retries"] as? [[String: Any]])
        #expect(retries.first?["next_retry_at"] as? String == "2025-12-25T10:07:00.000000Z")
        #expect(retries.first?["what_if_next_retry_at"] is NSNull)
    }

    @Test func `an event that came late is moved, and few are listed`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn("what-if R-3 --move 2 0 --limit 1 --format json")
        let result = try #require(run.json as? [String: Any], "\(run.error)")
        let events = try #require(result["events"] as? [[String: Any]])
        #expect(events.first?["change"] as? String == "moved_here")
        #expect(events.first?["sequence"] as? Int == 2)
        #expect(result["first_difference"] as? Int == 1)
        #expect((result["left_out_event_count"] as? Int ?? 0) > 0)
        let text = try await fixture.cairn("what-if R-3 --move 2 0 --limit 1")
        #expect(text.output.contains(" more: --limit shows them\n"), "\(text.output)")
    }

    @Test func `other rules move what waits for them`() async throws {
        let fixture = try await Fixture()
        let run = try await fixture.cairn([
            "what-if", "R-3", "--retry-policy", "PARSING:initial_delay=1h,max_delay=2h,jitter=0",
            "--deadline", "PARSING=2h", "--now", "2025-12-25T11:00:00Z", "--format", "json",
        ])
        let result = try #require(run.json as? [String: Any], "\(run.error)")
        #expect((result["differences"] as? [Any])?.isEmpty == true)
        let retry = try #require((result["retries"] as? [[String: Any]])?.first)
        #expect(retry["what_if_next_retry_at"] as? String == "2025-12-25T11:03:31.000000Z")
        let stuck = try #require(result["stuck"] as? [String: [String: Any]])
        #expect(stuck["old"]?["stuck"] as? Bool == true)
        #expect(stuck["new"]?["stuck"] as? Bool == false)
        try fixture.folder.file(
            "p.json",
            #"{"name":"p","version":1,"open":true,"stages":[{"name":"PARSING"}],"event_types":[{"#
                + #""name":"PARSE_START","stage":"PARSING","status":"STARTED","terminal":true}]}"#
        )
        let other = try await fixture.cairn("what-if R-3 --pipeline p.json --format json")
        let changed = try #require(other.json as? [String: Any], "\(other.error)")
        let anomalies = try #require(changed["anomalies"] as? [[String: Any]])
        let late = try #require(anomalies.first { $0["anomaly"] as? String == "after_terminal" })
        #expect(late["old"] as? Int == 0 && late["new"] as? Int == 1)
    }

    @Test func `the verdict of a key without its callback or its outcome is told`() async throws {
        let fixture = try await ItemFixture()
        let before = try fixture.bytes()
        let same = try await fixture.cairn("what-if --key k-1")
        #expect(same.output.hasSuffix("\nnothing differs\n"), "\(same.error)")
        let cases: [(arguments: [String], verdict: String, next: String)] = [
            (["--key", "k-1", "--drop", "3"], "done", "skip"),
            (["--key", "k-1", "--drop", "2", "3"], "in_flight", "wait"),
            (
                [
                    "--key", "k-2", "--insert",
                    #"{"type":"callback.received","provider":"twilio","meaning":"delivered"}"#,
                ],
                "done", "skip"
            ),
            (
                [
                    "--key", "k-3", "--drop", "2", "--insert",
                    #"{"type":"attempt.doubted","cause":"timeout"}"#,
                ],
                "in_doubt", "park"
            ),
            (
                [
                    "--key", "k-3", "--drop", "2", "--insert",
                    #"{"type":"attempt.rejected","reason":"busy","retry_at":"2026-02-02T11:00:00Z"}"#,
                ],
                "failed_retryable", "send"
            ),
            (["--key", "k-3", "--edit", "2", #"{"final":false}"#], "failed_retryable", "send"),
            (
                ["--uuid", "u-1", "--edit", "3", #"{"meaning":"hard_failure"}"#],
                "failed_final", "skip"
            ),
        ]
        for (arguments, verdict, next) in cases {
            let run = try await fixture.cairn(["what-if"] + arguments + ["--format", "json"])
            let result = try #require(run.json as? [String: Any], "\(run.error)")
            #expect(result["what_if_verdict"] as? String == verdict, "\(arguments)")
            #expect(result["what_if_next"] as? String == next, "\(arguments)")
            #expect(result["differs"] as? Bool == true)
        }
        let recorded = try await fixture.cairn("what-if --key k-2 --format json")
        let result = try #require(recorded.json as? [String: Any])
        #expect(result["verdict"] as? String == "in_doubt")
        #expect(result["next"] as? String == "park")
        #expect(try fixture.bytes() == before)
    }

    struct Refusal: CustomTestStringConvertible {
        let arguments: [String]
        let status: Int32
        let clue: String

        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let refusals = [
        Refusal(arguments: ["R-9"], status: 66, clue: "no event of request R-9"),
        Refusal(
            arguments: ["R-3", "--drop", "4"],
            status: 65,
            clue: "there is no event 4; the history has events 1 to 3"
        ),
        Refusal(arguments: ["R-3", "--drop", "x"], status: 64, clue: "'x' names no event"),
        Refusal(arguments: ["R-3", "--drop", "0"], status: 64, clue: "'0' names no event"),
        Refusal(
            arguments: ["R-3", "--drop", "2", "--edit", "2", "{}"],
            status: 65,
            clue: "event 2 is dropped, edited or moved twice"
        ),
        Refusal(
            arguments: ["R-3", "--edit", "2", #"{"attempt": x}"#],
            status: 64,
            clue: "--edit: at character 13:"
        ),
        Refusal(
            arguments: ["R-3", "--edit", "2", "[]"],
            status: 64,
            clue: "a JSON object is needed"
        ),
        Refusal(
            arguments: ["R-3", "--edit", "2"],
            status: 64,
            clue: "no JSON object stands behind event 2"
        ),
        Refusal(
            arguments: ["R-3", "--edit", "2", #"{"atempt":2}"#],
            status: 65,
            clue: "an event has no member 'atempt'"
        ),
        Refusal(
            arguments: ["R-3", "--insert", #"{"stage":"PARSING"}"#],
            status: 65,
            clue: "the event has no 'event_type'"
        ),
        Refusal(
            arguments: ["R-3", "--deadline", "PARSNG=1h"],
            status: 64,
            clue: "no stage 'PARSNG'; near it: PARSING"
        ),
        Refusal(arguments: ["R-3", "--deadline", "1h"], status: 64, clue: "is not STAGE=SPAN"),
        Refusal(
            arguments: ["R-3", "--retry-policy", "jitter=2"],
            status: 64,
            clue: "jitter must be from 0 to 1"
        ),
        Refusal(
            arguments: ["R-3", "--retry-policy", "tries=2"],
            status: 64,
            clue: "there is no term 'tries'"
        ),
        Refusal(
            arguments: ["R-3", "--terminal", "PARSE_OK"],
            status: 64,
            clue: "is not TYPE=yes or TYPE=no"
        ),
        Refusal(
            arguments: ["R-3", "--move", "9", "1"],
            status: 65,
            clue: "there is no event 9"
        ),
        Refusal(
            arguments: ["R-3", "--move", "1"],
            status: 64,
            clue: "no event to stand after is named for event 1"
        ),
        Refusal(
            arguments: ["R-3", "--move", "1", "2", "--drop", "1"],
            status: 65,
            clue: "event 1 is dropped, edited or moved twice"
        ),
        Refusal(arguments: ["--drop", "1"], status: 64, clue: "no request is named"),
        Refusal(arguments: ["R-3", "--key", "k"], status: 64, clue: "two things are named"),
        Refusal(arguments: ["--key", "k"], status: 66, clue: "nothing was ever begun under"),
    ]

    @Test func `what makes no sense is one clear line`() async throws {
        let fixture = try await Fixture()
        for refusal in Self.refusals {
            let run = try await fixture.cairn(["what-if"] + refusal.arguments)
            #expect(run.status == refusal.status, "\(refusal.testDescription): \(run.error)")
            #expect(run.output == "")
            #expect(run.error.contains(refusal.clue), "\(refusal.testDescription): \(run.error)")
            #expect(run.error.hasPrefix("cairn: what-if: "))
        }
    }
}
