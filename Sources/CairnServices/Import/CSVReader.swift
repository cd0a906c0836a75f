internal import CairnDomains

/// Reads CSV as `COPY event_tracker TO STDOUT CSV HEADER` writes it.
public struct CSVReader: ImportReader {
    private let input: InputBytes
    private let tenant: String?
    private var records: CSVRecords
    private var columns: [EventTrackerColumn] = []
    private var row = EventTrackerRow(isCSV: true)
    private var ordinals = OrdinalCounter()

    /// Opens a file and reads its header.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - tenant: The tenant of rows that name none.
    /// - Throws: ``ImportError`` when the file cannot be read or its header is no good.
    public init(path: String, tenant: String? = nil) throws(ImportError) {
        try self.init(InputBytes(path: path), tenant: tenant)
    }

    init(_ input: InputBytes, tenant: String?) throws(ImportError) {
        self.input = input
        self.tenant = tenant
        records = CSVRecords(input)
        try readHeader()
    }

    private mutating func readHeader() throws(ImportError) {
        guard let end = try records.next() else { throw input.error(.missingHeader) }
        let place = ImportPlace.line(records.line)
        if case .fault(let reason) = end { throw input.error(reason, at: place) }
        for cell in records.cells {
            guard let cell else { throw input.error(.missingHeader, at: place) }
            guard let name = String(validating: records.bytes[cell], as: UTF8.self) else {
                throw input.error(.invalidUTF8, at: place)
            }
            guard let column = EventTrackerColumn(name: name) else {
                throw input.error(.unknownColumn(name: name), at: place)
            }
            guard !columns.contains(column) else {
                throw input.error(.duplicateColumn(name: name), at: place)
            }
            columns.append(column)
        }
        for column in EventTrackerColumn.allCases where column.isRequired {
            guard columns.contains(column) || (column == .tenant && tenant != nil) else {
                throw input.error(.missingColumn(name: column.name), at: place)
            }
        }
        records.cellCountMax = columns.count
    }

    public mutating func next() throws(ImportError) -> ImportItem? {
        guard let end = try records.next() else { return nil }
        let place = ImportPlace.line(records.line)
        var fault: RowFault?
        if case .fault(let reason) = end {
            fault = RowFault(reason)
        } else if records.cellCount != columns.count {
            fault = RowFault(
                .cellCount(found: records.cellCount, expected: columns.count)
            )
        }
        row.removeAll()
        // Of a broken record the cells before the mistake; most likely its request is among them.
        for (column, cell) in zip(columns, records.cells) { row[column] = cell }
        records.exchange(&row.bytes)
        do {
            return .row(
                try row.importRow(at: place, tenant: tenant, fault: fault, counting: &ordinals)
            )
        } catch {
            return .bad(input.error(error.reason, at: place))
        }
    }
}

extension EventTrackerRow {
    /// The row with what identifies it among the rows of its request.
    ///
    /// - Parameters:
    ///   - place: Where it stands.
    ///   - tenant: The tenant of rows that name none.
    ///   - fault: What is known to be wrong with it; thrown once the row has its ordinal.
    ///   - ordinals: Counts the rows without a number or an id of their own.
    /// - Returns: The row.
    /// - Throws: What makes it a bad one.
    func importRow(
        at place: ImportPlace,
        tenant: String?,
        fault: RowFault?,
        counting ordinals: inout OrdinalCounter
    ) throws(RowFault) -> ImportRow {
        let request: String
        do { request = try self.request() } catch { throw fault ?? error }
        // Taken before anything else can be wrong: a row that is mended later must not move the
        // ordinals of those after it.
        let ordinal =
            self[.sequenceNumber] == nil && self[.eventID] == nil ? ordinals.next(of: request) : 0
        if let fault { throw fault }
        let event = try event(tenant: tenant)
        let key: ImportKey =
            if let id = try eventID() {
                .eventID(id)
            } else if let number = event.sequenceNumber {
                .sequenceNumber(number)
            } else {
                .ordinal(ordinal)
            }
        return ImportRow(request: request, key: key, event: event, place: place)
    }
}
