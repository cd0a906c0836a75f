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

/// One node: for each of its children the sum of the changes there.
struct PromptBlock: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let child: UInt8
        let counter: PromptCounter
        var count: Int64
    }

    /// In the order of the children and their counters; those that come to nothing are not in it.
    private(set) var entries: [Entry] = []

    mutating func add(_ counter: PromptCounter, _ count: Int64, to child: UInt8) {
        guard count != 0 else { return }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let entry = entries[middle]
            if entry.child < child || (entry.child == child && entry.counter < counter) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < entries.count, entries[low].child == child, entries[low].counter == counter
        else {
            entries.insert(Entry(child: child, counter: counter, count: count), at: low)
            return
        }
        entries[low].count &+= count
        if entries[low].count == 0 { entries.remove(at: low) }
    }

    /// Adds up the children up to one.
    func add(upTo child: UInt8, to counts: inout PromptCounts) {
        for entry in entries {
            guard entry.child <= child else { return }
            counts.add(entry.counter, entry.count)
        }
    }

    // MARK: as it is stored

    /// The counters, and then for each entry its child, the number of its counter and its count:
    /// what a query needs is added up from the bytes as they are.
    func write(to bytes: inout ByteWriter) {
        var counters: [PromptCounter] = []
        for entry in entries where !counters.contains(entry.counter) {
            counters.append(entry.counter)
        }
        counters.sort()
        bytes.variable(UInt64(counters.count))
        for counter in counters {
            bytes.littleEndian(counter.kind.rawValue)
            bytes.variable(counter.number)
        }
        for entry in entries {
            bytes.littleEndian(entry.child)
            bytes.variable(UInt64(counters.firstIndex(of: entry.counter) ?? 0))
            bytes.variable(entry.count)
        }
    }

    static func read(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> PromptBlock {
        var block = PromptBlock()
        let counters = try counters(&place, bytes)
        while place.offset < bytes.byteCount {
            let child = try place.littleEndian(UInt8.self, in: bytes)
            let number = try place.variable(in: bytes)
            guard number < UInt64(counters.count) else {
                throw TruncatedBytes(offset: place.offset)
            }
            block.entries.append(
                Entry(
                    child: child,
                    counter: counters[Int(number)],
                    count: try place.signedVariable(in: bytes)
                )
            )
        }
        return block
    }

    /// The sum of a stored node's children up to one.
    static func sum(
        upTo last: UInt8,
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> PromptCounts {
        let counters = try counters(&place, bytes)
        var sums = [Int64](repeating: 0, count: counters.count)
        while place.offset < bytes.byteCount {
            let child = try place.littleEndian(UInt8.self, in: bytes)
            guard child <= last else { break }
            let number = try place.variable(in: bytes)
            guard number < UInt64(sums.count) else { throw TruncatedBytes(offset: place.offset) }
            sums[Int(number)] &+= try place.signedVariable(in: bytes)
        }
        return PromptCounts(counters, sums)
    }

    private static func counters(
        _ place: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> [PromptCounter] {
        let count = try place.variable(in: bytes)
        guard count <= UInt64(bytes.byteCount) else { throw TruncatedBytes(offset: place.offset) }
        var counters: [PromptCounter] = []
        counters.reserveCapacity(Int(count))
        for _ in 0..<count {
            let raw = try place.littleEndian(UInt8.self, in: bytes)
            guard let kind = PromptCounter.Kind(rawValue: raw) else {
                throw TruncatedBytes(offset: place.offset)
            }
            counters.append(
                PromptCounter(kind: kind, number: try place.signedVariable(in: bytes))
            )
        }
        return counters
    }
}
