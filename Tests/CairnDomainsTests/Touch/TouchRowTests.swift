import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

/// A row as the table has it: its JSON, its times, and what its uid stands for.
struct TouchRowTests {
    private func row(_ json: String, createdAt: Double = 1) throws -> Touch {
        try Touch(
            uid: TouchSamples.uid(1),
            user: "1",
            json: Array(json.utf8),
            createdAt: createdAt
        )
    }

    /// The eight variants of seed 000, with every shape of a message.
    static let variants = [
        #"{"type":"send_attempt","queued_at":0,"channel":"string","event":"string","#
            + #""event_parameters":{}}"#,
        #"{"type":"send_unreachable","parent":"string"}"#,
        #"{"type":"send_stale","parent":"string"}"#,
        #"{"type":"send_reachable","parent":"p","message":{"body":"b"},"destinations":["d","e"]}"#,
        #"{"type":"send_reachable","parent":"p","message":{"title":"t","body":"b","#
            + #""channel_id":"c"},"destinations":[]}"#,
        #"{"type":"send_reachable","parent":"p","message":{"subject":"s","template":"t","#
            + #""template_parameters":{"a": 1}},"destinations":["d"]}"#,
        #"{"type":"send_reachable","parent":"p","message":{"other":[1]},"destinations":["d"]}"#,
        #"{"type":"send_retry","parent":"p","destination":"d","info":{"identifier":"x"}}"#,
        #"{"type":"send_abandon","parent":"p","destination":"d","info":{}}"#,
        #"{"type":"send_unretryable","parent":"p","destination":"d","info":{"a":{"b":1.50}}}"#,
        #"{"type":"send_success","parent":"p","destination":"d"}"#,
    ]

    @Test(arguments: variants)
    func `a variant is written as it was read`(json: String) throws {
        let row = try row(json)
        #expect(row.source == nil)
        #expect(String(decoding: row.json, as: UTF8.self) == json)
        #expect(row.fact.kind == TouchEventKind(word: row.fact.kind.word))
    }

