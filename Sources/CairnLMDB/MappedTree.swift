internal import CairnCore
internal import CairnJournal

/// The tree of one table in one view, read in the memory map without LMDB.
///
/// LMDB follows whatever stands on a page and ends the program where that leads nowhere. Here each
/// page is checked before its nodes are read, and each node before it is followed, so that a page
/// that cannot be is an error. It is the very search that LMDB makes, over the very pages, and
/// takes as long. A key that is spoilt, or a branch that leads to another sound page, is followed
/// here as well: it hides entries until `verify` names it.
@safe
struct MappedTree {
    /// It lives for as long as the transaction whose tree this is: counting it in every step would
    /// take longer than the step.
    private let environment: Unmanaged<Environment>
    private let map: UnsafeRawPointer
    let root: UInt64
    let depth: Int
    /// Pages known to be in the file and in the map when the tree was asked for; there may be more.
    private let pageCountMin: UInt64

    /// Reads the tree's record.
    ///
    /// - Throws: `JournalError.damaged` where it is none.
    @unsafe
    init(
        _ environment: Environment,
        map: UnsafeRawPointer,
        record: RawSpan
    ) throws(JournalError) {
        unsafe self.environment = Unmanaged.passUnretained(environment)
        unsafe self.map = map
        pageCountMin = environment.mapped.pageCountMin
        guard record.byteCount == TreeRecord.byteCount else {
            throw .damaged(path: environment.path, reason: "a table's record cannot be read")
        }
        depth = Int(record.littleEndian(at: 6, as: UInt16.self))
        root = record.littleEndian(at: 40)
        let flags = record.littleEndian(at: 4, as: UInt16.self)
        guard flags == 0, isEmpty || (1...PageFormat.depthMax).contains(depth) else {
            throw .damaged(path: environment.path, reason: "a table's record cannot be")
        }
    }

    /// Levels that a tree has at most to be read here.
    ///
    /// With a dozen children a branch they are more pages than any disk has. A tree of more levels
    /// is left to LMDB, which allows 32.
    static let depthMax = 12

    var isEmpty: Bool { root == PageFormat.invalidPage }

    private func error(_ fault: PageFault) -> JournalError {
        .damaged(path: unsafe environment.takeUnretainedValue().path, reason: "\(fault)")
    }

    @inline(__always)
    func start(of page: UInt64, _ count: UInt64 = 1) throws(PageFault) -> UnsafeRawPointer {
        let (end, overflow) = page.addingReportingOverflow(count)
        guard page >= 2, !overflow, end <= pageCountMin || isInFile(end - 1) else {
            throw MappedPage.fault(page, "a tree leads to it, but the file has no such page")
        }
        return unsafe map + Int(page) * MappedFile.pageByteCount
    }

    private func isInFile(_ page: UInt64) -> Bool {
        let environment = unsafe environment.takeUnretainedValue()
        return environment.mapped.contains(page, environment.fileDescriptor)
    }

    @inline(__always)
    func page(_ number: UInt64, isLeaf: Bool) throws(PageFault) -> MappedPage {
        unsafe try MappedPage(try start(of: number), number: number, isLeaf: isLeaf)
    }

    /// The value of a node, wherever it is.
    @unsafe
    @inline(__always)
    private func value(_ leaf: MappedPage, _ index: Int) throws(PageFault) -> UnsafeRawBufferPointer
    {
        switch unsafe try leaf.value(index) {
        case .inline(let bytes): unsafe bytes
        case .long(let number, let byteCount): unsafe try longValue(number, byteCount)
        }
    }

    @unsafe
    func longValue(
        _ number: UInt64,
        _ byteCount: Int
    ) throws(PageFault) -> UnsafeRawBufferPointer {
        let needed = (PageFormat.headerByteCount - 1 + byteCount) / MappedFile.pageByteCount + 1
        let first = unsafe try start(of: number, UInt64(needed))
        guard unsafe first.loadUnaligned(as: UInt64.self) == number,
            unsafe first.loadUnaligned(fromByteOffset: 10, as: UInt16.self)
                == PageFormat.overflowFlag,
            Int(unsafe first.loadUnaligned(fromByteOffset: 12, as: UInt32.self)) >= needed
        else { throw MappedPage.fault(number, "it is not the first page of a long value") }
        return unsafe UnsafeRawBufferPointer(
            start: first + PageFormat.headerByteCount,
            count: byteCount
        )
    }

    /// The child of a branch that may hold a key: the last whose own first key is not after it.
    @inline(__always)
    func childIndex(in page: MappedPage, for key: SoughtKey) throws(PageFault) -> Int {
        let found = unsafe try page.search(key, from: 1)
        return found.isEqual ? found.index : found.index - 1
    }

