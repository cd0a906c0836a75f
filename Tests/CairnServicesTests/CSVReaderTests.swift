import CairnCore
import CairnDomains
import CairnTestSupport
import Testing

@testable import CairnServices

struct CSVReaderTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func read(_ text: String, tenant: String? = nil) throws -> Reading {
        Reading.csv(try scratch.file("rows.csv", text), tenant: tenant)
    }

    @Test func `every column of the table has its place`() throws {
        let names = EventTrackerColumn.table.map(\.name).joined(separator: ",")
        let row = """
            7,anthem,R1,PARSING,PARSE_FAIL,FAILURE,12,3,f,2025-12-25 10:15:00+00,ref,-5,E1,\
            "no ""x"",\nsorry",pod-1,svc,2025-12-25 09:59:59.5+00,2025-12-25 11:00:00.123456+01,\
            2025-12-25 10:00:00.123+00,"{""n"": 1.0}"
            """
        let reading = try read("\(names)\r\n\(row)\r\n")
        let event = try #require(reading.rows.first?.event)
        #expect(reading.bad.isEmpty && reading.stop == nil)
        #expect(event.sourceID == 7 && event.sequenceNumber == 12 && event.attempt == 3)
        #expect(event.status == .failed && !event.isRetryable)
        #expect(event.durationMilliseconds == -5)
        #expect(event.errorMessage == "no \"x\",\nsorry")
        #expect(event.startedAt?.rfc3339 == "2025-12-25T09:59:59.500000Z")
        #expect(event.completedAt?.rfc3339 == "2025-12-25T10:00:00.123456Z")
        #expect(event.createdAt.rfc3339 == "2025-12-25T10:00:00.123000Z")
        #expect(event.metadata == Array(#"{"n": 1.0}"#.utf8))
        #expect(reading.rows[0].key == .sequenceNumber(12))
    }

    @Test func `an empty cell is NULL and two quotes are an empty text`() throws {
        let reading = try read(
            "\(Sample.header),error_message,worker_id\n\(Sample.row),,\"\"\n"
        )
        let event = try #require(reading.rows.first?.event)
        #expect(event.errorMessage == nil)
        #expect(event.workerID == "")
    }

    @Test func `what a row leaves out has the defaults of the table`() throws {
        let event = try #require(try read("\(Sample.header)\n\(Sample.row)").rows.first?.event)
        #expect(event.status == .started && event.attempt == 1 && event.isRetryable)
        #expect(event.sequenceNumber == nil)
    }

    @Test func `rows without a number are counted within their request`() throws {
        let other = Sample.row.replacing("R1", with: "R2")
        let reading = try read(
            [Sample.header, Sample.row, other, Sample.row].joined(separator: "\n")
        )
        #expect(reading.rows.map(\.key) == [.ordinal(1), .ordinal(1), .ordinal(2)])
        #expect(reading.rows.map(\.place) == [.line(2), .line(3), .line(4)])
    }

    @Test func `a bad row has an ordinal, so that it can be mended later`() throws {
        let header = "tenant,pagw_id,sequence_no,stage,event_type,created_at"
        let rows = [
            "a,R1,,S,T,never", "a,R1,,S,T", "a,R1,,S,T,x\"y", ",R1,,S,T,2025-12-25T10:00:00Z",
            "a,R1,x,S,T,2025-12-25T10:00:00Z", "a,,,S,T,2025-12-25T10:00:00Z", "a",
            "a,R1,,S,T,2025-12-25T10:00:00Z",
        ]
        let reading = try read(([header] + rows).joined(separator: "\n"))
        #expect(reading.bad.count == 7)
        #expect(reading.rows.map(\.key) == [.ordinal(5)])
    }

    @Test func `a line of a row is the one on which it starts`() throws {
        let first = Sample.row.replacing("PARSE_OK", with: "\"a\n\nb\"")
        let reading = try read("\(Sample.header)\n\(first)\n\nx\n\(Sample.row)\n")
        #expect(reading.rows.map(\.place) == [.line(2), .line(7)])
        #expect(reading.bad.map(\.place) == [.line(6)])
        #expect(reading.bad.map(\.reason) == [.cellCount(found: 1, expected: 5)])
    }

    @Test func `the tenant may be given for a table without one`() throws {
        let text = "pagw_id,stage,event_type,created_at\nR1,S,T,2025-12-25T10:00:00Z\n"
        #expect(try read(text).stop?.reason == .missingColumn(name: "tenant"))
        #expect(try read(text, tenant: "acme").rows.first?.event.tenant == "acme")
    }

    static let badHeaders: [(String, ImportReason)] = [
        ("", .missingHeader),
        ("\n\n", .missingHeader),
        ("\(Sample.header),tenant\n", .duplicateColumn(name: "tenant")),
        ("\(Sample.header),colour\n", .unknownColumn(name: "colour")),
        ("tenant,stage,event_type,created_at\n", .missingColumn(name: "pagw_id")),
        ("tenant,,stage\n", .missingHeader),
        ("tenant,\"pagw_id\n", .unclosedQuote),
        ("tenant,pagw\u{5F}id,sta\0ge\n", .unknownColumn(name: "sta\0ge")),
    ]

    @Test(arguments: badHeaders)
    func `a bad header ends the import`(text: String, reason: ImportReason) throws {
        let reading = try read(text)
        #expect(reading.stop?.reason == reason)
        #expect(reading.rows.isEmpty)
    }

    @Test func `an unknown column is named with all that are known`() throws {
        let reading = try read("\(Sample.header),colour\n")
        let message = try #require(reading.stop?.description)
        #expect(message.hasSuffix("completed_at, created_at, metadata, event_id"))
        #expect(message.contains("line 1: unknown column 'colour'; known are id, tenant,"))
    }

    static let badRows: [(String, ImportReason)] = [
        ("anthem,R1,S,T", .cellCount(found: 4, expected: 5)),
        ("\(Sample.row),1", .cellCount(found: 6, expected: 5)),
        ("anthem,,S,T,2025-12-25T10:00:00Z", .missingValue(column: "pagw_id")),
        ("anthem,\"\",S,T,2025-12-25T10:00:00Z", .missingValue(column: "pagw_id")),
        (",R1,S,T,2025-12-25T10:00:00Z", .missingValue(column: "tenant")),
        ("anthem,R1,,T,2025-12-25T10:00:00Z", .missingValue(column: "stage")),
        ("anthem,R1,S,T,", .missingValue(column: "created_at")),
        (
            "anthem,R1,S,T,2025-12-25 10:00:00",
            .badTime(column: "created_at", text: "2025-12-25 10:00:00", .missingZone)
        ),
        (
            "anthem,R1,S,T,2025-13-25 10:00:00Z",
            .badTime(column: "created_at", text: "2025-13-25 10:00:00Z", .outOfRange)
        ),
        ("anthem,R1,S\"x,T,2025-12-25T10:00:00Z", .strayQuote),
        ("anthem,\"R1\"x,S,T,2025-12-25T10:00:00Z", .strayQuote),
    ]

    @Test(arguments: badRows)
    func `a bad row is reported and the next one is read`(
        row: String,
        reason: ImportReason
    ) throws {
        let reading = try read("\(Sample.header)\n\(row)\n\(Sample.row)\n")
        #expect(reading.bad.map(\.reason) == [reason])
        #expect(reading.bad.map(\.place) == [.line(2)])
        #expect(reading.rows.count == 1)
        #expect(reading.stop == nil)
    }

    static let badValues: [(String, String, ImportReason)] = [
        ("attempt", "one", .notAnInteger(column: "attempt", text: "one")),
        ("attempt", "1.0", .notAnInteger(column: "attempt", text: "1.0")),
        ("attempt", "+1", .notAnInteger(column: "attempt", text: "+1")),
        ("attempt", "-", .notAnInteger(column: "attempt", text: "-")),
        ("attempt", "-1", .outOfRange(column: "attempt", text: "-1")),
        (
            "sequence_no", "9223372036854775808",
            .outOfRange(column: "sequence_no", text: "9223372036854775808")
        ),
        ("retryable", "maybe", .notABoolean(column: "retryable", text: "maybe")),
        (
            "metadata", "{a:1}",
            .malformedJSON(message: "metadata: unexpected 'a' in JSON at byte 1")
        ),
    ]

    @Test(arguments: badValues)
    func `a value that is none is refused`(
        column: String,
        value: String,
        reason: ImportReason
    ) throws {
        let reading = try read("\(Sample.header),\(column)\n\(Sample.row),\(value)\n")
        #expect(reading.bad.map(\.reason) == [reason])
    }

    @Test(arguments: ["-9223372036854775808", "9223372036854775807", "0", "-0", "007"])
    func `numbers reach both ends of 64 bits`(text: String) throws {
        let reading = try read("\(Sample.header),sequence_no\n\(Sample.row),\(text)\n")
        #expect(reading.rows.first?.event.sequenceNumber == Int64(text))
    }

    @Test func `bytes that are not UTF-8 make a bad row`() throws {
        let row = Array(Sample.row.utf8).map { $0 == UInt8(ascii: "R") ? 0xFF : $0 }
        let bytes = Array("\(Sample.header)\n".utf8) + row + Array("\n\(Sample.row)\n".utf8)
        let reading = Reading.csv(try scratch.file("bad.csv", bytes))
        #expect(reading.bad.map(\.reason) == [.invalidUTF8])
        #expect(reading.rows.count == 1)
    }

    @Test func `a quote that is never closed is one bad row of bounded size`() throws {
        let rest = String(repeating: "x,\n", count: 6 << 20)
        let reading = try read("\(Sample.header)\n\(Sample.row)\n\"\(rest)")
        #expect(reading.rows.count == 1)
        #expect(reading.bad.map(\.place) == [.line(3)])
        #expect(
            reading.bad.map(\.reason) == [.rowTooLong(byteCountMax: LineReader.rowByteCountMax)]
        )
    }
}
