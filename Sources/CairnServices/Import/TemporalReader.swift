internal import CairnCore

/// Reads the history of one Temporal workflow: `{"events": [...]}` as its servers export it.
///
/// The order of `eventId` is the truth; times in it may go back. The request is
/// `<prefix>-<workflow id>/<run id>`, with what the history tells of the two.
public struct TemporalReader: ImportReader {
    /// Largest history, in bytes; one is held in memory as a whole.
    public static let historyByteCountMax = 64 << 20

    private let input: InputBytes
    private let tenant: String
    private let request: String
    private let name: String
    private let events: [JSONValue]
    private var index = 0
    private var history = TemporalHistory()

    /// Opens a history.
    ///
    /// - Parameters:
    ///   - path: The file, plain or packed; `-` is standard input.
    ///   - prefix: What stands before the workflow's name; nothing and no dash if empty.
    ///   - tenant: The tenant of the request.
    /// - Throws: ``ImportError`` when the file cannot be read.
    public init(path: String, prefix: String, tenant: String) throws(ImportError) {
        try self.init(InputBytes(path: path), prefix: prefix, tenant: tenant)
    }

    init(_ input: InputBytes, prefix: String, tenant: String) throws(ImportError) {
        self.input = input
        self.tenant = tenant
        let document: JSONValue
        do {
            document = try JSONValue.parse(try Self.readAll(input))
        } catch let error as ImportError {
            throw error
        } catch {
            throw input.error(.malformedDocument(message: "\(error)"))
        }
        guard case .array(let events)? = document["events"] else {
            throw input.error(.malformedHistory(message: "it has no array of events"))
        }
        self.events = events
        let start = events.first?["workflowExecutionStartedEventAttributes"]
        let ids = ["workflowId", "originalExecutionRunId"].compactMap { start?[$0]?.text }
        name = ids.joined(separator: "/")
        request = [prefix, name].filter { !$0.isEmpty }.joined(separator: "-")
        guard !request.isEmpty else {
            throw input.error(.malformedHistory(message: "it names neither workflow nor run"))
        }
    }

    public mutating func next() throws(ImportError) -> ImportItem? {
        guard index < events.count else { return nil }
        let value = events[index]
        index += 1
        let place = ImportPlace.event(case: name, ordinal: index, line: nil)
        do {
            let (event, number) = try history.event(of: value, tenant: tenant)
            let key = ImportKey.sequenceNumber(number)
            return .row(ImportRow(request: request, key: key, event: event, place: place))
        } catch {
            return .bad(input.error(error.reason, at: place))
        }
    }

    private static func readAll(_ input: InputBytes) throws(ImportError) -> [UInt8] {
        var all: [UInt8] = []
        var chunk: [UInt8] = []
        while try input.next(into: &chunk) {
            guard all.count + chunk.count <= historyByteCountMax else {
                throw input.error(.documentTooLong(byteCountMax: historyByteCountMax))
            }
            all.append(contentsOf: chunk)
        }
        return all
    }
}

extension JSONValue {
    /// The text of a string.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// A whole number, given as a number or, as protocol buffers print 64 bits, as a string.
    var wholeNumber: Int64? {
        switch self {
        case .number(let text), .string(let text): JSONNumber(text)?.integer()
        case .null, .bool, .array, .object: nil
        }
    }
}
