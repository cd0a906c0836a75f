internal import CairnCore
internal import CairnDomains

/// Writes rows as PostgreSQL's `COPY ... CSV HEADER` does: NULL empty, an empty text quoted.
struct CSVWriter: ExportWriter {
    private let columns: [EventTrackerColumn]

    init(writesEventIDs: Bool) {
        columns = writesEventIDs ? EventTrackerColumn.allCases : EventTrackerColumn.table
    }

    func begin(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: columns.map(\.name).joined(separator: ",").utf8)
        bytes.append(10)
    }

    func add(_ row: ExportRow, eventID: EventID?, into bytes: inout [UInt8]) {
        let event = row.event
        for column in columns {
            if column != .id { bytes.append(UInt8(ascii: ",")) }
            if let text = event.sourceText(column) {
                if !text.isEmpty { Self.cell(text, &bytes) }
                continue
            }
            switch column {
            case .id: Self.plain(event.sourceID?.description, &bytes)
            case .tenant: Self.cell(event.tenant.utf8, &bytes)
            case .requestID: Self.cell(row.request.utf8, &bytes)
            case .stage: Self.cell(event.stage.utf8, &bytes)
            case .eventType: Self.cell(event.eventType.utf8, &bytes)
            case .status: Self.cell(event.status.word.utf8, &bytes)
            case .sequenceNumber: Self.plain(event.sequenceNumber?.description, &bytes)
            case .attempt: Self.plain(event.attempt.description, &bytes)
            case .retryable: Self.plain(event.isRetryable ? "t" : "f", &bytes)
            case .nextRetryAt: Self.plain(event.nextRetryAt?.postgreSQL, &bytes)
            case .externalReference: Self.cell(event.externalReference?.utf8, &bytes)
            case .durationMilliseconds:
                Self.plain(event.durationMilliseconds?.description, &bytes)
            case .errorCode: Self.cell(event.errorCode?.utf8, &bytes)
            case .errorMessage: Self.cell(event.errorMessage?.utf8, &bytes)
            case .workerID: Self.cell(event.workerID?.utf8, &bytes)
            case .serviceName: Self.cell(event.serviceName?.utf8, &bytes)
            case .startedAt: Self.plain(event.startedAt?.postgreSQL, &bytes)
            case .completedAt: Self.plain(event.completedAt?.postgreSQL, &bytes)
            case .createdAt: Self.plain(event.createdAt.postgreSQL, &bytes)
            case .metadata: Self.cell(event.metadata, &bytes)
            case .eventID: Self.cell(eventID?.name.utf8, &bytes)
            }
        }
        bytes.append(10)
    }

    func end(into bytes: inout [UInt8]) {}

    /// Adds what needs no quotes.
    private static func plain(_ text: String?, _ bytes: inout [UInt8]) {
        if let text { bytes.append(contentsOf: text.utf8) }
    }

    /// Adds a cell, in quotes where it needs them; nil adds nothing.
    static func cell(_ value: (some Collection<UInt8>)?, _ bytes: inout [UInt8]) {
        guard let value else { return }
        let needsQuotes =
            value.isEmpty || value.contains { $0 == 0x22 || $0 == 0x2C || $0 == 10 || $0 == 13 }
        guard needsQuotes else { return bytes.append(contentsOf: value) }
        bytes.append(0x22)
        for byte in value {
            if byte == 0x22 { bytes.append(0x22) }
            bytes.append(byte)
        }
        bytes.append(0x22)
    }
}

extension Timestamp {
    /// The instant as PostgreSQL prints a `timestamptz` in UTC: `2025-12-25 10:00:00.123+00`.
    var postgreSQL: String {
        var text = Array(rfc3339.utf8.dropLast())
        while text.last == UInt8(ascii: "0") { text.removeLast() }
        if text.last == UInt8(ascii: ".") { text.removeLast() }
        if text.count > 10 { text[10] = 0x20 }
        return String(decoding: text, as: UTF8.self) + "+00"
    }
}
