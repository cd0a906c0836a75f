import Cairn
import CairnTesting
import Testing

/// The service: what it takes, what it refuses, and what a repetition is.
struct SystemEventsTests {
    private let journal = MemoryJournal()
    private let wall = ManualClock()

    private var events: SystemEvents {
        SystemEvents(
            journal: journal,
            clock: ServiceClock(
                now: { [wall] in wall.now },
                boot: { BootInstant(boot: 1, nanoseconds: 0) },
                sleep: { _ in }
            )
        )
    }

    @Test func `each level is recorded with and without lead and payload`() async throws {
        try await events.info("custom.event", leadID: 7, payload: #"{"key": "value"}"#)
        wall.advance(by: .seconds(1))
        try await events.warn("custom.warning")
        try await events.error("custom.error", payload: "{}")
        let rows = try await events.list().rows
        #expect(rows.map(\.event.level) == [.error, .warn, .info])
        #expect(rows.map(\.event.type.name) == ["custom.error", "custom.warning", "custom.event"])
        #expect(rows.map(\.event.leadID) == [nil, nil, 7])
        #expect(rows.map { $0.event.payload?.description } == ["{}", nil, #"{"key": "value"}"#])
        #expect(rows[1].createdAt.since(rows[2].createdAt) == .seconds(1))
    }

    @Test(arguments: [
        (String(repeating: "e", count: 10_000), String(repeating: "e", count: 200)),
        (String(repeating: "e\u{301}", count: 201), String(repeating: "e\u{301}", count: 200)),
        (String(repeating: "\\n", count: 300), String(repeating: "\\n", count: 200)),
        (String(repeating: "\u{1F600}", count: 200), String(repeating: "\u{1F600}", count: 200)),
    ])
    func `the error of an event is cut at any level, and the rest stays byte for byte`(
        given: String,
        kept: String
    ) async throws {
        func payload(_ text: String) -> String {
            #"{ "error_type" : "E", "error":"\#(text)","n":1.50 ,"more":{"error":"\#(given)"}}"#
        }
        try await events.error("custom.error", payload: payload(given))
        try await events.record(
            SystemEvent(.error, .logError, payload: try SystemEventPayload(payload(given)))
        )
        try await events.warn("custom.warning", payload: payload(given))
        try await events.info("custom.info", payload: payload(given))
        try await events.error("custom.error", payload: #"{"error":{"code":5}}"#)
        let payloads = try await events.list().rows.map { $0.event.payload?.description }
        #expect(
            payloads == [
                #"{"error":{"code":5}}"#, payload(kept), payload(kept), payload(kept),
                payload(kept),
            ]
        )
    }

    @Test func `what cannot be a system event is refused and not recorded`() async throws {
        await #expect(throws: SystemEventsError.event(.type("failure", .partCount(1)))) {
            try await events.info("failure")
        }
        await #expect(
            throws: SystemEventsError.event(.payload(JSONError(.notAnObject, at: 0)))
        ) { try await events.warn("a.b", payload: "7") }
        #expect(try await journal.head().lastPosition == .zero)
    }

    @Test func `a call that names an id is taken once, and another under it is a conflict`()
        async throws
    {
        let id = try EventID("stripe/evt_1")
        let event = SystemEvent(
            .error,
            .stripeWebhookFailure,
            payload: try SystemEventPayload(#"{"a":1,"b":2}"#)
        )
        let first = try await events.record(event, id: id)
        wall.advance(by: .seconds(5))
        var again = event
        again.payload = try SystemEventPayload(#"{ "b":2.0, "a":1 }"#)
        let second = try await events.record(again, id: id)
        #expect(second.isDuplicate)
        #expect(second.position == first.position)
        again.leadID = 1
        await #expect {
            try await events.record(again, id: id)
        } throws: { error in
            guard case SystemEventsError.journal(.eventIDConflict) = error else { return false }
            return true
        }
        // Without an id two equal events are two.
        try await events.record(event)
        try await events.record(event)
        #expect(try await events.list().rows.count == 3)
    }
}
