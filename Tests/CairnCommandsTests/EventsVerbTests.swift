import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// What `cairn events` prints, and that it writes nothing.
struct EventsVerbTests {
    /// Four system events, one of them a refused change of a status, among rows of requests.
    struct Story {
        let folder: ScratchFolder

        init() async throws {
            folder = try ScratchFolder()
            let clock = ManualClock(at: try Timestamp(rfc3339: "2026-01-21T10:00:00Z"))
            var configuration = LMDBJournal.Configuration()
            configuration.clock = { clock.now }
            let journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
            let events = SystemEvents(
                journal: journal,
                clock: ServiceClock(
                    now: { clock.now },
                    boot: { BootInstant(boot: 1, nanoseconds: 0) },
                    sleep: { _ in }
                )
            )
            try await events.info("template.fallback_used", leadID: 123)
            clock.advance(by: .seconds(60))
            try await events.record(
                .whatsAppSendFailure(
                    to: "1234567890",
                    errorType: "HTTPException",
                    error: "Failed to send message",
                    leadID: 124
                ),
                at: clock.now.adding(.milliseconds(-250))
            )
            clock.advance(by: .seconds(60))
            try await events.warn("stripe.webhook_failure", payload: "{ \"a\" : \"caf\u{E9}\" }")
            clock.advance(by: .seconds(60))
            let tracker = PipelineTracker(journal: journal)
            try await tracker.started("R-1", tenant: "t", stage: "PARSING")
            _ = try? await tracker.retryScheduled("R-1", tenant: "t", stage: "PARSING")
            journal.close()
        }

        func cairn(_ line: String) async throws -> CairnProcess {
            let arguments = line.split(separator: " ").map(String.init)
            return try await CairnProcess.run(arguments + ["--journal", "j"], in: folder.url)
        }

        func bytes() throws -> Data { try folder.data("j/data.mdb") }
    }

    static let texts = [
        Expectation(
            command: "events",
            output: """
                position  created_at                level  event_type              lead_id  payload
                       5  2026-01-21T10:03:00Z      WARN   atomic_update.conflict        -  {"operation":"scheduleRetry","expected_status":"FAILED","...
                       3  2026-01-21T10:02:00Z      WARN   stripe.webhook_failure        -  { "a" : "caf\u{E9}" }
                       2  2026-01-21T10:00:59.750Z  ERROR  whatsapp.send_failure       124  {"to":"1234567890","error_type":"HTTPException","error":"...
                       1  2026-01-21T10:00:00Z      INFO   template.fallback_used      123  -

                """
        ),
        Expectation(
            command: "events --level info",
            output: """
                position  created_at            level  event_type              lead_id
                       1  2026-01-21T10:00:00Z  INFO   template.fallback_used      123

                """
        ),
        Expectation(
            command: "events --limit 1 --before 3",
            output: """
                position  created_at                level  event_type             lead_id  payload
                       2  2026-01-21T10:00:59.750Z  ERROR  whatsapp.send_failure      124  {"to":"1234567890","error_type":"HTTPException","error":"...

                """
        ),
        Expectation(
            command: "events --since 90s --until 30s --now 2026-01-21T10:03:00Z",
            output: """
                position  created_at            level  event_type              payload
                       3  2026-01-21T10:02:00Z  WARN   stripe.webhook_failure  { "a" : "caf\u{E9}" }

                """
        ),
        Expectation(
            command: "events --as-of 2026-01-21T10:00:30Z",
            output: """
                position  created_at            level  event_type              lead_id
                       1  2026-01-21T10:00:00Z  INFO   template.fallback_used      123

                """
        ),
        Expectation(command: "events --lead-id 9", output: "no such system events\n"),
        Expectation(command: "events --before 1", output: "no such system events\n"),
    ]

    @Test(arguments: texts)
    func `the verb prints what it found`(_ expected: Expectation) async throws {
        let story = try await Story()
        let before = try story.bytes()
        let run = try await story.cairn(expected.command)
        #expect(run.output == expected.output)
        #expect(run.error == "")
        #expect(run.status == 0)
        #expect(try story.bytes() == before)
    }