    /// Looks a key up and lends its value.
    func get<Value>(
        _ wanted: RawSpan,
        _ body: (RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value? {
        guard !isEmpty else { return nil }
        let found: UnsafeRawBufferPointer?
        do throws(PageFault) {
            unsafe found = try wanted.withUnsafeBytes { bytes throws(PageFault) in
                unsafe try find(SoughtKey(bytes))
            }
        } catch {
            throw self.error(error)
        }
        guard let found = unsafe found else { return nil }
        return try body(unsafe RawSpan(_unsafeBytes: found))
    }

    @unsafe
    private func find(_ key: SoughtKey) throws(PageFault) -> UnsafeRawBufferPointer? {
        let (leaf, index, isEqual) = unsafe try place(of: key)
        return isEqual ? unsafe try value(leaf, index) : nil
    }

    /// The leaf of a key, and the node there that has it, or comes after it.
    @inline(__always)
    private func place(
        of key: SoughtKey
    ) throws(PageFault) -> (leaf: MappedPage, index: Int, isEqual: Bool) {
        var number = root
        for _ in 1..<depth {
            let branch = try page(number, isLeaf: false)
            number = try branch.child(unsafe try childIndex(in: branch, for: key))
        }
        let leaf = try page(number, isLeaf: true)
        let found = unsafe try leaf.search(key, from: 0)
        return (leaf, found.index, found.isEqual)
    }
}

extension MappedTree {
    /// The tree of a table whose record stands in this one, LMDB's own table.
    ///
    /// - Throws: `JournalError.damaged(path:reason:)`, also where there is none.
    func tree(_ name: String) throws(JournalError) -> MappedTree {
        let environment = unsafe environment.takeUnretainedValue()
        let tree = unsafe try MappedTree(
            environment,
            map: map,
            record: RawSpan(_unsafeBytes: try record(of: name))
        )
        guard tree.depth <= Self.depthMax else {
            throw .damaged(path: environment.path, reason: "table \(name) is too deep")
        }
        return tree
    }

    /// The record of a table that stands in this one, in the memory map.
    @unsafe
    func record(of name: String) throws(JournalError) -> UnsafeRawBufferPointer {
        let path = unsafe environment.takeUnretainedValue().path
        guard !isEmpty, depth <= Self.depthMax else {
            throw .damaged(path: path, reason: "the tables' own tree cannot be")
        }
        let key = Array(name.utf8)
        let record: UnsafeRawBufferPointer?
        do throws(PageFault) {
            unsafe record = try key.span.bytes.withUnsafeBytes { bytes throws(PageFault) in
                let found = unsafe try place(of: SoughtKey(bytes))
                return unsafe found.isEqual ? try found.leaf.table(found.index) : nil
            }
        } catch {
            throw self.error(error)
        }
        guard let record = unsafe record else {
            throw .damaged(path: path, reason: "table \(name) is missing")
        }
        return unsafe record
    }

    /// An entry, inside the memory map.
    @unsafe
    struct Entry {
        let key: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
    }

    /// The way from the root to an entry: a page and a node of it for each level.
    @safe
    struct Path {
        private struct Level {
            let page: MappedPage?
            var index: Int
        }

        let tree: MappedTree
        /// In place, so that a cursor is one piece of memory; ``MappedTree/depthMax`` of them.
        private var levels = InlineArray<12, Level>(repeating: Level(page: nil, index: 0))
        /// How many of them there are: none before the first move.
        private var levelCount = 0

        init(in tree: MappedTree) {
            self.tree = tree
        }

        /// Goes to an entry; nil beyond the ends.
        @unsafe
        mutating func move(_ move: Cursor.Move) throws(JournalError) -> Entry? {
            guard !tree.isEmpty else { return nil }
            do throws(PageFault) {
                switch move {
                case .next where levelCount > 0: return unsafe try goOn()
                case .previous where levelCount > 0: return unsafe try goBack()
                case .first, .next: return unsafe try descend(from: tree.root, toLast: false)
                case .last, .previous: return unsafe try descend(from: tree.root, toLast: true)
                }
            } catch {
                levelCount = 0
                throw tree.error(error)
            }
        }

        /// Goes to the first entry whose key is not before another; nil if there is none.
        @unsafe
        mutating func seek(_ wanted: RawSpan) throws(JournalError) -> Entry? {
            unsafe try look(for: wanted) { path, leaf, index, _ throws(PageFault) in
                // What comes after the last of a leaf begins on the next one.
                index < leaf.nodeCount
                    ? unsafe try path.entry(leaf, index) : unsafe try path.goOn()
            }
        }

        /// Goes to where a key is, or would be, and gives its entry; nil if there is none.
        @unsafe
        mutating func find(_ wanted: RawSpan) throws(JournalError) -> Entry? {
            unsafe try look(for: wanted) { path, leaf, index, isEqual throws(PageFault) in
                isEqual ? unsafe try path.entry(leaf, index) : nil
            }
        }

        @unsafe
        @inline(__always)
        private mutating func look(
            for wanted: RawSpan,
            _ body: (inout Path, MappedPage, Int, Bool) throws(PageFault) -> Entry?
        ) throws(JournalError) -> Entry? {
            guard !tree.isEmpty else { return nil }
            do throws(PageFault) {
                let (leaf, index, isEqual) = unsafe try wanted.withUnsafeBytes {
                    bytes throws(PageFault) in
                    unsafe try go(to: SoughtKey(bytes))
                }
                return unsafe try body(&self, leaf, index, isEqual)
            } catch {
                levelCount = 0
                throw tree.error(error)
            }
        }

        @inline(__always)
        private mutating func add(_ page: MappedPage, _ index: Int) {
            // A tree is no deeper than there are levels: its record was checked.
            levels[levelCount] = Level(page: page, index: index)
            levelCount += 1
        }

        @unsafe
        @inline(__always)
        private func entry(_ leaf: MappedPage, _ index: Int) throws(PageFault) -> Entry {
            unsafe Entry(key: try leaf.key(index), value: try tree.value(leaf, index))
        }

        /// Goes to a key, or to where it would be.
        private mutating func go(
            to key: SoughtKey
        ) throws(PageFault) -> (leaf: MappedPage, index: Int, isEqual: Bool) {
            // Keys that are asked for one after another often follow each other, or are on a page.
            if levelCount > 0, let leaf = levels[levelCount - 1].page {
                let next = levels[levelCount - 1].index + 1
                if next < leaf.nodeCount, unsafe try leaf.compare(next, with: key) == 0 {
                    levels[levelCount - 1].index = next
                    return (leaf, next, true)
                }
                if unsafe try leaf.compare(0, with: key) <= 0,
                    unsafe try leaf.compare(leaf.nodeCount - 1, with: key) >= 0
                {
                    let found = unsafe try leaf.search(key, from: 0)
                    levels[levelCount - 1].index = found.index
                    return (leaf, found.index, found.isEqual)
                }
            }
            levelCount = 0
            var number = tree.root
            while levelCount < tree.depth - 1 {
                let branch = try tree.page(number, isLeaf: false)
                let index = unsafe try tree.childIndex(in: branch, for: key)
                add(branch, index)
                number = try branch.child(index)
            }
            let leaf = try tree.page(number, isLeaf: true)
            let found = unsafe try leaf.search(key, from: 0)
            add(leaf, found.index)
            return (leaf, found.index, found.isEqual)
        }

        /// Goes down one side of the tree below the levels that are there.
        @unsafe
        private mutating func descend(
            from page: UInt64,
            toLast isLast: Bool,
            keeping keptCount: Int = 0
        ) throws(PageFault) -> Entry? {
            levelCount = keptCount
            var number = page
            while levelCount < tree.depth - 1 {
                let branch = try tree.page(number, isLeaf: false)
                let index = isLast ? branch.nodeCount - 1 : 0
                add(branch, index)
                number = try branch.child(index)
            }
            let leaf = try tree.page(number, isLeaf: true)
            let index = isLast ? leaf.nodeCount - 1 : 0
            add(leaf, index)
            return unsafe try entry(leaf, index)
        }

        @unsafe
        @inline(__always)
        private mutating func goOn() throws(PageFault) -> Entry? {
            let last = levelCount - 1
            guard let leaf = levels[last].page else { return nil }
            let index = levels[last].index + 1
            if index < leaf.nodeCount {
                levels[last].index = index
                return unsafe try entry(leaf, index)
            }
            // Behind the last entry, so that going back from there leads to it.
            levels[last].index = leaf.nodeCount
            return unsafe try turn(by: 1)
        }

        @unsafe
        private mutating func goBack() throws(PageFault) -> Entry? {
            let last = levelCount - 1
            guard let leaf = levels[last].page else { return nil }
            guard levels[last].index > 0 else { return unsafe try turn(by: -1) }
            levels[last].index -= 1
            return unsafe try entry(leaf, levels[last].index)
        }

        /// Goes to the nearest entry of the next leaf, or of the one before.
        @unsafe
        private mutating func turn(by step: Int) throws(PageFault) -> Entry? {
            var level = levelCount - 2
            while level >= 0 {
                guard let branch = levels[level].page else { return nil }
                let index = levels[level].index + step
                if index >= 0, index < branch.nodeCount {
                    levels[level].index = index
                    let next = try branch.child(index)
                    return unsafe try descend(from: next, toLast: step < 0, keeping: level + 1)
                }
                level -= 1
            }
            return nil
        }
    }
}
