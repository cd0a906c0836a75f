/// Reads an XES event log: each event of a trace is a row of the request `<prefix>-<case>`.
public struct XESReader: ImportReader {
    private let input: InputBytes
    private let handler: XESHandler
    private let parser: XMLPushParser
    private var chunk: [UInt8] = []
    private var end: ImportReason?
    private var isAtEnd = false
    private var endLine = 0

    /// Opens a log.
    ///
    /// - Parameters:
    ///   - path: The file, plain or packed; `-` is standard input.
    ///   - prefix: What stands before each case's name; nothing and no dash if empty.
    ///   - tenant: The tenant of all its requests.
    /// - Throws: ``ImportError`` when the file cannot be read.
    public init(path: String, prefix: String, tenant: String) throws(ImportError) {
        self.init(try InputBytes(path: path), prefix: prefix, tenant: tenant)
    }

    init(_ input: InputBytes, prefix: String, tenant: String) {
        self.input = input
        handler = XESHandler(source: input.name, prefix: prefix, tenant: tenant)
        parser = XMLPushParser(handler)
    }

    public mutating func next() throws(ImportError) -> ImportItem? {
        while true {
            if let item = handler.takeItem() { return item }
            if let end { throw input.error(end, at: .line(endLine)) }
            if isAtEnd { return nil }
            isAtEnd = try !input.next(into: &chunk)
            if isAtEnd { chunk = [] }
            // What stands before a mistake is handed out before the mistake is reported, but for
            // the last event of a trace that is not closed, which is not known in full.
            end = parser.feed(chunk, isLast: isAtEnd)
            if end != nil { endLine = parser.line }
        }
    }
}
