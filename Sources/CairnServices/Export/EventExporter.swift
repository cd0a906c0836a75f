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
    ///   - writesEventIDs: Whether CSV has a column `event_id`. Without it an import of rows that
    ///     need one (``PipelineExport/eventIDCount(where:)``) gives their events other ids.
    public init(_ format: ExportFormat, to sink: any ByteSink, writesEventIDs: Bool = false) {
        writer = format.makeWriter(writesEventIDs: writesEventIDs)
        naming = format == .jsonl || writesEventIDs ? RowNaming() : nil
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
