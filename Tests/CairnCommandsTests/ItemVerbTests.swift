import Cairn
import CairnTestSupport
import Foundation
import Testing

/// What the reading verbs for items, interactions and jobs print, and that they write nothing.
struct ItemVerbTests {
    static let texts = [
        Expectation(
            command: "interactions --now 2026-02-02T10:07:00Z",
            output: """
                interaction_uuid  customer_id  idempotency_key  channel  status     verdict       attempt  provider_reference  created_at            job         in_doubt_for  reason
                -                 -            k-5              -        -          in_flight           1  -                   2026-02-02T10:05:00Z  newsletter             -  worker 1000 holds it
                u-4               102          -                PHONE    SENT       done                -  -                   2026-02-02T10:04:00Z  -                      -  -
                u-3               102          k-3              SMS      FAILED     failed_final        1  -                   2026-02-02T10:03:00Z  -                      -  no such number
                u-2               101          k-2              SMS      -          in_doubt            1  -                   2026-02-02T10:02:00Z  newsletter            5m  its holder is gone and left no outcome
                u-1               101          k-1              EMAIL    DELIVERED  done                1  SM1                 2026-02-02T10:01:00Z  newsletter             -  -

                """
        ),
        Expectation(
            command: "interactions --in-doubt --now 2026-02-02T10:07:00Z",
            output: """
                interaction_uuid  customer_id  idempotency_key  channel  verdict   attempt  created_at            job         in_doubt_for  reason
                u-2               101          k-2              SMS      in_doubt        1  2026-02-02T10:02:00Z  newsletter            5m  its holder is gone and left no outcome

                """
        ),
        Expectation(
            command: "interactions --as-of 2026-02-02T10:02:30Z",
            output: """
                interaction_uuid  customer_id  idempotency_key  channel  status     verdict    attempt  provider_reference  created_at            job         reason
                u-2               101          k-2              SMS      -          in_flight        1  -                   2026-02-02T10:02:00Z  newsletter  worker 1001 holds it
                u-1               101          k-1              EMAIL    DELIVERED  done             1  SM1                 2026-02-02T10:01:00Z  newsletter  -

                """
        ),
        Expectation(
            command: "interactions --in-doubt --crashed --as-of 2026-02-02T10:02:30Z",
            output: """
                interaction_uuid  customer_id  idempotency_key  channel  verdict   attempt  created_at            job         in_doubt_for  reason
                u-2               101          k-2              SMS      in_doubt        1  2026-02-02T10:02:00Z  newsletter           30s  its holder is gone and left no outcome

                """
        ),
        Expectation(
            command: "interactions --in-doubt --older-than 5m --now 2026-02-02T10:07:00Z --check",
            output: "no such interactions\n"
        ),
        Expectation(command: "interactions --status OPENED", output: "no such interactions\n"),
        Expectation(
            command: "history 102",
            output: """
                interaction_uuid  customer_id  idempotency_key  channel  status  verdict       attempt  created_at            reason
                u-4               102          -                PHONE    SENT    done                -  2026-02-02T10:04:00Z  -
                u-3               102          k-3              SMS      FAILED  failed_final        1  2026-02-02T10:03:00Z  no such number

                """
        ),
        Expectation(
            command: "history 999",
            output: "no interaction with customer 999 is known\n"
        ),
        Expectation(
            command: "key k-1",
            output: """
                interaction_uuid    u-1
                customer_id         101
                idempotency_key     k-1
                channel             EMAIL
                status              DELIVERED
                verdict             done
                attempt             1
                body_content        Hello, Ada
                provider            twilio
                notify_reference    N1
                provider_reference  SM1
                meta_data           template order_confirm, payload {"order_id": 55}, response {"segments":1}
                created_at          2026-02-02T10:01:00Z
                updated_at          2026-02-02T10:01:59.250Z
                job                 newsletter
                run                 1
                contradiction       no
                worker              1000
                position            2

                position  recorded_at               type               summary
                       2  2026-02-02T10:01:00Z      attempt.began      attempt 1 begins, held by worker 1000
                       4  2026-02-02T10:01:00.250Z  attempt.accepted   taken by twilio as SM1, notify reference N1
                       5  2026-02-02T10:01:59.250Z  callback.received  twilio reports delivered on attempt 1: delivered

                """
        ),
        Expectation(
            command: "key --uuid u-2 --now 2026-02-02T10:07:00Z",
            output: """
                interaction_uuid  u-2
                customer_id       101
                idempotency_key   k-2
                channel           SMS
                verdict           in_doubt
                attempt           1
                body_content      Hello
                meta_data         template order_confirm, payload {"order_id": 55}, response -
                created_at        2026-02-02T10:02:00Z
                updated_at        2026-02-02T10:02:00Z
                job               newsletter
                run               1
                in_doubt_for      5m
                reason            its holder is gone and left no outcome
                contradiction     no
                worker            1001
                holder_alive      no
                position          6

                position  recorded_at           type           summary
                       6  2026-02-02T10:02:00Z  attempt.began  attempt 1 begins, held by worker 1001

                """
        ),
        Expectation(
            command: "jobs",
            output: """
                job         state   runs  opened_at             paused_by  pause_reason
                newsletter  paused     1  2026-02-02T10:00:00Z  ada        wrong template

                """
        ),
        Expectation(
            command: "job newsletter --now 2026-02-02T10:06:00Z",
            output: """
                job                  newsletter
                state                paused
                runs                 1
                opened_at            2026-02-02T10:00:00Z
                paused_by            ada
                pause_reason         wrong template
                items                done 1, in_flight 1, in_doubt 1, failed_retryable 0, failed_final 0
                outcomes_per_second  0

                run  worker  worker_alive  began_at
                  1    1000  yes           2026-02-02T10:00:00Z

                decision  decided_at            by   reason
                paused    2026-02-02T10:06:00Z  ada  wrong template

                interaction_uuid  customer_id  idempotency_key  channel  verdict   attempt  created_at            job         in_doubt_for  reason
                u-2               101          k-2              SMS      in_doubt        1  2026-02-02T10:02:00Z  newsletter            4m  its holder is gone and left no outcome

                """
        ),
    ]

