import CairnCore
import CairnDomains
import CairnTestSupport
import Testing

@testable import CairnServices

struct JSONLinesReaderTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func read(_ text: String) throws -> Reading {
        Reading.jsonLines(try scratch.file("rows.jsonl", text))
    }

    @Test func `every column has its place and metadata keeps its bytes`() throws {
        let line = Sample.json(
            #"","id":"9","sequence_no":-4,"attempt":2,"retryable":false,"status":"Odd","#
                .dropFirst()
                + #""error_message":"tab\t\u00e9\n","duration_ms":2147483648,"#
                + #""metadata":{"b" : 1.50, "a":[ "x" ]},"worker_id":null"#
        )
        let reading = try read(line + "\n")
        let event = try #require(reading.rows.first?.event)
        #expect(event.sourceID == 9 && event.sequenceNumber == -4 && event.attempt == 2)
        #expect(event.status == .other("Odd") && !event.isRetryable)
        #expect(event.errorMessage == "tab\t\u{e9}\n")
        #expect(event.durationMilliseconds == 2_147_483_648)
        #expect(event.metadata == Array(#"{"b" : 1.50, "a":[ "x" ]}"#.utf8))
        #expect(event.workerID == nil)
    }

    private func metadata(_ json: String) throws -> String? {
        let row = try read(Sample.json(",\"metadata\":\(json)")).rows.first
        return row?.event.metadata.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (#""{\"n\":3}""#, #"{"n":3}"#), (#"" [1] ""#, " [1] "), (#""\"x\"""#, #""x""#),
        (#""\"{}\"""#, #""{}""#), (#""{n""#, #""{n""#), (#""5""#, #""5""#),
        (#""null""#, #""null""#), (#""\"x""#, #""\"x""#), ("\"\"", "\"\""),
        (#""[1] x""#, #""[1] x""#),
    ])
    func `an object, array or string is taken out of a string, and nothing else`(
        given: String,
        expected: String
    ) throws {
        #expect(try metadata(given) == expected)
    }

    @Test(arguments: [
        #""{\"a\":1}""#, #""[1,2]""#, #""\"x\"""#, #""\"\\\"x\\\"\"""#, "\"5\"", "\"x\"", "\"\"",
        "{\"a\": \"{}\"}", "[\"[]\"]", "5", "true", #""\u007b\u007d""#, #"  "[]"  "#, "\" {} \"",
        #""{\u0022a\u0022:\n1}""#,
    ])
    func `metadata of every kind comes back from JSON lines`(json: String) throws {
        var event = PipelineEvent(
            tenant: "a",
            stage: "S",
            eventType: "T",
            createdAt: Timestamp(nanoseconds: 0)
        )
        event.metadata = Array(json.utf8)
        let sink = MemorySink()
        var exporter = EventExporter(.jsonl, to: sink)
        try exporter.write(
            ExportRow(
                request: "R",
                sequence: SequenceNumber(rawValue: 1),
                position: .first,
                recordedAt: .unixEpoch,
                eventID: nil,
                event: event
            )
        )
        try exporter.finish()
        let reading = try read(String(decoding: sink.bytes, as: UTF8.self))
        let found = try #require(reading.rows.first?.event)
        #expect(try found.canonicalContent() == event.canonicalContent())
    }

    static let badLines: [(String, ImportReason)] = [
        ("[]", .malformedJSON(message: "a JSON object is needed at byte 0")),
        ("nonsense", .malformedJSON(message: "a JSON object is needed at byte 0")),
        ("{}", .missingValue(column: "pagw_id")),
        (Sample.json(request: ""), .missingValue(column: "pagw_id")),
        (Sample.json(#","colour":1"#), .unknownColumn(name: "colour")),
        (Sample.json(#","tenant":"b""#), .duplicateKey(name: "tenant")),
        (Sample.json(#","error_code":5"#), .wrongType(column: "error_code", expected: "a string")),
        (Sample.json(#","attempt":{}"#), .wrongType(column: "attempt", expected: "a whole number")),
        (
            Sample.json(#","retryable":1"#),
            .wrongType(column: "retryable", expected: "true or false")
        ),
        (Sample.json(#","attempt":1.5"#), .notAnInteger(column: "attempt", text: "1.5")),
        (
            Sample.json(#","duration_ms":1e3"#),
            .notAnInteger(column: "duration_ms", text: "1e3")
        ),
        (
            Sample.json(#","next_retry_at":"2025-12-25""#),
            .badTime(column: "next_retry_at", text: "2025-12-25", .notRFC3339)
        ),
    ]

    @Test(arguments: badLines)
    func `a bad line is reported and the next one is read`(
        line: String,
        reason: ImportReason
    ) throws {
        let reading = try read("\(line)\n\(Sample.json())")
        #expect(reading.bad.map(\.reason) == [reason])
        #expect(reading.bad.map(\.place) == [.line(1)])
        #expect(reading.rows.count == 1)
    }

    @Test func `a bad row has an ordinal, so that it can be mended later`() throws {
        let lines = [
            Sample.json(#","attempt":"x""#), Sample.json(#","colour":1"#),
            Sample.json(#","tenant":"b""#), Sample.json(#","retryable":7"#),
            Sample.json(#","sequence_no":true"#), Sample.json(#","event_id":"""#), "{}", "{",
            Sample.json(),
        ]
        let reading = try read(lines.joined(separator: "\n"))
        #expect(reading.bad.count == 8)
        #expect(reading.rows.map(\.key) == [.ordinal(5)])
    }

    static let documents = [
        "{\n  \"tenant\": \"a\",\n  \"pagw_id\": \"R\"\n}\n", "{\n\n}\n{\n}\n", "[\n  {\n",
        "[{\"a\":1}]", "\n{ \"tenant\":\n\"a\"}",
        "{\"tenant\": \"a\", \"metadata\": {\n  \"x\": 1}}",
    ]

    @Test(arguments: documents)
    func `one document over many lines is told from bad rows`(text: String) throws {
        let reading = try read(text)
        #expect(reading.stop?.reason == .oneDocument)
        #expect(reading.stop?.description.contains("jq -c") == true)
        #expect(reading.rows.isEmpty && reading.bad.isEmpty)
    }

    @Test func `a first row that was cut off is one bad row`() throws {
        let cut = String(Sample.json().dropLast(5))
        let reading = try read("\(cut)\n\n \(Sample.json())\n\(Sample.json())\n{\n}")
        #expect(reading.stop == nil)
        #expect(reading.bad.map(\.place) == [.line(1), .line(5), .line(6)])
        #expect(reading.rows.map(\.place) == [.line(3), .line(4)])
        #expect(try read(cut).bad.count == 1)
    }

    @Test func `brackets without end are a bad line and not a crash`() throws {
        let deep = String(repeating: "[", count: 1 << 20)
        let reading = try read(Sample.json(",\"metadata\":\(deep)") + "\n" + Sample.json())
        #expect(reading.rows.count == 1 && reading.bad.count == 1)
        #expect(reading.bad[0].description.contains("nested more than 128 deep"))
    }

    @Test func `a line of 100 megabytes is one bad line`() throws {
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000_000)
        bytes.append(10)
        bytes.append(contentsOf: Sample.json().utf8)
        let reading = Reading.jsonLines(try scratch.file("long.jsonl", bytes))
        #expect(reading.rows.map(\.place) == [.line(2)])
        #expect(
            reading.bad.map(\.reason) == [.rowTooLong(byteCountMax: LineReader.rowByteCountMax)]
        )
    }

    @Test func `bytes that are not UTF-8 make a bad line`() throws {
        let bytes = Array(Sample.json().utf8).map { $0 == UInt8(ascii: "R") ? 0xFF : $0 }
        let reading = Reading.jsonLines(try scratch.file("bad.jsonl", bytes))
        #expect(reading.bad.map(\.reason) == [.invalidUTF8])
    }
}
