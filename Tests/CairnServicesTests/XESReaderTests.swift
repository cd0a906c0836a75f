import CairnCore
import CairnDomains
import CairnTestSupport
import Testing

@testable import CairnServices

struct XESReaderTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func read(_ body: String) throws -> Reading {
        Reading.xes(try scratch.file("log.xes", Sample.log(body)))
    }

    private func raw(_ text: String) throws -> Reading {
        Reading.xes(try scratch.file("log.xes", text))
    }

    @Test func `an event of a log becomes a row of its case`() throws {
        let reading = try read(
            """
            <trace><string key="concept:name" value="A &amp; B"/><int key="cost" value="7"/>
            <event><string key="concept:name" value="Check"/>
            <string key="lifecycle:transition" value="start"/>
            <string key="org:resource" value="Pete"/><string key="org:group" value="G1"/>
            <date key="time:timestamp" value="2025-12-25T10:00:00.000+01:00"/>
            <int key="n" value="42"/><float key="f" value="NaN"/><boolean key="b" value="true"/>
            <string key="s" value="&lt;&quot;\u{e9}"/></event>
            <event><string key="concept:name" value="Check"/>
            <string key="lifecycle:transition" value="complete"/>
            <date key="time:timestamp" value="2025-12-25T10:00:02.500+01:00"/></event></trace>
            """
        )
        #expect(reading.bad.isEmpty && reading.stop == nil)
        #expect(reading.rows.map(\.request) == ["log-A & B", "log-A & B"])
        #expect(reading.rows.map(\.key) == [.sequenceNumber(1), .sequenceNumber(2)])
        let (first, second) = (reading.rows[0].event, reading.rows[1].event)
        #expect(first.tenant == "acme" && first.stage == "Check" && first.eventType == "Check")
        #expect(first.status == .started && first.workerID == "Pete" && first.serviceName == "G1")
        #expect(first.createdAt.rfc3339 == "2025-12-25T09:00:00.000000Z")
        #expect(
            first.metadata.map { String(decoding: $0, as: UTF8.self) }
                == #"{"lifecycle:transition":"start","n":42,"f":"NaN","b":true,"#
                + #""s":"<\"\#u{e9}","case:cost":7}"#
        )
        #expect(second.status == .completed && second.durationMilliseconds == 2_500)
        #expect(second.startedAt == first.createdAt && second.completedAt == second.createdAt)
    }

    @Test func `nested attributes and lists keep their shape`() throws {
        let reading = try read(
            Sample.trace(
                "1",
                """
                <event><string key="concept:name" value="A"/>
                <date key="time:timestamp" value="2025-12-25T10:00:00Z"/>
                <string key="outer" value="o"><int key="inner" value="1"><id key="x" value="y"/>
                </int></string>
                <list key="l"><values><int key="e" value="1"/><int key="e" value="2"/></values>
                </list><container key="c"><boolean key="t" value="false"/></container></event>
                """
            )
        )
        #expect(
            reading.rows.first?.event.metadata.map { String(decoding: $0, as: UTF8.self) }
                == #"{"outer":{"value":"o","attributes":{"inner":{"value":1,"attributes":"#
                + #"{"x":"y"}}}},"l":[{"e":1},{"e":2}],"c":{"t":false}}"#
        )
    }

    @Test func `cases with the same name go on counting their events`() throws {
        let twice = Sample.trace("1", Sample.event("A") + Sample.event("B"))
        let reading = try read(twice + Sample.trace("2", Sample.event("C")) + twice)
        #expect(reading.rows.map(\.event.sequenceNumber) == [1, 2, 1, 3, 4])
    }

    @Test func `attempts count the completions of an activity in its case`() throws {
        let events = Sample.event("A") + Sample.event("B") + Sample.event("A")
        let reading = try read(Sample.trace("1", events) + Sample.trace("2", events))
        #expect(reading.rows.map(\.event.attempt) == [1, 1, 2, 1, 1, 2])
    }

    static let transitions: [(String, PipelineStatus)] = [
        ("start", .started), ("START", .started), ("complete", .completed),
        ("Closed", .completed), ("Resolved", .completed), ("Cancelled", .failed),
        ("autoskip", .skipped), ("In Progress", .other("In Progress")),
        ("Wait - User", .other("Wait - User")), ("SCHEDULE", .other("SCHEDULE")),
    ]

    @Test(arguments: transitions)
    func `a transition gives the status`(word: String, status: PipelineStatus) throws {
        let event = Sample.event("A").replacing(
            "</event>",
            with: "<string key=\"lifecycle:transition\" value=\"\(word)\"/></event>"
        )
        #expect(try read(Sample.trace("1", event)).rows.first?.event.status == status)
    }

    static let badEvents: [(String, ImportReason)] = [
        (
            Sample.event("A", at: "2025-12-25T10:00:00"),
            .badTime(
                column: "time:timestamp",
                text: "2025-12-25T10:00:00",
                .missingZone
            )
        ),
        (
            "<event><string key=\"concept:name\" value=\"A\"/></event>",
            .missingValue(column: "time:timestamp")
        ),
        (
            "<event><date key=\"time:timestamp\" value=\"2025-12-25T10:00:00Z\"/></event>",
            .missingValue(column: "concept:name")
        ),
        (
            Sample.event("A").replacing(
                "<event>",
                with: "<event><int key=\"x\" value=\"1\"/><int key=\"x\" value=\"2\"/>"
            ),
            .duplicateKey(name: "x")
        ),
    ]

    @Test(arguments: badEvents)
    func `a bad event keeps its ordinal and the next one is read`(
        event: String,
        reason: ImportReason
    ) throws {
        let reading = try read(Sample.trace("7", event + Sample.event("B")))
        #expect(reading.bad.map(\.reason) == [reason])
        #expect(reading.rows.map(\.event.sequenceNumber) == [2])
        #expect(reading.bad[0].description.contains("case '7', event 1: "))
    }

    @Test func `a trace without a name gives bad rows`() throws {
        let reading = try read("<trace>\(Sample.event("A"))</trace>")
        #expect(reading.bad.map(\.reason) == [.missingValue(column: "concept:name of the trace")])
    }

    @Test func `what stands before a mistake in the XML is read`() throws {
        let reading = try raw(
            Sample.log(Sample.trace("1", Sample.event("A")) + "<trace><event></trace>")
        )
        #expect(reading.rows.count == 1)
        #expect(reading.stop?.reason == .malformedXML(message: "mismatched tag"))
        #expect(reading.stop?.place == .line(7))
    }

    @Test func `entities cannot be declared`() throws {
        let bomb = """
            <?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>
            <log><trace><string key="concept:name" value="&b;"/></trace></log>
            """
        #expect(try raw(bomb).stop?.reason == .documentType)
        let external = "<!DOCTYPE log SYSTEM \"file:///etc/passwd\"><log>&x;</log>"
        #expect(try raw(external).stop?.reason == .documentType)
    }

    @Test func `other XML and other bytes are no log`() throws {
        #expect(try raw("<html></html>").stop?.reason == .notALog(element: "html"))
        #expect(try raw("").stop?.reason == .malformedXML(message: "no element found"))
        let junk = String(decoding: (0..<255).map { UInt8($0) }, as: UTF8.self)
        #expect(try raw(junk).stop != nil)
    }

    @Test func `nesting and tags are bounded`() throws {
        let deep = String(repeating: "<string key=\"a\">", count: 100_000)
        #expect(
            try raw("<log><trace>\(deep)").stop?.reason
                == .nestedTooDeep(depthMax: XMLPushParser.depthMax)
        )
        let long = String(repeating: "x", count: 40 << 20)
        #expect(
            try raw("<log><trace a=\"\(long)\"/></log>").stop?.reason
                == .tokenTooLong(byteCountMax: XMLPushParser.tokenByteCountMax)
        )
    }

    @Test func `an event of too many attributes is one bad row`() throws {
        let value = String(repeating: "x", count: 1 << 20)
        let many = (0..<20).map { "<string key=\"k\($0)\" value=\"\(value)\"/>" }.joined()
        let huge = Sample.event("A").replacing("<event>", with: "<event>\(many)")
        let reading = try read(Sample.trace("1", huge + Sample.event("B")))
        #expect(reading.rows.count == 1)
        #expect(
            reading.bad.map(\.reason)
                == [.rowTooLong(byteCountMax: XESHandler.attributesByteCountMax)]
        )
    }

    private func metadata(_ reading: Reading) -> [String?] {
        reading.rows.map { $0.event.metadata.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test func `what a trace carries after its events is kept, too`() throws {
        let reading = try read(
            """
            <trace><string key="concept:name" value="1"/><int key="a" value="1"/>
            \(Sample.event("A"))<int key="b" value="2"/>\(Sample.event("B"))\(Sample.event("C"))
            <int key="c" value="3"/></trace>
            <trace>\(Sample.event("D"))<string key="concept:name" value="2"/></trace>
            <trace><string key="concept:name" value="3"/><int key="d" value="4"/></trace>
            \(Sample.trace("4", Sample.event("E")))
            """
        )
        #expect(reading.bad.isEmpty && reading.stop == nil)
        #expect(reading.rows.map(\.event.stage) == ["A", "B", "C", "D", "E"])
        #expect(reading.rows.map(\.request) == ["log-1", "log-1", "log-1", "log-2", "log-4"])
        #expect(
            metadata(reading) == [#"{"case:a":1}"#, #"{"case:b":2}"#, #"{"case:c":3}"#, nil, nil]
        )
    }

    @Test func `a trace that carries too much gives one bad row, with the cause`() throws {
        let value = String(repeating: "x", count: 1 << 20)
        let many = (0..<20).map { "<string key=\"k\($0)\" value=\"\(value)\"/>" }.joined()
        let events = Sample.event("A") + Sample.event("B")
        let limit = ImportReason.rowTooLong(byteCountMax: XESHandler.attributesByteCountMax)
        let named = try read(Sample.trace("1", many + events) + Sample.trace("2", events))
        #expect(named.bad.map(\.reason) == [limit])
        #expect(named.rows.map(\.event.stage) == ["B", "A", "B"])
        #expect(metadata(named) == [nil, nil, nil])
        let late = try read(Sample.trace("1", events + many))
        #expect(late.bad.map(\.reason) == [limit])
        #expect(late.bad[0].description.contains("case '1', event 2: "))
        let nameless = try read(
            "<trace>\(many)<string key=\"concept:name\" value=\"1\"/>\(events)</trace>"
        )
        #expect(nameless.bad.map(\.reason) == [limit, limit])
    }

    @Test func `a flaw of the trace is reported with its first event`() throws {
        let events = Sample.event("A") + Sample.event("B")
        let reading = try read(Sample.trace("1", "<int value=\"5\"/>" + events))
        #expect(reading.bad.map(\.reason) == [.missingValue(column: "key")])
        #expect(reading.rows.map(\.event.sequenceNumber) == [2])
    }

    @Test func `what a trace carries belongs to its first event, also where that is bad`() throws {
        let bad = Sample.event("A", at: "never")
        let reading = try read(
            Sample.trace("1", "<int key=\"a\" value=\"1\"/>" + bad + Sample.event("B"))
        )
        #expect(reading.bad.count == 1)
        #expect(metadata(reading) == [nil])
    }

    @Test func `names that only look alike are two`() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let keys = "<int key=\"\(composed)\" value=\"1\"/><int key=\"\(decomposed)\" value=\"2\"/>"
        let first = Sample.event(composed).replacing("</event>", with: "\(keys)</event>")
        let reading = try read(Sample.trace("1", first + Sample.event(decomposed)))
        #expect(reading.bad.isEmpty)
        #expect(reading.rows.map(\.event.attempt) == [1, 1])
    }
}
