internal import CairnCore
internal import CairnDomains

/// What all rows of an export say together.
public struct TableSurvey: Hashable, Sendable {
    /// Rows that need the column that is no column of the source, so that an import gives back
    /// what it says.
    public private(set) var ownCount = 0
    /// Whether no two rows have the same id of their own, as far as could be told.
    ///
    /// Ids that do not ascend are told apart where they lie near to each other, as those of one
    /// table do: of some ten thousand ranges of 4,096 ids each.
    public var hasDistinctIDs: Bool { hasAscendingIDs || ids.areDistinct }
    /// The largest of the rows' own ids; zero where there are none.
    public private(set) var idMax: Int64 = 0
    /// The columns in which a row of `event_tracker` has a text that is longer than the source has
    /// room for.
    public private(set) var longColumns: Set<EventTrackerColumn> = []

    /// Makes the survey of no rows yet.
    public init() {}

    private var hasAscendingIDs = true
    private var ids = DistinctIDs()
    private var last: Int64?
    /// Where the last row without an id of its own stands; zero where all have one.
    private var lastPlace: Int64 = 0

    mutating func take(_ row: TableExportRow) {
        take(id: row.id, at: row.position, needsOwnColumn: row.needsOwnColumn)
    }

    mutating func take(_ row: ExportRow, needsEventID: Bool) {
        take(id: row.event.sourceID, at: row.position, needsOwnColumn: needsEventID)
        for (column, text) in row.limitedTexts {
            guard let text, let countMax = column.characterCountMax, text.utf8.count > countMax,
                text.unicodeScalars.count > countMax
            else { continue }
            longColumns.insert(column)
        }
    }

    private mutating func take(id: Int64?, at position: Position, needsOwnColumn: Bool) {
        if needsOwnColumn { ownCount += 1 }
        guard let id else {
            lastPlace = Int64(clamping: position.rawValue)
            return
        }
        if let last, id <= last { hasAscendingIDs = false }
        last = id
        ids.insert(id)
        idMax = max(idMax, id)
    }

    /// Whether rows keep their own ids in a table that demands one of each: no two are equal, and
    /// there is room behind them for the rows without any.
    public var keepsIDs: Bool {
        hasDistinctIDs && !idMax.addingReportingOverflow(lastPlace).overflow
    }

    /// The `id` of a row in a table that demands one: its own, or behind all of those one made of
    /// its position; where ``keepsIDs`` is false, the position of each.
    func tableID(_ id: Int64?, at position: Position) -> Int64 {
        let place = Int64(clamping: position.rawValue)
        return keepsIDs ? id ?? idMax &+ place : place
    }
}

extension ExportRow {
    /// The texts for which the source has limited room.
    fileprivate var limitedTexts: [(EventTrackerColumn, String?)] {
        [
            (.tenant, event.tenant), (.requestID, request), (.stage, event.stage),
            (.eventType, event.eventType), (.externalReference, event.externalReference),
            (.errorCode, event.errorCode), (.workerID, event.workerID),
            (.serviceName, event.serviceName),
        ]
    }
}

/// Numbers that were met, in bounded memory: a bit for each in the ranges that have any.
private struct DistinctIDs: Hashable, Sendable {
    private static let rangeCountMax = 16_384
    private static let rangeBits: Int64 = 12

    private(set) var areDistinct = true
    private var ranges: [Int64: [UInt64]] = [:]

    mutating func insert(_ id: Int64) {
        guard areDistinct else { return }
        let place = Int(id & ((1 << Self.rangeBits) - 1))
        let bit = UInt64(1) << UInt64(place % 64)
        let isNew = ranges[
            id >> Self.rangeBits,
            default: Array(repeating: 0, count: (1 << Int(Self.rangeBits)) / 64)
        ].mark(bit, at: place / 64)
        guard isNew, ranges.count <= Self.rangeCountMax else {
            areDistinct = false
            ranges = [:]
            return
        }
    }
}

extension [UInt64] {
    /// Sets a bit; false if it was set.
    fileprivate mutating func mark(_ bit: UInt64, at index: Int) -> Bool {
        let isNew = self[index] & bit == 0
        self[index] |= bit
        return isNew
    }
}