    static let documents = [
        Expectation(
            command: "events --type atomic_update.conflict",
            output: """
                [{"position":5,"created_at":"2026-01-21T10:03:00.000000Z","level":"WARN",\
                "event_type":"atomic_update.conflict","lead_id":null,\
                "payload":{"operation":"scheduleRetry","expected_status":"FAILED",\
                "actual_status":"STARTED","new_status":"RETRY_SCHEDULED",\
                "stream":"pipeline/R-1","reason":"stage 'PARSING' has not failed"},\
                "recorded_at":"2026-01-21T10:03:00.000000Z","id":null}]

                """
        ),
        Expectation(
            command: "events --lead-id 124",
            output: """
                [{"position":2,"created_at":"2026-01-21T10:00:59.750000Z","level":"ERROR",\
                "event_type":"whatsapp.send_failure","lead_id":124,\
                "payload":{"to":"1234567890","error_type":"HTTPException",\
                "error":"Failed to send message"},"recorded_at":"2026-01-21T10:01:00.000000Z",\
                "id":null}]

                """
        ),
        Expectation(
            command:
                "events --limit 5000 --until 2026-01-21T10:02:01Z --since 2026-01-21T10:02:00Z",
            output: """
                [{"position":3,"created_at":"2026-01-21T10:02:00.000000Z","level":"WARN",\
                "event_type":"stripe.webhook_failure","lead_id":null,\
                "payload":{ "a" : "caf\u{E9}" },"recorded_at":"2026-01-21T10:02:00.000000Z",\
                "id":null}]

                """
        ),
        Expectation(command: "events --level ERROR --lead-id 123", output: "[]\n"),
    ]

    @Test(arguments: documents)
    func `the verb keeps the contract to the byte`(_ expected: Expectation) async throws {
        let run = try await Story().cairn(expected.command + " --format json")
        #expect(run.output == expected.output)
        #expect(run.json != nil)
        #expect(run.status == 0, "\(run.error)")
    }

    @Test func `the verb prints the same from stored tables, and leaves them as they are`()
        async throws
    {
        let story = try await Story()
        #expect(try await story.cairn("index").status == 0)
        let tables = try story.folder.data("j/projections/data.mdb")
        for expected in Self.texts {
            let run = try await story.cairn(expected.command)
            #expect(run.output == expected.output)
            #expect(run.status == 0)
        }
        for expected in Self.documents {
            let run = try await story.cairn(expected.command + " --format json")
            #expect(run.output == expected.output)
        }
        #expect(try story.folder.data("j/projections/data.mdb") == tables)
    }

    @Test(arguments: [
        "--level warning", "--limit 0", "--limit x", "--before 0", "--before x", "--lead-id x",
        "--since yesterday",
    ])
    func `an option that makes no sense is refused`(option: String) async throws {
        let run = try await Story().cairn("events \(option)")
        #expect(run.status == 64)
        #expect(run.output == "")
    }

    @Test(arguments: [
        "requests", "timeline R-1", "stuck", "retries", "stats", "slowest", "find", "export",
        "tail", "interactions", "jobs", "verify", "info",
    ])
    func `other verbs pass over system events`(command: String) async throws {
        let run = try await Story().cairn(command)
        #expect(run.status == 0, "\(run.error)")
        #expect(!run.output.contains("whatsapp"))
        #expect(!run.output.contains("atomic_update"))
    }

    @Test func `an embedder lists by the service that records`() async throws {
        let journal = MemoryJournal()
        let events = SystemEvents(journal: journal)
        for number in 1...150 {
            try await events.error("a.b", leadID: LeadID(rawValue: Int64(number % 2)))
        }
        try await events.info("a.c")
        #expect(try await events.list().rows.count == 100)
        #expect(try await events.list(limit: 9_999).rows.count == 151)
        let page = try await events.list(limit: 10, leadID: 1, level: .error, type: "a.b")
        #expect(page.rows.map(\.position.rawValue) == (0..<10).map { 149 - UInt64($0) * 2 })
        #expect(try await events.list(before: page.next).rows.first?.position.rawValue == 130)
    }
}
