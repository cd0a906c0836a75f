import CairnTesting

/// Half-open intervals that are kept apart: what touches becomes one.
private struct IntervalSet: Sendable {
    let hasBug: Bool
    private(set) var intervals: [Range<Int>] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func insert(_ new: Range<Int>) {
        var new = new
        let touching = intervals.filter {
            $0.lowerBound <= new.upperBound && new.lowerBound <= $0.upperBound
        }
        // The bug: one that bridges two joins only the first.
        for other in hasBug ? touching.prefix(1) : touching[...] {
            new = min(new.lowerBound, other.lowerBound)..<max(new.upperBound, other.upperBound)
            intervals.removeAll { $0 == other }
        }
        intervals.append(new)
        intervals.sort { $0.lowerBound < $1.lowerBound }
    }

    var isApart: Bool {
        zip(intervals, intervals.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
    }
}

/// Blocks of a ring of 8 cells, freed in the order in which they were taken.
private struct RingAllocator: Sendable {
    let hasBug: Bool
    private(set) var blocks: [Range<Int>] = []

    init(hasBug: Bool) { self.hasBug = hasBug }

    mutating func allocate(_ count: Int) {
        let end = blocks.last?.upperBound ?? 0
        let start = end + count <= 8 ? end : 0
        let block = start..<start + count
        // The bug: behind the end it starts again without looking who lives there.
        let isLookedAt = !hasBug || start > 0
        if isLookedAt, blocks.contains(where: { $0.overlaps(block) }) { return }
        blocks.append(block)
    }

    mutating func free() { blocks.removeFirst() }

    var isDisjoint: Bool {
        blocks.indices.allSatisfy { place in
            blocks[..<place].allSatisfy { !$0.overlaps(blocks[place]) }
        }
    }
}

/// Sorted keys in leaves of three at most.
private struct LeafTree: Sendable {
    let hasBug: Bool
    var model: Set<Int> = []
    private var leaves: [[Int]] = [[]]

    init(hasBug: Bool) { self.hasBug = hasBug }

    var keys: [Int] { Array(leaves.joined()) }

    mutating func insert(_ key: Int) {
        let place = leaves.lastIndex { ($0.first ?? .min) <= key } ?? 0
        guard !leaves[place].contains(key) else { return }
        leaves[place] = (leaves[place] + [key]).sorted()
        guard leaves[place].count > 3 else { return }
        let leaf = leaves[place]
        // The bug: the key that parts them goes up, as in an inner node, and is kept in no leaf.
        leaves[place...place] = [Array(leaf[..<2]), Array(leaf[(hasBug ? 3 : 2)...])]
    }
}

/// A text with a gap at the cursor, in a buffer that grows.
private struct GapBuffer: Sendable {
    let hasBug: Bool
    var before = ""
    var after = ""
    private var cells: [Character] = ["_", "_"]
    private var gap = 0..<2

    init(hasBug: Bool) { self.hasBug = hasBug }

    var text: String { String(cells[..<gap.lowerBound] + cells[gap.upperBound...]) }

    mutating func insert(_ character: Character) {
        if gap.isEmpty { grow() }
        cells[gap.lowerBound] = character
        gap = gap.lowerBound + 1..<gap.upperBound
    }

    mutating func moveLeft() {
        guard gap.lowerBound > 0 else { return }
        cells[gap.upperBound - 1] = cells[gap.lowerBound - 1]
        gap = gap.lowerBound - 1..<gap.upperBound - 1
    }

    mutating func delete() {
        guard gap.lowerBound > 0 else { return }
        gap = gap.lowerBound - 1..<gap.upperBound
    }

    private mutating func grow() {
        let room = [Character](repeating: "_", count: cells.count)
        let (head, tail) = (cells[..<gap.lowerBound], cells[gap.upperBound...])
        // The bug: what stands behind the gap stays where it was, and the gap is laid over it.
        cells = hasBug ? cells + room : Array(head + room + tail)
        gap = gap.lowerBound..<cells.count - tail.count
    }
}

extension GallerySubject {
    static let storage = [intervalSet, ringAllocator, leafTree, gapBuffer]

    private static let intervalSet = GallerySubject(
        "interval set that joins one neighbour of two",
        minimal: ["add(from: 0, count: 1)", "add(from: 2, count: 1)", "add(from: 0, count: 2)"],
        reason: """
            A bridge needs two intervals that do not touch: [0, 1) and, from the first number that \
            does not touch it, [2, 3). The bridge may start at 0, and then has to reach 2.
            """,
        startingWith: { IntervalSet(hasBug: $0) },
        rules: [
            Rule("add") { set, draw in
                let start = try draw(.int(in: 0...99), "from")
                let count = try draw(.int(in: 1...10), "count")
                set.insert(start..<start + count)
            }
        ],
        invariants: [Invariant("no two intervals touch") { $0.isApart }]
    )

    private static let ringAllocator = GallerySubject(
        "ring allocator that wraps over a living block",
        minimal: ["allocate(1)", "allocate(8)"],
        reason: """
            Something has to live at the start and the next has to be too long for the rest: \
            behind 1 cell of 8 that is 8.
            """,
        startingWith: { RingAllocator(hasBug: $0) },
        rules: [
            Rule("allocate") { ring, draw in ring.allocate(try draw(.int(in: 1...8))) },
            Rule("free", when: { !$0.blocks.isEmpty }) { ring, _ in ring.free() },
        ],
        invariants: [Invariant("no two blocks overlap") { $0.isDisjoint }]
    )

    private static let leafTree = GallerySubject(
        "tree that loses the key at which a leaf splits",
        minimal: ["insert(0)", "insert(1)", "insert(2)", "insert(3)"],
        reason: "A leaf of three splits at the fourth key that differs from the others.",
        startingWith: { LeafTree(hasBug: $0) },
        rules: [
            Rule("insert") { tree, draw in
                let key = try draw(.int(in: 0...99))
                tree.model.insert(key)
                tree.insert(key)
            }
        ],
        invariants: [Invariant("every key is there") { $0.keys == $0.model.sorted() }]
    )

    private static let gapBuffer = GallerySubject(
        "gap buffer that grows over its tail",
        minimal: [#"insert("a")"#, #"insert("a")"#, "left()", #"insert("a")"#],
        reason: """
            It grows at the third letter, and only what stands behind the cursor is lost, so the \
            cursor has to go left before; as late as it can, because insert is the first rule.
            """,
        startingWith: { GapBuffer(hasBug: $0) },
        rules: [
            Rule("insert") { buffer, draw in
                let character = try draw(.character(.printableASCII))
                buffer.before.append(character)
                buffer.insert(character)
            },
            Rule("left") { buffer, _ in
                if let last = buffer.before.popLast() { buffer.after = String(last) + buffer.after }
                buffer.moveLeft()
            },
            Rule("delete") { buffer, _ in
                _ = buffer.before.popLast()
                buffer.delete()
            },
        ],
        invariants: [Invariant("the text is kept") { $0.text == $0.before + $0.after }]
    )
}
