import Cairn
import CairnTestSupport
import CairnTesting
import Logging
import Testing

/// What a message becomes as a system event.
struct LogHandlerTests {
    private struct Timeout: Error, CustomStringConvertible {
        let description = "no answer within 30 s"
    }

    @Test func `warnings and errors become system events, and nothing below them`() async throws {
        let desk = try LogDesk()
        var logger = desk.logger()
        logger.logLevel = .trace
        for level in Logger.Level.allCases { logger.log(level: level, "it is \(level)") }
        try await desk.finish()
        let rows = try await desk.rows()
        #expect(
            rows.map { "\($0.event.level) \($0.event.type)" } == [
                "WARN log.warning", "ERROR log.error", "ERROR log.critical",
            ]
        )
        #expect(
            rows.first?.event.payload?.description
                == #"{"message":"it is warning","label":"app","source":"CairnServicesTests"}"#
        )
        #expect(rows.allSatisfy { $0.createdAt == desk.wall.now })
        #expect(desk.log.counts == SystemEventLogCounts.written(3))
    }

    @Test func `a logger at another level keeps to it`() async throws {
        let desk = try LogDesk()
        var logger = desk.logger()
        #expect(logger.logLevel == .warning)
        logger.logLevel = .critical
        logger.error("not this")
        logger.critical("this")
        try await desk.finish()
        #expect(try await desk.rows().map(\.event.type) == [.logCritical])
    }

    @Test func `a message that is the name of a type is the type`() async throws {
        let desk = try LogDesk()
        desk.logger().error(
            "stripe.webhook_failure",
            metadata: ["lead_id": "123", "reason": "status_mismatch"],
            source: "webhooks"
        )
        try await desk.finish()
        let row = try #require(try await desk.rows().first)
        #expect(row.event.type == .stripeWebhookFailure)
        #expect(row.event.leadID == 123)
        #expect(
            row.event.payload?.description
                == #"{"label":"app","source":"webhooks","#
                + #""metadata":{"lead_id":"123","reason":"status_mismatch"}}"#
        )
    }

    @Test(arguments: [
        ("7" as Logger.Metadata.Value, LeadID(rawValue: 7)), (.stringConvertible(-8), -8),
        ("x7", nil), ("99999999999999999999", nil), (.array(["7"]), nil),
        (.dictionary(["a": "7"]), nil),
    ])
    func `a lead is an integer in the metadata`(
        value: Logger.Metadata.Value,
        lead: LeadID?
    ) async throws {
        let desk = try LogDesk()
        desk.logger().warning("w", metadata: ["lead_id": value])
        try await desk.finish()
        #expect(try await desk.rows().map(\.event.leadID) == [lead])
    }

    @Test func `metadata of all sources stands in the order of its keys`() async throws {
        let desk = try LogDesk()
        let provider = Logger.MetadataProvider {
            ["p": "provider", "o": "provider", "e": "provider"]
        }
        var handler = desk.log.handler(label: "app")
        handler.metadataProvider = provider
        var logger = Logger(label: "app") { [handler] _ in handler }
        logger[metadataKey: "o"] = "own"
        logger[metadataKey: "e"] = "own"
        logger.warning(
            "w",
            metadata: [
                "e": "event", "z": ["b": "2", "a": ["\"", .stringConvertible(1.5)]], "\u{E9}": [],
            ],
            source: "s"
        )
        try await desk.finish()
        let payload = try await desk.payload()
        #expect(
            payload == #"{"message":"w","label":"app","source":"s","metadata":{"e":"event","#
                + #""o":"provider","p":"provider","z":{"a":["\"","1.5"],"b":"2"},"#
                + "\"\u{E9}\":[]}}"
        )
    }

    @Test func `the metadata of one logger is not that of another`() async throws {
        let desk = try LogDesk()
        var one = desk.logger()
        one[metadataKey: "k"] = "1"
        var two = one
        two[metadataKey: "k"] = "2"
        #expect(one[metadataKey: "k"] == "1")
        #expect(two[metadataKey: "k"] == "2")
    }

    @Test func `an error is told by its type and its text`() async throws {
        let desk = try LogDesk()
        desk.log.handler(label: "app").log(
            event: LogEvent(
                level: .error,
                message: "it failed",
                error: Timeout(),
                metadata: nil,
                source: "s",
                file: "f",
                function: "f",
                line: 1
            )
        )
        try await desk.finish()
        #expect(
            try await desk.payload()
                == #"{"message":"it failed","label":"app","source":"s","error_type":"Timeout","#
                + #""error":"no answer within 30 s"}"#
        )
    }

    @Test func `texts are cut to 200 whole characters`() async throws {
        let desk = try LogDesk()
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}"
        desk.logger("l").warning(
            "\(String(repeating: family, count: 201))",
            source: "s"
        )
        try await desk.finish()
        #expect(
            try await desk.payload() == "{\"message\":\""
                + String(repeating: family, count: 200) + #"","label":"l","source":"s"}"#
        )
    }

    @Test(arguments: 1...20)
    func `metadata of any size and depth is JSON of bounded size, and says where it was cut`(
        seed: Int
    ) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let desk = try LogDesk()
        let value = Self.value(&random, depth: 0, width: 2 + seed % 7)
        desk.logger().error("e", metadata: ["v": value])
        try await desk.finish()
        let row = try #require(try await desk.rows().first)
        let bytes = try #require(row.event.payload?.bytes)
        #expect(try SystemEventPayload(bytes).bytes.count < 24 << 10)
    }

    @Test func `endless metadata is cut, and says so`() async throws {
        let desk = try LogDesk()
        var deep: Logger.Metadata.Value = "bottom"
        for _ in 0..<1_000 { deep = [deep] }
        let wide = Logger.Metadata.Value.array(Array(repeating: "x", count: 100_000))
        let long = Logger.Metadata.Value.string(String(repeating: "y", count: 1 << 20))
        for value in [deep, wide, long] { desk.logger().error("e", metadata: ["v": value]) }
        try await desk.finish()
        let texts = try await desk.rows().map { $0.event.payload?.description ?? "" }
        #expect(texts.map { $0.hasSuffix(#","metadata_cut":true}"#) } == [true, true, false])
        #expect(texts[0].contains("[[[[[[[null]]]]]]]"))
        #expect(texts.allSatisfy { $0.utf8.count < 6_000 })
    }

    private static func value(
        _ random: inout SeededGenerator,
        depth: Int,
        width: Int
    ) -> Logger.Metadata.Value {
        func text() -> String {
            String(decoding: random.bytes(count: random.below(400)), as: UTF8.self)
        }
        switch random.below(depth > 10 ? 1 : 4) {
        case 0: return .string(text())
        case 1: return .stringConvertible(text())
        case 2:
            return .array(
                (0..<random.below(width)).map { _ in
                    value(&random, depth: depth + 1, width: width / 2 + 1)
                }
            )
        default:
            var members: Logger.Metadata = [:]
            for _ in 0..<random.below(width) {
                members[text()] = value(&random, depth: depth + 1, width: width / 2 + 1)
            }
            return .dictionary(members)
        }
    }
}

extension SystemEventLogCounts {
    /// Counts of which some events were written and all others are zero.
    static func written(_ count: UInt64) -> SystemEventLogCounts {
        SystemEventLogCounts(written: count, waiting: 0, dropped: 0, failed: 0)
    }
}
