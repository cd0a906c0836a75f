import CairnCore
import CairnDomains
import CairnJournal
import CairnServices

/// What a journal holds, as rows.
enum JournalRows {
    /// Writes the rows in a format.
    static func exported(
        _ journal: any Journal,
        _ format: ExportFormat,
        upTo bound: Position? = nil
    ) async throws -> [UInt8] {
        let sink = MemorySink()
        var rows = PipelineExport(of: journal, upTo: bound)
        var exporter = EventExporter(format, to: sink, survey: try await rows.survey(for: format))
        try await rows.forEachRow { row throws(ExportError) in try exporter.write(row) }
        try exporter.finish()
        return sink.bytes
    }

    /// Copies the rows out, in the order of their positions.
    static func all(of journal: any Journal, upTo bound: Position? = nil) async throws
        -> [ExportRow]
    {
        var all: [ExportRow] = []
        var rows = PipelineExport(of: journal, upTo: bound)
        try await rows.forEachRow { row throws(ExportError) in all.append(row) }
        return all
    }

    /// Imports a file into a journal that is made for it.
    static func imported(_ path: String) async throws -> MemoryJournal {
        let journal = MemoryJournal()
        try await PipelineImporter(into: journal).run([ImportInput(path: path)])
        return journal
    }

    /// The records of each request, oldest first: everything but positions and recorded times.
    ///
    /// Metadata is what it means, because exports may lay it out anew.
    static func records(of journal: any Journal) async throws -> [String: [String]] {
        var records: [String: [String]] = [:]
        let requests = Set(try await all(of: journal).map(\.request))
        for request in requests {
            let stream = try PipelineEvent.streamID(request: request)
            records[request] = try await journal.records(of: stream).map { record in
                let event = try PipelineEvent(
                    record.payload.span.bytes,
                    occurredAt: record.occurredAt
                )
                return "\(record.sequence) \(record.type) \(try event.canonicalContent())"
            }
        }
        return records
    }
}

extension ExportRow {
    /// The number that the table has: the row's own, or its place in the stream.
    var tableNumber: Int64 { event.sequenceNumber ?? Int64(clamping: sequence.rawValue) }
}