    @Test(arguments: texts)
    func `a verb about items prints what it found`(_ expected: Expectation) async throws {
        let fixture = try await ItemFixture()
        let before = try fixture.bytes()
        let run = try await fixture.cairn(expected.command)
        #expect(run.output == expected.output)
        #expect(run.error == "")
        #expect(run.status == 0)
        #expect(try fixture.bytes() == before)
    }

    @Test(arguments: texts)
    func `a verb about items says the same of a private copy`(
        _ expected: Expectation
    ) async throws {
        let fixture = try await ItemFixture()
        let run = try await fixture.cairn(expected.command + " --private-copy")
        #expect(run.output == expected.output)
        #expect(run.status == 0, "\(run.error)")
    }

    static let documents = [
        Expectation(
            command: "interactions --customer 101 --status delivered",
            output: """
                [{"interaction_uuid":"u-1","customer_id":"101","idempotency_key":"k-1",\
                "channel":"EMAIL","status":"DELIVERED","verdict":"done","attempt":1,\
                "body_content":"Hello, Ada","provider":"twilio","notify_reference":"N1",\
                "provider_reference":"SM1","meta_data":{"template":"order_confirm",\
                "payload":{"order_id": 55},"response":{"segments":1}},\
                "created_at":"2026-02-02T10:01:00.000000Z",\
                "updated_at":"2026-02-02T10:01:59.250000Z","job":"newsletter","run":1,\
                "in_flight_until":null,"in_doubt_for":null,"retry_at":null,"reason":null,\
                "resolved_by":null,"contradiction":false,"anomaly_count":0,"worker":1000,\
                "holder_alive":null,"position":2}]

                """
        ),
        Expectation(
            command: "history 101 --limit 1 --now 2026-02-02T10:07:00Z",
            output: """
                [{"interaction_uuid":"u-2","customer_id":"101","idempotency_key":"k-2",\
                "channel":"SMS","status":null,"verdict":"in_doubt","attempt":1,\
                "body_content":"Hello","provider":null,"notify_reference":null,\
                "provider_reference":null,"meta_data":{"template":"order_confirm",\
                "payload":{"order_id": 55},"response":null},\
                "created_at":"2026-02-02T10:02:00.000000Z",\
                "updated_at":"2026-02-02T10:02:00.000000Z","job":"newsletter","run":1,\
                "in_flight_until":null,"in_doubt_for":300,"retry_at":null,\
                "reason":"its holder is gone and left no outcome","resolved_by":null,\
                "contradiction":false,"anomaly_count":0,"worker":1001,"holder_alive":false,\
                "position":6}]

                """
        ),
        Expectation(
            command: "key k-5",
            output: """
                {"interaction_uuid":null,"customer_id":null,"idempotency_key":"k-5",\
                "channel":null,"status":null,"verdict":"in_flight","attempt":1,\
                "body_content":null,"provider":null,"notify_reference":null,\
                "provider_reference":null,"meta_data":null,\
                "created_at":"2026-02-02T10:05:00.000000Z",\
                "updated_at":"2026-02-02T10:05:00.000000Z","job":"newsletter","run":1,\
                "in_flight_until":null,"in_doubt_for":null,"retry_at":null,\
                "reason":"worker 1000 holds it","resolved_by":null,"contradiction":false,\
                "anomaly_count":0,"worker":1000,"holder_alive":true,"position":13,\
                "dropped_report_count":0,"events":[{"position":13,\
                "recorded_at":"2026-02-02T10:05:00.000000Z","type":"attempt.began",\
                "summary":"attempt 1 begins, held by worker 1000","anomaly":false}]}

                """
        ),
        Expectation(
            command: "jobs",
            output: """
                [{"job":"newsletter","state":"paused","runs":1,\
                "opened_at":"2026-02-02T10:00:00.000000Z","last_ending":null,\
                "last_ended_at":null,"offered":null,"sent":null,"done":null,"failed":null,\
                "parked":null,"changed":null,"missing":null,"left":null,"paused_by":"ada",\
                "pause_reason":"wrong template","cancelled_by":null,"cancel_reason":null,\
                "anomaly_count":0}]

                """
        ),
        Expectation(
            command: "job newsletter --as-of 1",
            output: """
                {"job":"newsletter","state":"running","runs":1,\
                "opened_at":"2026-02-02T10:00:00.000000Z","last_ending":null,\
                "last_ended_at":null,"offered":null,"sent":null,"done":null,"failed":null,\
                "parked":null,"changed":null,"missing":null,"left":null,"paused_by":null,\
                "pause_reason":null,"cancelled_by":null,"cancel_reason":null,\
                "anomaly_count":0,"items":{"done":0,\
                "in_flight":0,"in_doubt":0,"failed_retryable":0,"failed_final":0},"total":null,\
                "outcomes_per_second":null,"time_left":null,"run_list":[{"run":1,"worker":1000,\
                "worker_alive":null,"began_at":"2026-02-02T10:00:00.000000Z","ended_at":null,\
                "ending":null,"offered":null,"sent":null,"done":null,"failed":null,\
                "parked":null,"changed":null,"missing":null,"left":null}],"decisions":[],\
                "in_doubt":[]}

                """
        ),
        Expectation(command: "history 999", output: "[]\n"),
    ]