    @Test func `shapes are told apart by their members`() throws {
        func message(_ json: String) throws -> TouchMessage? {
            let whole =
                #"{"type":"send_reachable","parent":"p","message":\#(json),"destinations":[]}"#
            guard case .sendReachable(let reach) = try row(whole).fact else { return nil }
            return reach.message
        }
        #expect(try message(#"{"body":"b"}"#) == .sms(body: "b"))
        let push = #"{"body":"b","channel_id":"c","title":"t"}"#
        #expect(try message(push) == .push(title: "t", body: "b", channelID: "c"))
        let email = #"{"subject":"s","template":"t","template_parameters":[]}"#
        #expect(
            try message(email)
                == .email(subject: "s", template: "t", parameters: Array("[]".utf8))
        )
        for other in [#"{"body":1}"#, "{}", #"{"body":"b","x":1}"#, #"{"title":"t"}"#] {
            #expect(try message(other) == .other(Array(other.utf8)))
        }
    }

    @Test func `other JSON of the same meaning is kept, and is the same row`() throws {
        let plain = try row(#"{"type":"send_success","parent":"p","destination":"d"}"#)
        let spaced = try row(#"{ "destination": "d", "parent":"\u0070", "type":"send_success"}"#)
        #expect(spaced.fact == plain.fact)
        #expect(
            String(decoding: spaced.json, as: UTF8.self)
                == #"{ "destination": "d", "parent":"\u0070", "type":"send_success"}"#
        )
        let stored = try (plain.newEvent(), spaced.newEvent())
        #expect(stored.0.payload != stored.1.payload)
        #expect(stored.0.contentDigest == stored.1.contentDigest)
        #expect(stored.0.id == stored.1.id)
    }

    @Test func `another meaning, user or time under one uid is another content`() throws {
        let json = #"{"type":"send_success","parent":"p","destination":"d"}"#
        let base = try row(json)
        let others = [
            try row(json, createdAt: 2),
            try Touch(uid: base.uid, user: "2", fact: base.fact, createdAt: 1),
            try row(#"{"type":"send_success","parent":"p","destination":"e"}"#),
            try row(#"{"type":"send_success","parent":"p","destination":"d","more":1}"#),
            try row(#"{"type":"send_stale","parent":"p"}"#),
        ]
        let digest = try base.newEvent().contentDigest
        for other in others { #expect(try other.newEvent().contentDigest != digest) }
    }

    static let malformed: [(String, TouchError)] = [
        (#"{"type":"send_success","parent":"p"}"#, .missing("destination")),
        (#"{"parent":"p"}"#, .missing("type")),
        (#"{"type":"sent"}"#, .unknownType("sent")),
        (#"{"type":1}"#, .wrongType(member: "type", expected: "a string")),
        (
            #"{"type":"send_retry","parent":"p","destination":"d","info":[]}"#,
            .wrongType(member: "info", expected: "an object")
        ),
        (
            #"{"type":"send_attempt","queued_at":"0","channel":"","event":"","#
                + #""event_parameters":{}}"#,
            .wrongType(member: "queued_at", expected: "a number")
        ),
        (
            #"{"type":"send_attempt","queued_at":1e999,"channel":"","event":"","#
                + #""event_parameters":{}}"#,
            .notATime("queued_at")
        ),
        (
            #"{"type":"send_reachable","parent":"p","message":{},"destinations":[1]}"#,
            .wrongType(member: "destinations", expected: "an array of strings")
        ),
    ]

    @Test(arguments: malformed)
    func `what is no row is refused with a reason`(json: String, error: TouchError) {
        #expect(throws: error) { try row(json) }
    }

    @Test func `what is no JSON is refused where it breaks`() {
        for json in ["", "{", "[]", "nul", #"{"type":"send_stale","parent":"p"}}"#] {
            #expect(throws: TouchError.self) { try row(json) }
        }
    }

    @Test func `times and users that cannot be are refused`() throws {
        let fact = TouchFact.sendStale(parent: "p")
        let uid = TouchSamples.uid(1)
        for instant in [Double.nan, .infinity, -.infinity] {
            #expect(throws: TouchError.notATime("created_at")) {
                try Touch(uid: uid, user: "1", fact: fact, createdAt: instant)
            }
            let attempt = TouchAttempt(queuedAt: instant, channel: .sms, event: "e")
            #expect(throws: TouchError.notATime("queued_at")) {
                try Touch(uid: uid, user: "1", fact: .sendAttempt(attempt), createdAt: 1)
            }
        }
        #expect(throws: TouchError.emptyUser) {
            try Touch(uid: uid, user: "", fact: fact, createdAt: 1)
        }
    }

    static let instants: [(Double, String)] = [
        (0, "1970-01-01T00:00:00.000000Z"), (-0.25, "1969-12-31T23:59:59.750000Z"),
        (1_641_670_932.572958, "2022-01-08T19:42:12.572958Z"),
        (1_607_347_681.5, "2020-12-07T13:28:01.500000Z"),
        (0.9999999, "1970-01-01T00:00:01.000000Z"),
    ]

    @Test(arguments: instants)
    func `seconds are instants to the microsecond`(seconds: Double, text: String) throws {
        let instant = Timestamp(touchSeconds: seconds)
        #expect(instant.rfc3339 == text)
        #expect(Timestamp(touchSeconds: instant.touchSeconds) == instant)
    }

    @Test func `seconds beyond the range stay at its ends`() {
        #expect(Timestamp(touchSeconds: 1e300) == .distantFuture)
        #expect(Timestamp(touchSeconds: 9.25e9) == .distantFuture)
        #expect(Timestamp(touchSeconds: -1e300) == .distantPast)
        #expect(Timestamp(touchSeconds: -9.25e9) == .distantPast)
        #expect(Timestamp(touchSeconds: .nan) == .unixEpoch)
    }

    @Test func `long users have streams of their own`() throws {
        let long = String(repeating: "u", count: 1_000)
        let names = try [long, long + "v", "u"].map { try TouchMachine.stream(of: $0).name }
        #expect(Set(names).count == 3)
        #expect(names.last == "touch/u")
        #expect(throws: LimitError.emptyStreamID) { try TouchMachine.stream(of: "") }
    }
}
