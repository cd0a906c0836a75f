internal import CairnCore

/// Where the changes of what holds stand: in a tree with 64 children to a node, whose leaves are
/// moments.
///
/// A node has the sum of each child, so that the changes up to a moment are those of the earlier
/// children in one node of each level, and a new change touches as many.
enum PromptTree {
    /// A node has 64 children.
    static let fanoutBitCount: UInt64 = 6
    static let childMask: UInt64 = (1 << fanoutBitCount) - 1

    /// How many levels it takes to have a place in the tree.
    static func height(of place: UInt64) -> UInt8 {
        let bitCount = UInt64(64 - place.leadingZeroBitCount)
        return UInt8(max((bitCount + fanoutBitCount - 1) / fanoutBitCount, 1))
    }

    /// The node of a level in which a place is, and the child there.
    static func node(of place: UInt64, _ level: UInt8) -> (index: UInt64, child: UInt8) {
        let child = place >> (fanoutBitCount * UInt64(level))
        return (child >> fanoutBitCount, UInt8(child & childMask))
    }
}

/// One node: for each thing that is counted, the sum of the changes up to each child.
///
/// Sums run from the first child on, so that a question looks at one entry of each counter, and a
/// change adds to those of the children from its own on, 64 at most.
struct PromptBlock: Hashable, Sendable {
    /// The entries of one counter.
    private struct Row: Hashable, Sendable {
        let counter: PromptCounter
        /// The end of its entries, which begin where those of the row before end.
        var end: Int
    }

    /// A child with changes of its own.
    private struct Entry: Hashable, Sendable {
        let child: UInt8
        /// What its changes and those of all children before it come to.
        var sum: Int64
    }

    /// In the order of the counters; none is without entries.
    private var rows: [Row] = []
    /// Of each row in the order of the children; where the changes come to nothing there is none.
    private var entries: [Entry] = []

    mutating func add(_ counter: PromptCounter, _ count: Int64, to child: UInt8) {
        guard count != 0 else { return }
        let row = row(of: counter)
        let start = row > 0 ? rows[row - 1].end : 0
        if row == rows.count || rows[row].counter != counter {
            rows.insert(Row(counter: counter, end: start), at: row)
        }
        let end = rows[row].end
        let index = index(of: child, from: start, to: end)
        let before = index > start ? entries[index - 1].sum : 0
        var growth = 0
        if index == end || entries[index].child != child {
            entries.insert(Entry(child: child, sum: before &+ count), at: index)
            growth = 1
        } else if entries[index].sum &+ count == before {
            entries.remove(at: index)
            growth = -1
        } else {
            entries[index].sum &+= count
        }
        let next = growth < 0 ? index : index + 1
        for later in next..<(end + growth) { entries[later].sum &+= count }
        guard growth != 0 else { return }
        for later in row..<rows.count { rows[later].end += growth }
        if rows[row].end == start { rows.remove(at: row) }
    }

