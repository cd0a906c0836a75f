import Cairn
import CairnTestSupport
import Foundation
import Testing

/// Real logs of mail servers: what their notes count is what an import counts.
@Suite(.enabled(if: RealData.folder != nil, "no folder shared/data beside the package"))
struct PostfixLogTests {
    /// What the lines of a log say, and the rows that they lead to.
    struct Log: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sent: Int
        let handedOver: Int
        let deferred: Int
        let bounced: Int
        let rejected: Int
        let notices: Int
        /// Rows by their kind, in the order of the seed: attempt, unreachable, stale, reachable,
        /// retry, abandon, unretryable, success.
        let rows: [Int]

        init(
            _ name: String,
            sent: Int = 0,
            handedOver: Int = 0,
            deferred: Int = 0,
            bounced: Int = 0,
            rejected: Int = 0,
            notices: Int = 0,
            rows: [Int]
        ) {
            testDescription = name
            self.sent = sent
            self.handedOver = handedOver
            self.deferred = deferred
            self.bounced = bounced
            self.rejected = rejected
            self.notices = notices
            self.rows = rows
        }
    }

    static let logs = [
        // One message refused at its second hop; the notice about it is no touch.
        Log(
            "1_bounce_simple",
            sent: 2,
            handedOver: 1,
            bounced: 1,
            notices: 1,
            rows: [1, 0, 0, 1, 0, 0, 1, 0]
        ),
        Log("3_local_delivery", sent: 2, handedOver: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        // Three messages: of one the log has no beginning at all, of one only the second hop's.
        Log(
            "6_deferred_message_retry",
            sent: 6,
            handedOver: 3,
            deferred: 1,
            rows: [2, 0, 0, 3, 1, 0, 0, 3]
        ),
        Log("7_only_connections_and_disconnections", rows: [0, 0, 0, 0, 0, 0, 0, 0]),
        Log("10_pickup", sent: 2, handedOver: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        Log(
            "11_single_successful_delivery",
            sent: 2,
            handedOver: 1,
            rows: [1, 0, 0, 1, 0, 0, 0, 1]
        ),
        Log(
            "12_two_independent_deliveries_in_the_same_smtpd_process_in_order",
            sent: 4,
            handedOver: 2,
            rows: [2, 0, 0, 2, 0, 0, 0, 2]
        ),
        Log("15_milter-reject", rejected: 2, rows: [1, 2, 0, 0, 0, 0, 0, 0]),
        Log("17-smtpd-reject", rejected: 1, rows: [1, 1, 0, 0, 0, 0, 0, 0]),
        Log("17-smtpd-reject-with-milter-reject", rejected: 3, rows: [3, 3, 0, 0, 0, 0, 0, 0]),
        Log("18_pickup2", sent: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        Log("19_postfix_version", rows: [0, 0, 0, 0, 0, 0, 0, 0]),
        Log("20_rejected", rejected: 1, rows: [1, 1, 0, 0, 0, 0, 0, 0]),
        Log("21_deliveries_with_local_daemon", sent: 5, rows: [5, 0, 0, 5, 0, 0, 0, 5]),
        Log("22_virtual_delivery", sent: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        Log("25_authclean_cleanup", sent: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        Log("26_two_recipients", sent: 2, rows: [1, 0, 0, 2, 0, 0, 0, 2]),
        Log("27_one_sent_one_received", sent: 2, rows: [2, 0, 0, 2, 0, 0, 0, 2]),
        Log("29_inbound_relayed_message_server_1", sent: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        Log("29_inbound_relayed_message_server_2", sent: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        Log("30_in_reply_to_header", sent: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
        Log("31_inbound_reply", sent: 2, rows: [2, 0, 0, 2, 0, 0, 0, 2]),
        Log("33_delivery_with_remote_id", sent: 1, rows: [1, 0, 0, 1, 0, 0, 0, 1]),
    ]

    private static var folder: String {
        get throws { try #require(RealData.folder) + "/touch-sends/postfix" }
    }

    @Test(arguments: logs)
    func `a log leads to the rows that its notes count`(log: Log) async throws {
        let desk = PostfixDesk()
        let path = try Self.folder + "/\(log.testDescription).log"
        let importer = try await desk.run([path])
        let counts = importer.counts
        #expect(counts.sent == log.sent && counts.handedOver == log.handedOver)
        #expect(counts.deferred == log.deferred && counts.bounced == log.bounced)
        #expect(counts.rejected == log.rejected && counts.notices == log.notices)
        #expect(counts.expired == 0 && counts.letGo == 0)
        let rows = try await desk.rows()
        #expect(
            TouchEventKind.allCases.map { kind in rows.count { $0.fact.kind == kind } } == log.rows
        )
        #expect(importer.summary.events == log.rows.reduce(0, +))
        #expect(importer.summary.badRows == 0 && importer.summary.shiftedTimes == 0)
        let last = try await desk.journal.head().lastPosition
        let again = try await desk.run([path])
        #expect(again.summary.events == 0)
        #expect(again.summary.duplicates == importer.summary.events)
        #expect(try await desk.journal.head().lastPosition == last)
    }

    @Test func `the list has every log of the folder`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        #expect(names.sorted() == Self.logs.map { $0.testDescription + ".log" }.sorted())
    }

    @Test func `all logs at once lead to the rows of each`() async throws {
        let desk = PostfixDesk()
        let paths = try Self.logs.map { try Self.folder + "/\($0.testDescription).log" }
        let importer = try await desk.run(paths)
        #expect(importer.counts.sent == Self.logs.reduce(0) { $0 + $1.sent })
        #expect(importer.counts.handedOver == Self.logs.reduce(0) { $0 + $1.handedOver })
        // Three lines of one file stand in another one, too, and three of a third in two more.
        let shared = importer.summary.duplicates
        #expect(shared == 7)
        let sum = Self.logs.reduce(0) { $0 + $1.rows.reduce(0, +) }
        #expect(importer.summary.events == sum - shared)
        let again = try await desk.run(paths)
        #expect(again.summary.events == 0)
    }

    @Test func `a message that was deferred is one attempt with a retry`() async throws {
        let desk = PostfixDesk()
        try await desk.run([Self.folder + "/6_deferred_message_retry.log"], year: 2_020)
        let page = try await TouchView(desk.journal).touches(of: "recipient@recipient.com")
        let kinds: [TouchEventKind] = [.sendAttempt, .sendReachable, .sendRetry, .sendSuccess]
        #expect(page.rows.map(\.touch.fact.kind) == kinds)
        #expect(
            page.rows.map { $0.touch.createdTime.rfc3339.prefix(19) } == [
                "2020-12-07T13:28:01", "2020-12-07T13:28:01", "2020-12-07T13:28:02",
                "2020-12-07T13:35:08",
            ]
        )
        let uid = try #require(page.rows.last?.touch.uid.name)
        let sight = try #require(try await TouchView(desk.journal).tree(of: uid))
        #expect(sight.tree.destinations.map(\.status) == [.delivered])
        #expect(sight.tree.destinations.map(\.retryCount) == [1])
        #expect(sight.tree.anomalies == [])
        let info = try JSONValue.parse(try #require(page.rows[2].touch.fact.info))
        #expect(info["identifier"] == .string("4.0.0"))
        #expect(info["delay"] == .number("0.75"))
    }

    @Test func `one attempt has two recipients with outcomes of their own`() async throws {
        let desk = PostfixDesk()
        try await desk.run([Self.folder + "/26_two_recipients.log"])
        let page = try await TouchView(desk.journal).touches(of: "recipient2@external.org")
        #expect(page.rows.map(\.touch.fact.kind) == [.sendReachable, .sendSuccess])
        let uid = try #require(page.rows.first?.touch.uid.name)
        let tree = try #require(try await TouchView(desk.journal).tree(of: uid)).tree
        #expect(
            tree.destinations.map(\.name) == ["recipient1@external.org", "recipient2@external.org"]
        )
        #expect(tree.destinations.map(\.status) == [.delivered, .delivered])
        guard case .sendAttempt(let attempt)? = tree.attempt?.fact else {
            Issue.record("no attempt")
            return
        }
        #expect(try JSONValue.parse(attempt.parameters)["nrcpt"] == .number("2"))
        #expect(attempt.channel == .email)
    }
}
