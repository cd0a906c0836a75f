internal import CairnCore
internal import CairnDomains

/// One row of text cells, as CSV and JSON lines give it: bytes, and where each column stands.
struct EventTrackerRow {
    /// The bytes that the cells stand in; readers reuse it from row to row.
    var bytes: [UInt8] = []
    /// Whether it stands in CSV, where instants and truths are written as PostgreSQL does.
    let isCSV: Bool
    private var cells: [Range<Int>?]
    private var isGiven: [Bool]

    init(isCSV: Bool) {
        self.isCSV = isCSV
        cells = Array(repeating: nil, count: EventTrackerColumn.allCases.count)
        isGiven = Array(repeating: false, count: cells.count)
    }

    /// Where a column's value stands; nil for NULL, which an empty text is not.
    subscript(column: EventTrackerColumn) -> Range<Int>? {
        get { cells[column.rawValue] }
        set {
            cells[column.rawValue] = newValue
            isGiven[column.rawValue] = true
        }
    }

    /// Whether the row has the column, and NULL in it.
    func isNull(_ column: EventTrackerColumn) -> Bool {
        isGiven[column.rawValue] && cells[column.rawValue] == nil
    }

    /// Forgets all cells.
    mutating func removeAll() {
        for index in cells.indices {
            cells[index] = nil
            isGiven[index] = false
        }
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4 * InputBytes.chunkByteCount)
    }

    /// The request that the row is about.
    func request() throws(RowFault) -> String {
        guard let request = try text(.requestID), !request.isEmpty else {
            throw missing(.requestID)
        }
        return request
    }

    /// The id that the row gives itself.
    func eventID() throws(RowFault) -> EventID? {
        guard let name = try text(.eventID) else { return nil }
        do { return try EventID(name) } catch { throw RowFault(.limit(error)) }
    }

    /// The row as an event.
    ///
    /// - Parameter tenant: The tenant of rows that name none.
    /// - Returns: The event; what the row leaves out has the table's defaults.
    /// - Throws: The first value that is missing or cannot be read.
    func event(tenant: String?) throws(RowFault) -> PipelineEvent {
        guard let tenant = try text(.tenant) ?? tenant else { throw missing(.tenant) }
        guard let stage = try text(.stage) else { throw missing(.stage) }
        guard let eventType = try text(.eventType) else { throw missing(.eventType) }
        guard let createdAt = try time(.createdAt) else { throw missing(.createdAt) }
        var event = PipelineEvent(
            tenant: tenant,
            stage: stage,
            eventType: eventType,
            createdAt: createdAt
        )
        if let status = try text(.status) { event.status = PipelineStatus(status) }
        event.sourceID = try integer(.id)
        event.sequenceNumber = try integer(.sequenceNumber)
        if let attempt = try integer(.attempt) {
            guard attempt >= 0 else {
                throw RowFault(.outOfRange(column: "attempt", text: String(attempt)))
            }
            event.attempt = attempt
        }
        if let isRetryable = try boolean(.retryable) { event.isRetryable = isRetryable }
        event.nextRetryAt = try time(.nextRetryAt)
        event.externalReference = try text(.externalReference)
        event.durationMilliseconds = try integer(.durationMilliseconds)
        event.errorCode = try text(.errorCode)
        event.errorMessage = try text(.errorMessage)
        event.workerID = try text(.workerID)
        event.serviceName = try text(.serviceName)
        event.startedAt = try time(.startedAt)
        event.completedAt = try time(.completedAt)
        event.metadata = try json(.metadata)
        event.origin = origin(of: event)
        return event
    }

    private func missing(_ column: EventTrackerColumn) -> RowFault {
        RowFault(.missingValue(column: column.name))
    }

    private func text(_ column: EventTrackerColumn) throws(RowFault) -> String? {
        guard let range = self[column] else { return nil }
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw RowFault(.invalidUTF8)
        }
        return text
    }

    private func integer(_ column: EventTrackerColumn) throws(RowFault) -> Int64? {
        guard let range = self[column] else { return nil }
        var digits = bytes[range]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else {
            throw RowFault(.notAnInteger(column: column.name, text: shown(range)))
        }
        // Summed below zero, where one more number fits than above.
        var value: Int64 = 0
        for digit in digits {
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.subtractingReportingOverflow(Int64(digit - 48))
            guard !isTooLarge, !overflow else {
                throw RowFault(.outOfRange(column: column.name, text: shown(range)))
            }
            value = sum
        }
        guard isNegative || value != .min else {
            throw RowFault(.outOfRange(column: column.name, text: shown(range)))
        }
        return isNegative ? value : -value
    }

    private func boolean(_ column: EventTrackerColumn) throws(RowFault) -> Bool? {
        guard let range = self[column] else { return nil }
        switch shown(range).lowercased() {
        case "t", "true", "1": return true
        case "f", "false", "0": return false
        default: throw RowFault(.notABoolean(column: column.name, text: shown(range)))
        }
    }

    private func time(_ column: EventTrackerColumn) throws(RowFault) -> Timestamp? {
        guard let text = try text(column) else { return nil }
        do {
            return try Timestamp(rfc3339: text)
        } catch {
            throw RowFault(.badTime(column: column.name, text: text, error))
        }
    }

    private func json(_ column: EventTrackerColumn) throws(RowFault) -> [UInt8]? {
        guard let range = self[column] else { return nil }
        do {
            try JSONScanner.validate(bytes.span.bytes.extracting(range))
        } catch {
            throw RowFault(.malformedJSON(message: "\(column.name): \(error)"))
        }
        return Array(bytes[range])
    }

    /// A cell for a message; only as much of it as a message may hold.
    private func shown(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].prefix(200), as: UTF8.self)
    }
}

/// Why a row is bad, before its place is known.
struct RowFault: Error, Hashable {
    let reason: ImportReason

    init(_ reason: ImportReason) {
        self.reason = reason
    }
}
