internal import CairnCore

/// Sorts records by their keys outside memory, and keeps the order of those with equal ones.
///
/// Up to `byteCountMax` bytes of records are held; more go to a nameless temporary file in sorted
/// runs, which are then merged with buffers of the same size in all.
struct TimeSorter {
    /// One record's key and where it stands in the run that is in memory.
    private struct Entry {
        let time: Timestamp
        /// Where the key's tie stands, and the record behind it.
        let start: Int
        let tieByteCount: Int
        let byteCount: Int

        var tie: Range<Int> { start..<start + tieByteCount }
        var record: Range<Int> { tie.upperBound..<tie.upperBound + byteCount }
    }

    /// A run in the file, read from front to back.
    private struct Run {
        var rest: Range<Int>
        var buffer: [UInt8] = []
        var offset = 0
    }

    private let byteCountMax: Int
    private let folder: String
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    private var entryIndex = 0
    private var file: TemporaryFile?
    private var runs: [Run] = []
    private var heap = TimeHeap()
    private var isMerging = false

    /// Prepares an empty sorter.
    ///
    /// - Parameters:
    ///   - byteCountMax: How much is held in memory.
    ///   - folder: Where the temporary file is made if it is needed.
    init(byteCountMax: Int, folder: String) {
        self.byteCountMax = max(byteCountMax, 1 << 16)
        self.folder = folder
    }

    /// Whether nothing was added since the last record was taken.
    var isEmpty: Bool { entries.isEmpty && runs.isEmpty }

    /// How many runs went to the file.
    var runCount: Int { runs.count }

    /// Adds a record.
    mutating func add(_ record: [UInt8], at key: TimeKey) throws(ImportError) {
        let byteCount = bytes.count + key.tie.count + record.count
        if byteCount + entries.count * MemoryLayout<Entry>.size > byteCountMax { try spill() }
        entries.append(
            Entry(
                time: key.time,
                start: bytes.count,
                tieByteCount: key.tie.count,
                byteCount: record.count
            )
        )
        bytes.append(contentsOf: key.tie)
        bytes.append(contentsOf: record)
    }

    /// Takes the earliest record; nil when none is left, and then the sorter can be used anew.
    mutating func next() throws(ImportError) -> [UInt8]? {
        if !isMerging { try beginMerge() }
        guard file != nil else {
            guard entryIndex < entries.count else {
                reset()
                return nil
            }
            let entry = entries[entryIndex]
            entryIndex += 1
            return Array(bytes[entry.record])
        }
        guard let first = heap.popFirst() else {
            reset()
            return nil
        }
        let record = try takeRecord(ofRun: first.run)
        if let key = try peekKey(ofRun: first.run) { heap.insert(key, first.run) }
        return record
    }

    private mutating func reset() {
        bytes = []
        entries = []
        entryIndex = 0
        runs = []
        file = nil
        isMerging = false
    }

    private mutating func sortEntries() {
        let bytes = bytes
        entries.sort { left, right in
            guard left.time == right.time else { return left.time < right.time }
            let (tie, other) = (bytes[left.tie], bytes[right.tie])
            if tie.lexicographicallyPrecedes(other) { return true }
            // The sort of the standard library is stable, but promises it nowhere.
            return left.start < right.start && !other.lexicographicallyPrecedes(tie)
        }
    }

    private mutating func beginMerge() throws(ImportError) {
        isMerging = true
        guard file != nil else { return sortEntries() }
        try spill()
        bytes = []
        for run in runs.indices {
            if let key = try peekKey(ofRun: run) { heap.insert(key, run) }
        }
    }

    /// Writes the records in memory as one sorted run: byte counts, time, tie, record.
    private mutating func spill() throws(ImportError) {
        guard !entries.isEmpty else { return }
        if self.file == nil { self.file = try TemporaryFile(folder: folder) }
        guard let file = self.file else { return }
        sortEntries()
        let start = file.byteCount
        var writer = ByteWriter(capacity: 1 << 20)
        for entry in entries {
            writer.littleEndian(UInt32(entry.byteCount))
            writer.littleEndian(UInt32(entry.tieByteCount))
            writer.littleEndian(entry.time.nanoseconds)
            writer.raw(bytes[entry.tie])
            writer.raw(bytes[entry.record])
            if writer.byteCount >= 1 << 20 {
                try file.append(writer.finish())
                writer = ByteWriter(capacity: 1 << 20)
            }
        }
        try file.append(writer.finish())
        runs.append(Run(rest: start..<file.byteCount))
        entries.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    private static let headByteCount = 16

    /// What stands before a record in a run; it must be in the buffer.
    private func head(
        ofRun run: Int
    ) -> (byteCount: Int, tieByteCount: Int, time: Timestamp) {
        let start = runs[run].offset
        let head = Array(runs[run].buffer[start..<start + Self.headByteCount])
        return (
            Int(head.span.bytes.littleEndian(at: 0, as: UInt32.self)),
            Int(head.span.bytes.littleEndian(at: 4, as: UInt32.self)),
            Timestamp(nanoseconds: head.span.bytes.littleEndian(at: 8))
        )
    }

    private mutating func peekKey(ofRun run: Int) throws(ImportError) -> TimeKey? {
        guard try fill(run, Self.headByteCount) else { return nil }
        let head = head(ofRun: run)
        _ = try fill(run, Self.headByteCount + head.tieByteCount)
        let start = runs[run].offset + Self.headByteCount
        let tie = Array(runs[run].buffer[start..<start + head.tieByteCount])
        return TimeKey(time: head.time, tie: tie)
    }

    private mutating func takeRecord(ofRun run: Int) throws(ImportError) -> [UInt8] {
        let head = head(ofRun: run)
        _ = try fill(run, Self.headByteCount + head.tieByteCount + head.byteCount)
        let start = runs[run].offset + Self.headByteCount + head.tieByteCount
        runs[run].offset = start + head.byteCount
        return Array(runs[run].buffer[start..<start + head.byteCount])
    }

    /// Makes sure that so many bytes of a run stand in its buffer.
    private mutating func fill(_ run: Int, _ count: Int) throws(ImportError) -> Bool {
        let left = runs[run].buffer.count - runs[run].offset
        if left >= count { return true }
        guard let file, !runs[run].rest.isEmpty else { return false }
        let share = min(max(byteCountMax / runs.count, 16 << 10), 1 << 20)
        let part = runs[run].rest.prefix(max(share, count - left))
        var read: [UInt8] = []
        try file.read(part.startIndex..<part.endIndex, into: &read)
        runs[run].buffer.removeFirst(runs[run].offset)
        runs[run].buffer.append(contentsOf: read)
        runs[run].offset = 0
        runs[run].rest = part.endIndex..<runs[run].rest.upperBound
        return true
    }
}
