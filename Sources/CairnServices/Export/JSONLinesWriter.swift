internal import CairnCore
internal import CairnDomains

/// Writes a row as one line: an object with all columns, null where there is no value, and with
/// `event_id` only where the row needs one.
struct JSONLinesWriter: ExportWriter {
    private var writer = JSONWriter()

    mutating func begin(into bytes: inout [UInt8]) {}

    mutating func add(_ row: ExportRow, eventID: EventID?, into bytes: inout [UInt8]) {
        let event = row.event
        writer.beginObject()
        for column in EventTrackerColumn.allCases {
            let name = column.name
            if let text = event.sourceText(column), addSource(text, of: column) { continue }
            switch column {
            case .id: writer.member(name, event.sourceID)
            case .tenant: writer.member(name, event.tenant)
            case .requestID: writer.member(name, row.request)
            case .stage: writer.member(name, event.stage)
            case .eventType: writer.member(name, event.eventType)
            case .status: writer.member(name, event.status.word)
            case .sequenceNumber: writer.member(name, event.sequenceNumber)
            case .attempt: writer.member(name, event.attempt)
            case .retryable: writer.member(name, event.isRetryable)
            case .nextRetryAt: writer.member(name, event.nextRetryAt)
            case .externalReference: writer.member(name, event.externalReference)
            case .durationMilliseconds: writer.member(name, event.durationMilliseconds)
            case .errorCode: writer.member(name, event.errorCode)
            case .errorMessage: writer.member(name, event.errorMessage)
            case .workerID: writer.member(name, event.workerID)
            case .serviceName: writer.member(name, event.serviceName)
            case .startedAt: writer.member(name, event.startedAt)
            case .completedAt: writer.member(name, event.completedAt)
            case .createdAt: writer.member(name, event.createdAt)
            case .metadata:
                writer.key(name)
                if let metadata = event.metadata { add(metadata) } else { writer.null() }
            case .eventID: if let eventID { writer.member(name, eventID.name) }
            }
        }
        writer.endObject()
        writer.newline()
        writer.drain { bytes.append(contentsOf: $0) }
    }

    mutating func end(into bytes: inout [UInt8]) {}

    /// Adds what a cell said, unless its value says it in JSON: truths and metadata.
    private mutating func addSource(_ text: [UInt8], of column: EventTrackerColumn) -> Bool {
        if text.isEmpty {
            writer.key(column.name)
            writer.null()
            return true
        }
        guard column.isText else { return false }
        writer.member(column.name, String(decoding: text, as: UTF8.self))
        return true
    }

    /// Adds metadata, in a string where a reader takes it out as it is and would not otherwise.
    private mutating func add(_ metadata: [UInt8]) {
        let json = metadata.trimmingJSONSpace
        let isOneLine = !metadata.contains { $0 == 10 || $0 == 13 }
        let isPlain = json.count == metadata.count && isOneLine
        let mustBeHeld = !isPlain && EncodedDocument.isHeld(in: metadata.span.bytes)
        if mustBeHeld || EncodedDocument.isLookalike(json) {
            writer.string(String(decoding: metadata, as: UTF8.self))
        } else {
            writer.verbatim(Self.onOneLine(json))
        }
    }

    /// Line breaks of JSON stand between its tokens only, where a space means the same.
    static func onOneLine(_ json: ArraySlice<UInt8>) -> [UInt8] {
        json.map { $0 == 10 || $0 == 13 ? 32 : $0 }
    }
}
