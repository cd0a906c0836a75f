import CairnCore
import CairnDomains
import CairnJournal
import CairnTestSupport
import Testing

@testable import CairnServices

/// Which event an exported row is: importing it where it came from must add nothing.
struct RowNamingTests {
    let scratch: ScratchFolder

    init() throws {
        scratch = try ScratchFolder()
    }

    private func event(_ number: Int64?, at second: Int64 = 0) -> PipelineEvent {
        var event = PipelineEvent(
            tenant: "anthem",
            stage: "PARSING",
            eventType: "PARSE_OK",
            createdAt: Timestamp(nanoseconds: (1_766_664_000 + second) * 1_000_000_000)
        )
        event.sequenceNumber = number
        return event
    }

    private func append(
        _ event: PipelineEvent,
        id: String?,
        to journal: MemoryJournal
    ) async throws {
        let id = try id.map { try EventID($0) }
        let stream = try PipelineEvent.streamID(request: "R1")
        try await journal.append(event.newEvent(id: id), to: stream)
    }

    private func export(
        _ journal: MemoryJournal,
        _ format: ExportFormat,
        where includes: (ExportRow) -> Bool = { _ in true }
    ) async throws -> String {
        var rows = PipelineExport(of: journal)
        let survey = try await rows.survey(for: .csv, where: includes)
        let sink = MemorySink()
        var exporter = EventExporter(format, to: sink, survey: survey)
        try await rows.forEachRow { row throws(ExportError) in
            if includes(row) { try exporter.write(row) }
        }
        try exporter.finish()
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    private func run(
        _ text: String,
        into journal: MemoryJournal,
        order: ImportOrder = .file
    ) async throws -> ImportSummary {
        var options = ImportOptions()
        options.order = order
        options.temporaryFolder = scratch.path
        let importer = PipelineImporter(into: journal, options: options)
        try await importer.run([ImportInput(path: try scratch.file("rows", text))])
        return importer.summary
    }

    /// Ids and contents in the order of the journal.
    private func content(_ journal: MemoryJournal) async throws -> [String] {
        var found: [String] = []
        var rows = PipelineExport(of: journal)
        try await rows.forEachRow { row in
            let content = try? row.event.canonicalContent()
            found.append("\(row.eventID?.name ?? "none") \(content ?? [])")
        }
        return found
    }

    @Test(arguments: [ExportFormat.jsonl, .csv])
    func `ids that a caller chose come back`(format: ExportFormat) async throws {
        let journal = MemoryJournal()
        let tracker = PipelineTracker(journal: journal)
        for (id, stage) in [("mine-1", "PARSING"), ("R1/7", "VALIDATION"), ("it's, \"2\"", "X")] {
            let report = PipelineReport(tenant: "anthem", stage: stage)
            let command = PipelineCommand(.recordStart, report)
            try await tracker.record(command, of: "R1", id: try EventID(id))
        }
        let text = try await export(journal, format)
        let again = try await run(text, into: journal)
        #expect(again.events == 0 && again.duplicates == 3)
        let copy = MemoryJournal()
        #expect(try await run(text, into: copy).events == 3)
        #expect(try await content(copy) == content(journal))
        #expect(try await export(copy, format) == text)
        #expect(try await run(text, into: copy, order: .time).duplicates == 3)
    }

    @Test(arguments: [ExportFormat.jsonl, .csv])
    func `rows without a number add nothing where they came from`(
        format: ExportFormat
    ) async throws {
        let journal = MemoryJournal()
        let rows = (0..<4).map { _ in Sample.json() + "\n" }.joined()
        #expect(try await run(rows, into: journal).events == 4)
        let text = try await export(journal, format)
        #expect(!text.contains("event_id"))
        #expect(try await run(text, into: journal).events == 0)
        let copy = MemoryJournal()
        #expect(try await run(text, into: copy).events == 4)
        #expect(try await content(copy) == content(journal))
    }

    @Test(arguments: [ExportFormat.jsonl, .csv])
    func `rows without a number are known in a selection and in another order`(
        format: ExportFormat
    ) async throws {
        let journal = MemoryJournal()
        let times = ["03", "01", "02", "00"]
        let rows = times.map { Sample.json().replacing("10:00:00", with: "10:00:\($0)") + "\n" }
        #expect(try await run(rows.joined(), into: journal, order: .time).events == 4)
        #expect(try await run(export(journal, format), into: journal).events == 0)
        let last = try await export(journal, format) { $0.position > Position(rawValue: 2) }
        #expect(last.contains("R1/#3"))
        let again = try await run(last, into: journal)
        #expect(again.events == 0 && again.duplicates == 2)
    }

    @Test(arguments: [ExportFormat.jsonl, .csv])
    func `events without ids stay apart and are added once`(format: ExportFormat) async throws {
        let journal = MemoryJournal()
        // Equal ones, repeated numbers, and a place in the stream that is another's number.
        for number in [5, 5, 3, nil, nil, 3] as [Int64?] {
            try await append(event(number), id: nil, to: journal)
        }
        try await append(event(nil, at: 1), id: "R1/#1", to: journal)
        try await append(event(5, at: 2), id: "R1/5", to: journal)
        let text = try await export(journal, format)
        let copy = MemoryJournal()
        #expect(try await run(text, into: copy).events == 8)
        #expect(try await run(text, into: copy).duplicates == 8)
        #expect(try await export(copy, format) == text)
    }

    @Test func `CSV without the column gives events the ids that its columns tell`() async throws {
        let journal = MemoryJournal()
        try await append(event(1), id: "mine", to: journal)
        try await append(event(2), id: "R1/2", to: journal)
        let rows = PipelineExport(of: journal)
        #expect(try await rows.survey(for: .csv).ownCount == 1)
        #expect(try await rows.survey(for: .csv) { $0.event.sequenceNumber == 2 }.ownCount == 0)
    }

    @Test func `an id that no journal takes makes a bad row`() throws {
        let long = String(repeating: "x", count: 481)
        let reading = Reading.jsonLines(
            try scratch.file(
                "rows.jsonl",
                Sample.json(#","event_id":"""#) + "\n" + Sample.json(",\"event_id\":\"\(long)\"")
                    + "\n" + Sample.json(#","event_id":null,"sequence_no":3"#) + "\n"
                    + Sample.json(#","event_id":7"#)
            )
        )
        #expect(
            reading.bad.map(\.reason) == [
                .limit(.emptyEventID), .limit(.eventIDTooLong(byteCount: 481, byteCountMax: 480)),
                .wrongType(column: "event_id", expected: "a string"),
            ]
        )
        #expect(reading.rows.map(\.key) == [.sequenceNumber(3)])
    }
}
