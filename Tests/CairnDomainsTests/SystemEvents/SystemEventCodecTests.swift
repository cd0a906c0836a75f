import CairnCore
import CairnDomains
import CairnTesting
import Testing

/// What is stored of system events, and what is not read from it (laws 6 and 9).
struct SystemEventCodecTests {
    static func events() throws -> [SystemEvent] {
        let names = ["a.b", "whatsapp.send_failure", "stripe.webhook.failure"]
        let payloads = ["{}", "{ \"b\" : 1.0,\n \"a\":\"caf\u{E9}\" }", nil]
        let leads: [LeadID?] = [nil, 0, 123, LeadID(rawValue: .min), LeadID(rawValue: .max)]
        var events: [SystemEvent] = []
        for level in SystemEventLevel.allCases {
            for name in names {
                for payload in payloads {
                    for lead in leads {
                        events.append(
                            SystemEvent(
                                level,
                                try SystemEventType(name),
                                leadID: lead,
                                payload: try payload.map { try SystemEventPayload($0) }
                            )
                        )
                    }
                }
            }
        }
        return events
    }

    private func read(_ frame: StoredFrame) throws -> SystemEvent? {
        try frame.open(SystemEvent.read)
    }

    @Test func `every event comes back as it was written, its payload byte for byte`() throws {
        for event in try Self.events() {
            for instant in [Timestamp.distantPast, .unixEpoch, .distantFuture] {
                let stored = try event.newEvent(at: instant)
                #expect(try read(StoredFrame(stored)) == event)
                #expect(stored.occurredAt == instant)
                #expect(stored.type == "system_event.recorded")
                #expect(stored.mayBeIgnored)
            }
        }
    }

    @Test func `the stored bytes are those of the specification`() throws {
        let event = SystemEvent(
            .warn,
            try SystemEventType("a.b"),
            leadID: 7,
            payload: try SystemEventPayload("{}")
        )
        let bytes: [UInt8] = [2, 4, 5, 3, 0x61, 0x2E, 0x62, 6, 14, 9, 2, 0x7B, 0x7D]
        #expect(try event.newEvent(at: .unixEpoch).payload == bytes)
        #expect(try SystemEvent.stream().name == "system/events")
    }

    @Test func `a cut payload is a typed error or another event, and never a trap`() throws {
        var refusedCount = 0
        for event in try Self.events() {
            let stored = try event.newEvent(at: .unixEpoch)
            for count in stored.payload.indices {
                var frame = StoredFrame(stored)
                frame.payload = Array(stored.payload[..<count])
                do { _ = try read(frame) } catch is EventCodecError { refusedCount += 1 }
            }
        }
        #expect(refusedCount > 1_000)
    }

    @Test func `a changed byte gives a typed error or another event, and never a trap`() throws {
        for (index, event) in try Self.events().enumerated() {
            let stored = try event.newEvent(at: .unixEpoch)
            // Every other value of every byte for some events, a few of them for all.
            let changes: [UInt8] = index % 60 == 7 ? Array(1...255) : [1, 0x80, 0xFF]
            for place in stored.payload.indices {
                for change in changes {
                    var frame = StoredFrame(stored)
                    var payload = stored.payload
                    payload[place] ^= change
                    frame.payload = payload
                    do { _ = try read(frame) } catch is EventCodecError {}
                }
            }
        }
    }

    @Test func `random bytes are read or refused`() throws {
        var random = SeededGenerator(seed: 41)
        let stored = try #require(try Self.events().first).newEvent(at: .unixEpoch)
        for _ in 0..<5_000 {
            var frame = StoredFrame(stored)
            frame.payload = random.bytes(count: random.below(60))
            do { _ = try read(frame) } catch is EventCodecError {}
        }
    }

    @Test func `a level that is none is named as malformed`() throws {
        let stored = try #require(try Self.events().first).newEvent(at: .unixEpoch)
        for number in [0, 4, 255, -1, Int64.max] {
            var fields = FieldWriter()
            fields.number(1, number)
            fields.text(2, "a.b")
            var frame = StoredFrame(stored)
            frame.payload = fields.finish()
            #expect(
                throws: EventCodecError.malformed(
                    type: stored.type,
                    reason: "field 1 has no meaning"
                )
            ) { try read(frame) }
        }
    }

    @Test func `fields that a later version adds are passed over`() throws {
        for event in try Self.events() {
            let stored = try event.newEvent(at: .unixEpoch)
            var added = FieldWriter()
            added.number(120, .min)
            added.text(255, "new")
            var frame = StoredFrame(stored)
            frame.payload = stored.payload + added.finish()
            #expect(try read(frame) == event)
        }
    }

    @Test func `newer, unknown and erased events are told apart`() throws {
        let stored = try #require(try Self.events().first).newEvent(at: .unixEpoch)
        var newer = StoredFrame(stored)
        newer.typeVersion = 2
        #expect(throws: EventCodecError.newerVersion(type: stored.type, version: 2)) {
            try read(newer)
        }
        var unknown = StoredFrame(stored)
        unknown.type = "system_event.rule"
        #expect(throws: EventCodecError.unknownType("system_event.rule")) { try read(unknown) }
        unknown.mayBeIgnored = true
        #expect(try read(unknown) == nil)
        var erased = StoredFrame(stored)
        erased.isErased = true
        erased.payload = []
        #expect(try read(erased) == nil)
    }

    @Test func `under an id a payload counts as what it means, and the instant does not`() throws {
        let id = try EventID("delivery-1")
        func digest(_ payload: String?, at instant: Int64 = 0) throws -> ContentDigest {
            let event = SystemEvent(
                .error,
                .stripeWebhookFailure,
                payload: try payload.map { try SystemEventPayload($0) }
            )
            return try event.newEvent(at: Timestamp(nanoseconds: instant), id: id).contentDigest
        }
        let one = try digest(#"{"a":1,"b":[2]}"#)
        #expect(try digest(#"{ "b": [2.0], "a": 1e0 }"#, at: 9) == one)
        #expect(try digest(#"{"a":1,"b":[3]}"#) != one)
        #expect(try digest(nil) != digest("{}"))
    }
}
