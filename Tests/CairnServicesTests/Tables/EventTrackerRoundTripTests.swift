import CairnCore
import CairnDomains
import CairnJournal
import CairnLMDB
import CairnTestSupport
import CairnTesting
import Testing

@testable import CairnServices

/// Rows of `event_tracker` come out byte for byte as they went in.
struct EventTrackerRoundTripTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    /// A row as `COPY` writes it; NULL wherever it may stand; empty texts; spaces, line ends and
    /// old words; times and truths in other layouts, with JSON's null; a number with space.
    private static let csv = #"""
        id,tenant,pagw_id,stage,event_type,status,sequence_no,attempt,retryable,next_retry_at,external_reference,duration_ms,error_code,error_message,worker_id,service_name,started_at,completed_at,created_at,metadata
        1,anthem,R1,PARSING,PARSE_OK,COMPLETED,1,1,t,,,245,,,w,s,2025-12-25 10:00:00+00,2025-12-25 10:00:00.5+00,2025-12-25 10:00:01.123456+00,"{""a"":1}"
        ,anthem,R1,S,T,,,,,,,,,,,,,,2025-12-25 10:00:02+00,
        3,"",R 2,"","","",3,0,f,,"",0,"","","","",,,2025-12-25 10:00:02.123456789+00,""""""
        -4,"a,""b""",R3, S ,"T
        U",SUCCESS,-9223372036854775808,2,true,2025-12-25T11:00:00Z, x ,9223372036854775807,E'1,"""q""",w,NULL,2025-12-25 11:00:00+01,2025-12-25 10:00:00.120+00,2025-12-25 10:00:03.000000+00," { ""n"" : [1.0, 1e3, -0.0],
         ""t"": ""caf\u00e9"" }"
        5,anthem,R4,S,T,FAILURE,5,1,TRUE,2016-12-31 23:59:60+00,,,,,,,2025-12-25 10:00:00-00,2025-12-25t10:00:00.1234567890+00,2025-12-25 10:00:04+0000,null
        6,anthem,R4,S,T,failed,,1,0,,,,,,,,,,"2025-12-25 10:00:05,5+00", 1.50 
        7,anthem,R4,S,T,RETRY_SCHEDULED,7,2,F,,,-5,,,,,,,2025-12-25 10:00:06.10+00,"""{}"""

        """#

    private func take(
        _ text: String,
        into journal: any Journal,
        order: ImportOrder = .file
    ) async throws -> ImportSummary {
        var options = ImportOptions()
        options.order = order
        options.temporaryFolder = scratch.path
        let importer = PipelineImporter(into: journal, options: options)
        try await importer.run([ImportInput(path: try scratch.file("rows", text))])
        return importer.summary
    }

    private func exported(_ journal: any Journal, _ format: ExportFormat) async throws -> String {
        let sink = MemorySink()
        var exporter = EventExporter(format, to: sink)
        var rows = PipelineExport(of: journal)
        try await rows.forEachRow { row throws(ExportError) in try exporter.write(row) }
        try exporter.finish()
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test(arguments: [ImportOrder.file, .time])
    func `rows in CSV come back byte for byte, and again add nothing`(
        order: ImportOrder
    ) async throws {
        let journal = try LMDBJournal(path: scratch.path("j"))
        defer { journal.close() }
        let first = try await take(Self.csv, into: journal, order: order)
        #expect(first.events == 7)
        let lines = try await exported(journal, .csv)
        if order == .file { #expect(lines == Self.csv) }
        #expect(Set(lines.split(separator: "\n")) == Set(Self.csv.split(separator: "\n")))
        #expect(try await take(Self.csv, into: journal).duplicates == 7)
        #expect(try await take(lines, into: journal).duplicates == 7)
    }

    @Test func `JSON lines lose the layout of what they write in one way only`() async throws {
        let journal = MemoryJournal()
        #expect(try await take(Self.csv, into: journal).events == 7)
        let lines = try await exported(journal, .jsonl)
        #expect(lines.contains(#""status":"SUCCESS""#) && lines.contains(#""status":null"#))
        #expect(lines.contains(#""attempt":null,"retryable":null"#))
        let copy = MemoryJournal()
        #expect(try await take(lines, into: copy).events == 7)
        #expect(try await exported(copy, .jsonl) == lines)
        let changed = Self.csv.replacing(",true,", with: ",t,").replacing(",TRUE,", with: ",t,")
            .replacing(",1,0,,", with: ",1,f,,").replacing(",2,F,", with: ",2,f,")
            .replacing("+0000,null", with: "+0000,").replacing(", 1.50 ", with: ",1.50")
        #expect(try await exported(copy, .csv) == changed)
        #expect(try await take(lines, into: journal).events == 0)
    }

    @Test func `rows in JSON lines come back byte for byte`() async throws {
        func line(
            _ status: String,
            _ rest: String,
            _ instant: String,
            _ metadata: String
        ) -> String {
            #"{"id":null,"tenant":"a","pagw_id":"R","stage":"S","event_type":"T","#
                + #""status":\#(status),"sequence_no":null,\#(rest),"next_retry_at":\#(instant),"#
                + #""external_reference":"","duration_ms":null,"error_code":null,"#
                + #""error_message":"\n","worker_id":null,"service_name":null,"#
                + #""started_at":null,"completed_at":\#(instant),"created_at":\#(instant),"#
                + #""metadata":\#(metadata)}"# + "\n"
        }
        let plain = #""attempt":1,"retryable":true"#
        let none = #""attempt":null,"retryable":null"#
        let text = [
            line(#""SUCCESS""#, plain, #""2025-12-25T10:00:00Z""#, "null"),
            line("null", none, #""2025-12-25T10:00:00.120Z""#, #"{ "n" : [1.0, 1e3, -0.0] }"#),
            line(#""STARTED""#, plain, #""2025-12-25 11:00:00+01:00""#, #""12""#),
            line(#""FAILED""#, plain, #""2025-12-25T10:00:00.123456000Z""#, "12.50"),
            line(#""""#, plain, #""2025-12-25T10:00:00.123456Z""#, #""[1]\n""#),
        ].joined()
        let journal = MemoryJournal()
        #expect(try await take(text, into: journal).events == 5)
        #expect(try await exported(journal, .jsonl) == text)
        #expect(try await take(text, into: journal).duplicates == 5)
    }

    @Test func `a usual row stores nothing more, and is the same row in another layout`()
        async throws
    {
        let journal = MemoryJournal()
        let header = "tenant,pagw_id,stage,event_type,status,sequence_no,created_at,metadata\n"
        let usual = header + #"a,R,S,T,COMPLETED,1,2025-12-25 10:00:00.5+00,"{""b"":1}""# + "\n"
        let other = header + #"a,R,S,T,SUCCESS,1,2025-12-25 11:00:00.5+01,"{ ""b"":1 }""# + "\n"
        #expect(try await take(usual, into: journal).events == 1)
        #expect(try await take(other, into: journal).duplicates == 1)
        let stream = try PipelineEvent.streamID(request: "R")
        let record = try #require(try await journal.records(of: stream).first)
        #expect(record.typeVersion == 1 && record.payload.first == 1)
        let second = MemoryJournal()
        #expect(try await take(other, into: second).events == 1)
        let kept = try #require(try await second.records(of: stream).first)
        #expect(kept.typeVersion == 2 && kept.payload.first == 2)
        #expect(kept.contentDigest == record.contentDigest)
        #expect(try await take(usual, into: second).duplicates == 1)
        // A column that a row does not have has its default, and is not NULL.
        #expect(try await exported(journal, .csv).contains(",COMPLETED,1,1,t,,"))
    }

    @Test func `a layout is usual if and only if an export writes it`() {
        var random = SeededGenerator(seed: 11)
        let pieces = ["", ".5", ".50", ".123456", ".1234567", ".123456789", ".123456000", ",5"]
        let zones = ["Z", "+00", "-00", "+0000", "+00:00", "+01"]
        var usualCount = 0
        for round in 0..<4_000 {
            let second = random.isHit(1, outOf: 20) ? 60 : 10 + random.below(50)
            let text =
                "20\(10 + random.below(90))-0\(1 + random.below(9))-1\(random.below(10))"
                + random.pick([" ", "T", "t"])
                + "1\(random.below(10)):2\(random.below(10)):\(second)"
                + random.pick(pieces) + random.pick(zones)
            guard let instant = try? Timestamp(rfc3339: text) else { continue }
            for isCSV in [false, true] {
                let written = isCSV ? instant.csvCell : instant.jsonCell
                let isUsual = Timestamp.isUsual(Array(text.utf8)[...], isCSV: isCSV)
                #expect(isUsual == (written == Array(text.utf8)), "round \(round): \(text)")
                if isUsual { usualCount += 1 }
            }
        }
        #expect(usualCount > 100)
    }
}