    @Test(arguments: documents)
    func `a verb about items keeps the contract to the byte`(
        _ expected: Expectation
    ) async throws {
        let run = try await ItemFixture().cairn(expected.command + " --format json")
        #expect(run.output == expected.output)
        #expect(run.json != nil)
        #expect(run.status == 0, "\(run.error)")
    }

    @Test func `an item is in doubt once its worker ends`() async throws {
        let fixture = try await ItemFixture()
        #expect(try await fixture.cairn("key k-5").output.contains("in_flight"))
        fixture.endWorker()
        #expect(try await fixture.cairn("key k-5").output.contains("in_doubt"))
        let past = try await fixture.cairn("key k-5 --as-of 2026-02-02T10:10:00Z")
        #expect(past.output.contains("in_flight"))
    }

    @Test func `an alert gets the old doubts, and an empty list for none`() async throws {
        let fixture = try await ItemFixture()
        let question = "interactions --in-doubt --check --now 2026-02-02T10:07:00Z --format json"
        let found = try await fixture.cairn("\(question) --older-than 4m")
        #expect(found.status == 1)
        #expect((found.json as? [Any])?.count == 1)
        #expect(found.error == "")
        let none = try await fixture.cairn("\(question) --older-than 5m")
        #expect(none.status == 0)
        #expect(none.output == "[]\n")
        // As of a moment nobody was in doubt, and the reader hears why.
        let past = try await fixture.cairn("\(question) --as-of 2026-02-02T10:02:30Z")
        #expect(past.output == "[]\n")
        #expect(past.error.contains("--crashed"))
    }

