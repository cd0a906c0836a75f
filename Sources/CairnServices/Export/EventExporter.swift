/// Writes rows of `event_tracker` to a sink, in one format and in bounded memory.
public struct EventExporter {
    /// How many bytes are gathered before the sink gets them.
    static let chunkByteCount = 64 << 10

    private var writer: any ExportWriter
    private let sink: any ByteSink
    private var bytes: [UInt8] = []
    private var hasBegun = false
    /// Nil where ids are not written.
    private var naming: RowNaming?

    /// Prepares an export.
    ///
    /// - Parameters:
    ///   - format: What to write.
    ///   - sink: Where it goes.
    ///   - survey: What ``PipelineExport/survey(for:where:)`` found. Without it CSV has no column
    ///     `event_id`, so that an import of rows that need one gives their events other ids, and
    ///     in SQL every `id` is a position and no text has a limit.
    public init(_ format: ExportFormat, to sink: any ByteSink, survey: TableSurvey? = nil) {
        writer = format.makeWriter(survey)
        let writesEventIDs = format == .jsonl || (survey?.ownCount ?? 0) > 0
        naming = writesEventIDs ? RowNaming() : nil
        self.sink = sink
    }

    /// Writes one row.
    public mutating func write(_ row: ExportRow) throws(ExportError) {
        begin()
        let id = try naming?.id(of: row)
        writer.add(row, eventID: id, into: &bytes)
        if bytes.count >= Self.chunkByteCount { try flush() }
    }

    /// Writes what stands after the last row.
    ///
    /// Without any row that is a header in CSV and an empty table in SQL, and nothing at all in
    /// JSON lines: an import refuses an empty file unless it is told its format.
    public mutating func finish() throws(ExportError) {
        begin()
        writer.end(into: &bytes)
        try flush()
    }

    private mutating func begin() {
        guard !hasBegun else { return }
        hasBegun = true
        writer.begin(into: &bytes)
    }

    private mutating func flush() throws(ExportError) {
        try sink.write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}
