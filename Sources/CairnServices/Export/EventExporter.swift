/// Writes rows of `event_tracker` to a sink, in one format and in bounded memory.
public struct EventExporter {
    /// How many bytes are gathered before the sink gets them.
    static let chunkByteCount = 64 << 10

    private var writer: any ExportWriter
    private let sink: any ByteSink
    private var bytes: [UInt8] = []
    private var hasBegun = false

    public init(_ format: ExportFormat, to sink: any ByteSink) {
        writer = format.makeWriter()
        self.sink = sink
    }

    /// Writes one row.
    public mutating func write(_ row: ExportRow) throws(ExportError) {
        begin()
        writer.add(row, into: &bytes)
        if bytes.count >= Self.chunkByteCount { try flush() }
    }

    /// Writes what stands after the last row; without any row, an export that imports as none.
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