    /// The first row that is not of a counter before one.
    private func row(of counter: PromptCounter) -> Int {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].counter < counter { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The first entry of some that is not of a child before one.
    private func index(of child: UInt8, from start: Int, to end: Int) -> Int {
        // Where every child has an entry, and so in busy nodes, it is this one.
        let expected = start + Int(child)
        if expected < end, entries[expected].child == child { return expected }
        // Others have gaps before it.
        var (low, high) = (start, min(expected, end))
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].child < child { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Adds the sums up to one child.
    func add(upTo child: UInt8, to counts: inout PromptCounts) {
        var start = 0
        for row in rows {
            var last = index(of: child, from: start, to: row.end)
            if last == row.end || entries[last].child != child { last -= 1 }
            if last >= start { counts.add(row.counter, entries[last].sum) }
            start = row.end
        }
    }

    // MARK: as it is stored

    /// For each counter its number, how many children it has, and how wide a sum is; then the
    /// children and their sums, so that a question finds its own without reading the others.
    func write(to bytes: inout ByteWriter) {
        bytes.variable(UInt64(rows.count))
        var start = 0
        for row in rows {
            let own = entries[start..<row.end]
            start = row.end
            let width = own.reduce(1 as UInt8) { max($0, Self.width(of: $1.sum)) }
            bytes.littleEndian(row.counter.kind.rawValue)
            bytes.variable(row.counter.number)
            bytes.littleEndian(UInt8(truncatingIfNeeded: own.count))
            bytes.littleEndian(width)
            for entry in own { bytes.littleEndian(entry.child) }
            for entry in own {
                switch width {
                case 1: bytes.littleEndian(Int8(truncatingIfNeeded: entry.sum))
                case 2: bytes.littleEndian(Int16(truncatingIfNeeded: entry.sum))
                case 4: bytes.littleEndian(Int32(truncatingIfNeeded: entry.sum))
                default: bytes.littleEndian(entry.sum)
                }
            }
        }
    }

    /// The fewest bytes that a sum fits in: 1, 2, 4 or 8.
    private static func width(of sum: Int64) -> UInt8 {
        if Int8(exactly: sum) != nil { return 1 }
        if Int16(exactly: sum) != nil { return 2 }
        return Int32(exactly: sum) != nil ? 4 : 8
    }

    static func read(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> PromptBlock {
        var block = PromptBlock()
        for _ in 0..<(try rowCount(&place, bytes)) {
            let row = try StoredRow(&place, bytes)
            for index in 0..<row.count {
                block.entries.append(
                    Entry(child: row.child(index, bytes), sum: row.sum(index, bytes))
                )
            }
            block.rows.append(Row(counter: row.counter, end: block.entries.count))
        }
        return block
    }

    /// Adds the sums of a stored node up to one child.
    static func add(
        upTo child: UInt8,
        _ place: inout ByteReader,
        _ bytes: RawSpan,
        to counts: inout PromptCounts
    ) throws(TruncatedBytes) {
        for _ in 0..<(try rowCount(&place, bytes)) {
            let row = try StoredRow(&place, bytes)
            if let sum = row.sum(upTo: child, bytes) { counts.add(row.counter, sum) }
        }
    }

    private static func rowCount(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> UInt64 {
        let count = try place.variable(in: bytes)
        guard count <= UInt64(bytes.byteCount) else { throw TruncatedBytes(offset: place.offset) }
        return count
    }
}

/// The entries of one counter in a stored node, where they stand.
private struct StoredRow {
    private static let childCountMax = 1 << PromptTree.fanoutBitCount

    let counter: PromptCounter
    let count: Int
    private let width: Int
    private let children: Int
    private let sums: Int

    /// Takes the row, and passes over its entries.
    init(_ place: inout ByteReader, _ bytes: RawSpan) throws(TruncatedBytes) {
        let raw = try place.littleEndian(UInt8.self, in: bytes)
        guard let kind = PromptCounter.Kind(rawValue: raw) else {
            throw TruncatedBytes(offset: place.offset)
        }
        counter = PromptCounter(kind: kind, number: try place.signedVariable(in: bytes))
        count = Int(try place.littleEndian(UInt8.self, in: bytes))
        width = Int(try place.littleEndian(UInt8.self, in: bytes))
        guard (1...Self.childCountMax).contains(count), [1, 2, 4, 8].contains(width) else {
            throw TruncatedBytes(offset: place.offset)
        }
        children = try place.take(count, in: bytes).lowerBound
        sums = try place.take(count * width, in: bytes).lowerBound
    }

    func child(_ index: Int, _ bytes: RawSpan) -> UInt8 { bytes.byte(at: children + index) }

    func sum(_ index: Int, _ bytes: RawSpan) -> Int64 {
        let place = sums + index * width
        return switch width {
        case 1: Int64(bytes.littleEndian(at: place, as: Int8.self))
        case 2: Int64(bytes.littleEndian(at: place, as: Int16.self))
        case 4: Int64(bytes.littleEndian(at: place, as: Int32.self))
        default: bytes.littleEndian(at: place, as: Int64.self)
        }
    }

    /// What the changes up to a child come to; nil where there are none.
    func sum(upTo child: UInt8, _ bytes: RawSpan) -> Int64? {
        // Where every child has an entry, and so in busy nodes, it is this one.
        let expected = Int(child)
        if expected < count, self.child(expected, bytes) == child { return sum(expected, bytes) }
        // Others have gaps before it.
        var (low, high) = (0, min(expected, count))
        while low < high {
            let middle = (low + high) / 2
            if self.child(middle, bytes) <= child { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? sum(low - 1, bytes) : nil
    }
}
