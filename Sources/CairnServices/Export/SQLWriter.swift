internal import CairnCore
internal import CairnDomains

/// Writes statements that PostgreSQL and SQLite both take: the source's table and its rows.
///
/// The table is the source's own. Where its types would lose facts they are wider: any status
/// word, 64-bit counts, and texts of any length in a column where a row has a longer one than the
/// source has room for. `id` is the row's own where those of all rows differ, and else the position
/// in the journal, because ids of several sources may be equal; `sequence_no` is the source's, or
/// else the place in the stream. A row that had NULL where the table takes none has the default. A
/// NUL character, which no text of either database can hold, becomes U+FFFD.
struct SQLWriter: ExportWriter {
    /// Most rows of one statement.
    private static let statementRowCountMax = 100
    /// Most requests that are remembered as made, so that each is made about once.
    private static let knownRequestCountMax = 65_536

    private let survey: TableSurvey?
    private var rows: [UInt8] = []
    private var requests: [UInt8] = []
    private var rowCount = 0
    private var knownRequests: Set<ExactText> = []
    private var hasGivenNumbers = false
    private var hasOwnNumbers = false

    init(_ survey: TableSurvey?) {
        self.survey = survey
    }

    func begin(into bytes: inout [UInt8]) {
        let schema = Self.schema { column in
            guard let survey, !survey.longColumns.contains(column),
                let countMax = column.characterCountMax
            else { return "TEXT" }
            return "VARCHAR(\(countMax))"
        }
        bytes.append(contentsOf: schema.utf8)
    }

    mutating func add(_ row: ExportRow, eventID: EventID?, into bytes: inout [UInt8]) {
        if row.event.sequenceNumber == nil { hasOwnNumbers = true } else { hasGivenNumbers = true }
        if knownRequests.count == Self.knownRequestCountMax { knownRequests = [] }
        if knownRequests.insert(ExactText(row.request)).inserted {
            requests.append(contentsOf: requests.isEmpty ? "\n(".utf8 : ",\n(".utf8)
            Self.text(row.request.utf8, &requests)
            requests.append(UInt8(ascii: ")"))
        }
        rows.append(contentsOf: rows.isEmpty ? "\n(".utf8 : ",\n(".utf8)
        addValues(of: row)
        rows.append(UInt8(ascii: ")"))
        rowCount += 1
        if rowCount == Self.statementRowCountMax || rows.count > 1 << 20 { flush(into: &bytes) }
    }

    mutating func end(into bytes: inout [UInt8]) {
        flush(into: &bytes)
        // Given numbers are unique in a request, and so are places in a stream; both together
        // need not be.
        let unique = hasGivenNumbers && hasOwnNumbers ? "" : "UNIQUE "
        let prefix = unique.isEmpty ? "ix" : "ux"
        bytes.append(
            contentsOf: """
                CREATE \(unique)INDEX IF NOT EXISTS \(prefix)_event_tracker_pagw_seq
                  ON event_tracker (pagw_id, sequence_no);
                \(Self.indexes)
                COMMIT;

                """.utf8
        )
    }

    private mutating func flush(into bytes: inout [UInt8]) {
        if !requests.isEmpty {
            bytes.append(contentsOf: "INSERT INTO request_tracker (pagw_id) VALUES".utf8)
            bytes.append(contentsOf: requests)
            bytes.append(contentsOf: "\nON CONFLICT (pagw_id) DO NOTHING;\n".utf8)
            requests.removeAll(keepingCapacity: true)
        }
        guard rowCount > 0 else { return }
        let names = EventTrackerColumn.table.map(\.name).joined(separator: ", ")
        bytes.append(contentsOf: "INSERT INTO event_tracker (\(names)) VALUES".utf8)
        bytes.append(contentsOf: rows)
        bytes.append(contentsOf: ";\n".utf8)
        rows.removeAll(keepingCapacity: true)
        rowCount = 0
    }

    private mutating func addValues(of row: ExportRow) {
        let event = row.event
        for column in EventTrackerColumn.table {
            if column != .id { rows.append(UInt8(ascii: ",")) }
            switch column {
            case .id: plain(id(of: row).description)
            case .tenant: Self.text(event.tenant.utf8, &rows)
            case .requestID: Self.text(row.request.utf8, &rows)
            case .stage: Self.text(event.stage.utf8, &rows)
            case .eventType: Self.text(event.eventType.utf8, &rows)
            case .status: Self.text(event.status.word.utf8, &rows)
            case .sequenceNumber: plain(row.tableSequenceNumber.description)
            case .attempt: plain(event.attempt.description)
            case .retryable: plain(event.isRetryable ? "TRUE" : "FALSE")
            case .nextRetryAt: time(event.nextRetryAt)
            case .externalReference: Self.text(event.externalReference?.utf8, &rows)
            case .durationMilliseconds: plain(event.durationMilliseconds?.description)
            case .errorCode: Self.text(event.errorCode?.utf8, &rows)
            case .errorMessage: Self.text(event.errorMessage?.utf8, &rows)
            case .workerID: Self.text(event.workerID?.utf8, &rows)
            case .serviceName: Self.text(event.serviceName?.utf8, &rows)
            case .startedAt: time(event.startedAt)
            case .completedAt: time(event.completedAt)
            case .createdAt: time(event.createdAt)
            case .metadata: Self.text(event.metadata.map(Self.portable), &rows)
            case .eventID: break
            }
        }
    }

    private func id(of row: ExportRow) -> Int64 {
        survey?.tableID(row.event.sourceID, at: row.position)
            ?? Int64(clamping: row.position.rawValue)
    }

    private mutating func plain(_ text: String?) {
        rows.append(contentsOf: (text ?? "NULL").utf8)
    }

    private mutating func time(_ instant: Timestamp?) {
        guard let instant else { return plain(nil) }
        // SQLite compares times as text and knows `+00:00`, not `+00`.
        var text = Array(instant.rfc3339.utf8.dropLast())
        if text.count > 10 { text[10] = 0x20 }
        Self.text(text + Array("+00:00".utf8), &rows)
    }

    /// Adds a text as a literal of both databases, or NULL.
    static func text(_ value: (some Collection<UInt8>)?, _ bytes: inout [UInt8]) {
        guard let value else { return bytes.append(contentsOf: "NULL".utf8) }
        bytes.append(UInt8(ascii: "'"))
        for byte in value {
            switch byte {
            case UInt8(ascii: "'"): bytes.append(contentsOf: [byte, byte])
            case 0: bytes.append(contentsOf: [0xEF, 0xBF, 0xBD])
            // The shell of SQLite drops a carriage return at the end of a line.
            case 10 where bytes.last == 13: bytes.append(contentsOf: "' || '\n".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "'"))
    }

    /// JSON that means the same in one line, but for the escape of NUL, which JSONB refuses:
    /// it becomes that of U+FFFD.
    private static func portable(_ json: [UInt8]) -> [UInt8] {
        let escape = Array("\\u0000".utf8)
        var result = JSONLinesWriter.onOneLine(json.trimmingJSONSpace)
        var place = 0
        while place + 1 < result.count {
            guard result[place] == UInt8(ascii: "\\") else {
                place += 1
                continue
            }
            if result[place...].starts(with: escape) {
                result.replaceSubrange(place..<place + 6, with: Array("\\ufffd".utf8))
            }
            place += 2
        }
        return result
    }
}
