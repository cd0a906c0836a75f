import CairnCore
import CairnDomains
import CairnJournal
import CairnTestSupport
import Foundation
import Testing

@testable import CairnServices

struct ExportTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    /// Rows that have everything that a format could lose.
    static let hostile: [PipelineEvent] = {
        let noon = Timestamp(nanoseconds: 1_766_664_000_123_456_789)
        var full = PipelineEvent(
            tenant: "a,\"b\"\n'c'",
            stage: "",
            eventType: "TYPE \u{1F600} \\ \t",
            status: .other("In, Progress"),
            createdAt: noon
        )
        full.attempt = 0
        full.isRetryable = false
        full.sequenceNumber = .min
        full.nextRetryAt = Timestamp(nanoseconds: -1)
        full.externalReference = ""
        full.durationMilliseconds = .max
        full.errorCode = "\\."
        full.errorMessage = "line\r\nline; DROP TABLE x; -- \u{7}"
        full.workerID = " spaces "
        full.serviceName = "NULL"
        full.startedAt = Timestamp(nanoseconds: 0)
        full.completedAt = Timestamp(nanoseconds: 1_000_000_000)
        full.metadata = Array("{\"a\" : [1.50, \"it's\"],\n \"b\":null}".utf8)
        full.sourceID = 12
        var plain = PipelineEvent(
            tenant: full.tenant,
            stage: "PARSING",
            eventType: "PARSE_OK",
            status: .completed,
            createdAt: Timestamp(nanoseconds: 1_766_664_000_000_000_000)
        )
        plain.sequenceNumber = 2
        return [full, plain]
    }()

    private static let request = "R '1', \"x\""

    /// Appends the events as a recorder does, under the ids that their numbers give.
    private func journal(_ events: [PipelineEvent]) async throws -> MemoryJournal {
        let journal = MemoryJournal()
        let stream = try PipelineEvent.streamID(request: Self.request)
        for event in events {
            let id = try event.sequenceNumber.map {
                try PipelineEvent.eventID(request: Self.request, sequenceNumber: $0)
            }
            try await journal.append(event.newEvent(id: id), to: stream)
        }
        return journal
    }

    private func export(_ journal: any Journal, _ format: ExportFormat) async throws -> [UInt8] {
        let sink = MemorySink()
        var exporter = EventExporter(format, to: sink)
        var rows = PipelineExport(of: journal)
        try await rows.forEachRow { row throws(ExportError) in try exporter.write(row) }
        try exporter.finish()
        return sink.bytes
    }

    private func content(_ journal: any Journal) async throws -> [String] {
        var found: [String] = []
        var rows = PipelineExport(of: journal)
        try await rows.forEachRow { row in
            let content = try? row.event.canonicalContent()
            found.append("\(row.request) \(row.sequence) \(row.position) \(content ?? [])")
        }
        return found
    }

    @Test func `an event that may not be passed over stops an export`() async throws {
        let journal = try await journal(Self.hostile)
        let rule = try NewEvent(type: "rule", occurredAt: .unixEpoch, payload: [])
        try await journal.append(rule, to: StreamID("job/1"))
        try await journal.append(rule, to: StreamID("job/1"))
        #expect(try await content(journal).count == 2)
        try await journal.append(rule, to: PipelineEvent.streamID(request: "R '1', \"x\""))
        let error = ExportError.codec(position: Position(rawValue: 5), .unknownType("rule"))
        await #expect(throws: error) { try await content(journal) }
    }

    @Test(arguments: [ExportFormat.jsonl, .csv])
    func `an export imports as an equal journal`(format: ExportFormat) async throws {
        let original = try await journal(Self.hostile)
        let exported = try await export(original, format)
        let path = try scratch.file("export.\(format.rawValue)", exported)
        let copy = MemoryJournal()
        try await PipelineImporter(into: copy).run([ImportInput(path: path)])
        #expect(try await content(copy) == content(original))
        #expect(try await content(copy).count == 2)
        #expect(try await export(copy, format) == exported)
    }

    @Test func `the export of nothing imports as nothing where its format is known`() async throws {
        let csv = try scratch.file("a", try await export(MemoryJournal(), .csv))
        let lines = try scratch.file("b", try await export(MemoryJournal(), .jsonl))
        let importer = PipelineImporter(into: MemoryJournal())
        try await importer.run([ImportInput(path: csv), ImportInput(path: lines, format: .jsonl)])
        #expect(importer.summary.events == 0)
        // JSON lines without a line are an empty file, which may as well be a mistake.
        let error = await #expect(throws: ImportError.self) {
            try await importer.run([ImportInput(path: lines)])
        }
        #expect(error?.reason == .empty)
    }

    @Test func `a row without a number has none, except in the table that demands one`()
        async throws
    {
        var event = Self.hostile[1]
        event.sequenceNumber = nil
        let journal = try await journal([event, event])
        let json = String(decoding: try await export(journal, .jsonl), as: UTF8.self)
        #expect(json.contains(#""sequence_no":null"#))
        let csv = String(decoding: try await export(journal, .csv), as: UTF8.self)
        #expect(csv.contains(",COMPLETED,,1,t,,"))
        let sql = String(decoding: try await export(journal, .sql), as: UTF8.self)
        #expect(sql.contains("'COMPLETED',2,1,TRUE,"))
    }

    @Test func `requests whose names only look alike are two in the statements`() async throws {
        let journal = MemoryJournal()
        for request in ["caf\u{E9}", "cafe\u{301}"] {
            let stream = try PipelineEvent.streamID(request: request)
            try await journal.append(Self.hostile[1].newEvent(id: nil), to: stream)
        }
        let sql = String(decoding: try await export(journal, .sql), as: UTF8.self)
        #expect(sql.utf8.contains("\n('caf\u{E9}'),\n('cafe\u{301}')\nON CONFLICT".utf8))
    }

    @Test func `CSV is what PostgreSQL writes`() async throws {
        let journal = try await journal(Self.hostile)
        let text = String(decoding: try await export(journal, .csv), as: UTF8.self)
        #expect(
            text == """
                id,tenant,pagw_id,stage,event_type,status,sequence_no,attempt,retryable,\
                next_retry_at,external_reference,duration_ms,error_code,error_message,worker_id,\
                service_name,started_at,completed_at,created_at,metadata
                12,"a,""b""
                'c'","R '1', ""x\""","",TYPE \u{1F600} \\ \t,"In, Progress",-9223372036854775808,\
                0,f,1969-12-31 23:59:59.999999999+00,"",9223372036854775807,\\.,"line\r
                line; DROP TABLE x; -- \u{7}", spaces ,NULL,1970-01-01 00:00:00+00,\
                1970-01-01 00:00:01+00,2025-12-25 12:00:00.123456789+00,\
                "{""a"" : [1.50, ""it's""],
                 ""b"":null}"
                ,"a,""b""
                'c'","R '1', ""x\""",PARSING,PARSE_OK,COMPLETED,2,1,t,,,,,,,,,,\
                2025-12-25 12:00:00+00,

                """
        )
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/sqlite3")))
    func `the statements fill a table of SQLite`() async throws {
        var number = Self.hostile[1]
        number.sequenceNumber = 3
        number.metadata = Array("12345678901234567890".utf8)
        let journal = try await journal(Self.hostile + [number])
        let path = try scratch.file("export.sql", try await export(journal, .sql))
        let query = """
            SELECT count(*), sum(sequence_no IS NOT NULL), max(duration_ms),
              metadata->>'a', tenant FROM event_tracker WHERE id < 3;
            SELECT length(error_message), retryable, created_at FROM event_tracker WHERE id = 1;
            SELECT count(*) FROM request_tracker;
            SELECT metadata, typeof(metadata) FROM event_tracker WHERE id = 3;
            """
        let output = try await shell(
            "/usr/bin/sqlite3",
            ["-bail", "\(scratch.path)/db"],
            from: path
        )
        #expect(output == "")
        let answer = try await shell("/usr/bin/sqlite3", ["\(scratch.path)/db", query], from: nil)
        #expect(
            answer == """
                2|2|9223372036854775807|[1.50,"it's"]|a,"b"
                'c'
                30|0|2025-12-25 12:00:00.123456789+00:00
                1
                12345678901234567890|text

                """
        )
        // A second load of other rows finds the tables there.
        #expect(
            try await shell("/usr/bin/sqlite3", ["\(scratch.path)/db", ".tables"], from: nil) != ""
        )
    }

    @Test func `NUL, which no database holds in text, is replaced in statements only`() async throws
    {
        var event = Self.hostile[1]
        event.errorMessage = "a\0b"
        event.metadata = Array(#"{"x":"\\u0000 \u0000"}"#.utf8)
        let journal = try await journal([event])
        let sql = String(decoding: try await export(journal, .sql), as: UTF8.self)
        #expect(sql.contains("'a\u{FFFD}b'"))
        #expect(sql.contains(#"'{"x":"\\u0000 \ufffd"}'"#))
        let json = String(decoding: try await export(journal, .jsonl), as: UTF8.self)
        #expect(json.contains(#""error_message":"a\u0000b""#))
    }

    /// Runs a program; standard error is part of the answer.
    private func shell(
        _ path: String,
        _ arguments: [String],
        from input: String?
    ) async throws -> String {
        var command = ChildCommand(path, arguments)
        if let input { command.input = .file(input) }
        command.output = .file(scratch.path("output"))
        command.error = command.output
        try await command.run()
        return try scratch.text("output")
    }
}