    @Test func `after a crash at any moment what was in flight is in doubt`() async throws {
        let fixture = try await ItemFixture()
        let moment = "--as-of 2026-02-02T10:02:30Z"
        #expect(try await fixture.cairn("key k-2 \(moment)").output.contains("in_flight"))
        #expect(try await fixture.cairn("key k-2 \(moment) --crashed").output.contains("in_doubt"))
        #expect(try await fixture.cairn("key k-5").output.contains("in_flight"))
        #expect(try await fixture.cairn("key k-5 --crashed").output.contains("in_doubt"))
        let job = try await fixture.cairn("job newsletter --crashed --format json")
        #expect(job.output.contains("\"in_doubt\":2"), "\(job.output)")
    }

    @Test(arguments: [
        "requests", "stuck", "retries", "stats", "slowest", "find", "export", "info", "verify",
    ])
    func `verbs about requests pass over items`(command: String) async throws {
        let fixture = try await ItemFixture()
        let run = try await fixture.cairn(command)
        #expect(run.status == 0, "\(run.error)")
        #expect(!run.output.contains("k-1"))
    }

    @Test func `a payload that is no JSON breaks no output`() async throws {
        let fixture = try await ItemFixture()
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        var message = InteractionMessage(uuid: "u-9", customer: "109", channel: .email)
        message.payload = Array("{\"a\":".utf8)
        try await ItemDesk(journal).begin("k-9", message)
        journal.close()
        let run = try await fixture.cairn("history 109 --format json")
        let rows = try #require(run.json as? [[String: Any]])
        #expect((rows.first?["meta_data"] as? [String: Any])?["payload"] as? String == "{\"a\":")
    }

    @Test func `what came where it should not have is counted and marked`() async throws {
        let fixture = try await ItemFixture()
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        let callback = InteractionCallback(
            provider: "twilio",
            reference: "SM2",
            providerKey: "k-3#7",
            word: "delivered",
            meaning: .delivered
        )
        try await ItemDesk(journal).give(.receive(callback), to: try ItemKey("k-3").stream)
        journal.close()
        let key = try await fixture.cairn("key k-3")
        let lines = key.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.contains(["anomaly_count", "1"]), "\(key.output)")
        #expect(lines.last?.last == "yes")
        let list = try await fixture.cairn("interactions --customer 102")
        #expect(list.output.contains("anomaly_count"))
        let json = try await fixture.cairn("interactions --customer 102 --format json")
        let rows = try #require(json.json as? [[String: Any]])
        #expect(rows.map { $0["anomaly_count"] as? Int } == [0, 1])
    }

    @Test func `what is in flight says until when, by the wall clock`() async throws {
        let fixture = try await ItemFixture()
        let journal = try LMDBJournal(path: fixture.folder.path("j"))
        let key = try ItemKey("k-9")
        let request = ItemRequest(
            key: key,
            content: ContentDigest(type: "content", content: [UInt8]().span.bytes)
        )
        let hold = ItemHold(
            worker: WorkerNumber(rawValue: ItemFixture.livingWorker),
            leaseEnd: ServiceClock.system.boot().adding(.seconds(3_600))
        )
        let start = Timestamp.now()
        try await ItemDesk(journal).give(.begin(request, hold, .standard), to: try key.stream)
        journal.close()
        let run = try await fixture.cairn("key k-9 --format json")
        let end = Timestamp.now()
        let row = try #require(run.json as? [String: Any])
        let until = try Timestamp(rfc3339: try #require(row["in_flight_until"] as? String))
        // The clocks of wall and boot may drift apart by a little while it runs.
        #expect(until.since(start) > .seconds(3_595))
        #expect(until.since(end) < .seconds(3_605))
        #expect(try await fixture.cairn("key k-9").output.contains("in_flight_until"))
    }
}
