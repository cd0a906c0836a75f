internal import CairnCore

/// Sorts records by time outside memory, and keeps the order of those with equal times.
///
/// Up to `byteCountMax` bytes of records are held; more go to a nameless temporary file in sorted
/// runs, which are then merged with buffers of the same size in all.
struct TimeSorter {
    /// One record's key and where it stands in the run that is in memory.
    private struct Entry {
        let time: Timestamp
        let start: Int
        let count: Int
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
    mutating func add(_ record: [UInt8], at time: Timestamp) throws(ImportError) {
        if bytes.count + record.count + entries.count * MemoryLayout<Entry>.size > byteCountMax {
            try spill()
        }
        entries.append(Entry(time: time, start: bytes.count, count: record.count))
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
            return Array(bytes[entry.start..<entry.start + entry.count])
        }
        guard let first = heap.popFirst() else {
            reset()
            return nil
        }
        let record = try takeRecord(ofRun: first.run)
        if let time = try peekTime(ofRun: first.run) { heap.insert(time, first.run) }
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
        // The sort of the standard library is stable, but promises it nowhere.
        entries.sort { ($0.time, $0.start) < ($1.time, $1.start) }
    }

    private mutating func beginMerge() throws(ImportError) {
        isMerging = true
        guard file != nil else { return sortEntries() }
        try spill()
        bytes = []
        for run in runs.indices {
            if let time = try peekTime(ofRun: run) { heap.insert(time, run) }
        }
    }

    /// Writes the records in memory as one sorted run: byte count, time, record.
    private mutating func spill() throws(ImportError) {
        guard !entries.isEmpty else { return }
        if self.file == nil { self.file = try TemporaryFile(folder: folder) }
        guard let file = self.file else { return }
        sortEntries()
        let start = file.byteCount
        var writer = ByteWriter(capacity: 1 << 20)
        for entry in entries {
            writer.littleEndian(UInt32(entry.count))
            writer.littleEndian(entry.time.nanoseconds)
            writer.raw(bytes[entry.start..<entry.start + entry.count])
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

    private static let headByteCount = 12

    private mutating func peekTime(ofRun run: Int) throws(ImportError) -> Timestamp? {
        guard try fill(run, Self.headByteCount) else { return nil }
        let head = Array(runs[run].buffer[runs[run].offset..<runs[run].offset + 12])
        return Timestamp(nanoseconds: head.span.bytes.littleEndian(at: 4))
    }

    private mutating func takeRecord(ofRun run: Int) throws(ImportError) -> [UInt8] {
        let head = Array(runs[run].buffer[runs[run].offset..<runs[run].offset + 4])
        let count = Int(head.span.bytes.littleEndian(at: 0, as: UInt32.self))
        _ = try fill(run, Self.headByteCount + count)
        let start = runs[run].offset + Self.headByteCount
        runs[run].offset = start + count
        return Array(runs[run].buffer[start..<start + count])
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
