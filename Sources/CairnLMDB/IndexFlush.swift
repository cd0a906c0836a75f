internal import CairnCore
internal import CairnJournal

/// Brings one sealed segment of the tail to the index tables, slice by slice.
///
/// Each slice is a transaction of its own between the writer's batches, bounded in records and in
/// time. Every record is a true fact whether or not the slices after it come, and writing it again
/// changes nothing, so a crash or another process between two slices does no harm. The last slice
/// raises the head record's indexed position.
final class IndexFlush {
    /// Most records in one slice.
    static let recordCountMax = 4_096
    /// A slice ends once it has taken this long.
    static let nanosecondsMax: UInt64 = 8_000_000

    let segment: TailSegment
    private let groups: TailGroups
    // Which of the segment's entries are to be written.
    private var born: [Int]
    private var streams: [Int]
    private var prefixes: [Int]
    /// Ids of the prefix in work that get records of their own.
    private var singles: [(suffix: [UInt8], position: Position)] = []
    private var singlesPrefix: ArraySlice<UInt8> = []

    /// Sorts the segment's entries, descending, so that the next one is the last: in some
    /// milliseconds, before the first slice and in none of them.
    init(_ segment: TailSegment) {
        self.segment = segment
        groups = segment.events.groups()
        born = (0..<segment.born.count).sorted { segment.born.isName(at: $1, before: $0) }
        streams = (0..<segment.events.streamCount).sorted {
            segment.events.number(ofStream: $0) > segment.events.number(ofStream: $1)
        }
        prefixes = (0..<segment.events.prefixCount)
            .filter { segment.events.idCount(ofPrefix: $0) > 0 }
            .sorted { segment.events.isPrefix(at: $1, before: $0) }
    }

    private var isDone: Bool {
        born.isEmpty && streams.isEmpty && prefixes.isEmpty && singles.isEmpty
    }

    /// Writes the next slice.
    ///
    /// - Returns: Whether the segment is in the tables completely.
    func writeSlice(_ transaction: Transaction) throws(JournalError) -> Bool {
        let deadline = MonotonicInstant.now.adding(nanoseconds: Self.nanosecondsMax)
        let tables = IndexTables(transaction: transaction)
        var count = 0
        while !isDone, count < Self.recordCountMax {
            count += 1
            if count % 64 == 0, MonotonicInstant.now > deadline { break }
            if let next = born.popLast() {
                try write(born: next, transaction)
            } else if let next = streams.popLast() {
                try write(stream: next, tables)
            } else if let next = singles.popLast() {
                try write(single: next, transaction)
            } else if let next = prefixes.popLast() {
                try write(prefix: next, tables)
            }
        }
        return isDone
    }

    private func write(born index: Int, _ transaction: Transaction) throws(JournalError) {
        let key = Array(segment.born.name(at: index))
        try withKey(segment.born.number(at: index).rawValue) { value throws(JournalError) in
            try transaction.putRecord(.stream, unsafe key.span.bytes, value)
        }
    }

    /// Extends the stream's last slice with what it lacks, and goes on with new ones.
    private func write(stream index: Int, _ tables: IndexTables) throws(JournalError) {
        let number = segment.events.number(ofStream: index)
        let end = SequenceNumber(rawValue: .max - 1)
        var first = SequenceNumber(rawValue: 1)
        var slice: [Position] = []
        if let stored = try tables.streamSlice(of: number, atOrBefore: end) {
            first = stored.first
            slice = stored.positions
        }
        let storedLast = slice.last ?? .zero
        var isChanged = false
        for position in groups.positions(ofStream: index) where position > storedLast {
            if slice.count >= IndexRecords.streamSliceCountMax {
                if isChanged { try put(slice, number, first, tables.transaction) }
                first = SequenceNumber(rawValue: first.rawValue + UInt64(slice.count))
                slice = []
            }
            slice.append(position)
            isChanged = true
        }
        if isChanged { try put(slice, number, first, tables.transaction) }
    }

    private func put(
        _ slice: [Position],
        _ number: StreamNumber,
        _ first: SequenceNumber,
        _ transaction: Transaction
    ) throws(JournalError) {
        let key = IndexRecords.streamSliceKey(number, first)
        let value = IndexRecords.encode(positions: slice)
        try transaction.putRecord(.streamEvents, unsafe key.span.bytes, unsafe value.span.bytes)
    }

    /// Extends the prefix' last slice, or begins to give its ids records of their own.
    private func write(prefix index: Int, _ tables: IndexTables) throws(JournalError) {
        let prefix = segment.events.prefix(at: index)
        let ids = groups.ids(ofPrefix: index)
        let stored = try tables.idSlices(of: prefix)
        if stored.hasSingles || ids.count > IndexRecords.idSliceCountMax
            || stored.sliceCount >= IndexRecords.idSlicesMax
        {
            let marker = IndexRecords.idMarkerKey(prefix)
            try tables.transaction.putRecord(.eventID, unsafe marker.span.bytes, RawSpan())
            singlesPrefix = prefix
            singles = ids.map { ($0.suffix.bytes, $0.position) }
                .sorted { $1.suffix.lexicographicallyPrecedes($0.suffix) }
            return
        }
        let storedLast = stored.lastSlice.last?.position ?? .zero
        var slice = stored.lastSlice
        let added = ids.filter { $0.position > storedLast }
        if added.isEmpty { return }
        for entry in added {
            if slice.count >= IndexRecords.idSliceCountMax {
                try put(slice, prefix, tables.transaction)
                slice = []
            }
            slice.append(entry)
        }
        try put(slice, prefix, tables.transaction)
    }

    private func put(
        _ slice: [IndexedID],
        _ prefix: ArraySlice<UInt8>,
        _ transaction: Transaction
    ) throws(JournalError) {
        guard let first = slice.first else { return }
        let key = IndexRecords.idSliceKey(prefix, first: first.position)
        let value = IndexRecords.encode(ids: slice)
        try transaction.putRecord(.eventID, unsafe key.span.bytes, unsafe value.span.bytes)
    }

    private func write(
        single: (suffix: [UInt8], position: Position),
        _ transaction: Transaction
    ) throws(JournalError) {
        let key = IndexRecords.idSingleKey(singlesPrefix, single.suffix)
        let value = IndexRecords.encode(position: single.position)
        try transaction.putRecord(.eventID, unsafe key.span.bytes, unsafe value.span.bytes)
    }
}

extension Transaction {
    /// Stores an index record with its checksum.
    func putRecord(_ table: Table, _ key: RawSpan, _ content: RawSpan) throws(JournalError) {
        let value = IndexRecords.sealed(content, at: key)
        try put(table, key, unsafe value.span.bytes)
    }
}

extension IndexTables {
    /// What the tables have of a prefix: how many slices, the last of them, and whether ids of it
    /// have records of their own.
    func idSlices(
        of prefix: ArraySlice<UInt8>
    ) throws(JournalError) -> (
        sliceCount: Int, lastSlice: [IndexedID], hasSingles: Bool
    ) {
        let group = IndexRecords.idGroupKey(prefix)
        let cursor = try Cursor(transaction, .eventID)
        var sliceCount = 0
        var last: [IndexedID] = []
        var hasSingles = false
        func take(_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Bool {
            guard key.byteCount == group.count + 8,
                unsafe key.extracting(0..<group.count).equals(group.span.bytes)
            else { return false }
            if key.bigEndian(at: group.count, as: UInt64.self) == .max {
                hasSingles = true
                return false
            }
            sliceCount += 1
            last.removeAll(keepingCapacity: true)
            let content = try content(of: value, at: key, .eventID)
            do {
                try IndexRecords.forEachID(in: value.extracting(content)) { suffix, position in
                    last.append(IndexedID(suffix: EventIDKey.Suffix(suffix), position: position))
                    return .proceed
                }
            } catch {
                throw damaged(.eventID)
            }
            return true
        }
        var goesOn = try cursor.seek(unsafe group.span.bytes, take) ?? false
        while goesOn { goesOn = try cursor.move(.next, take) ?? false }
        return (sliceCount, last, hasSingles)
    }
}
