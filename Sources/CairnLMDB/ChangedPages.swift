internal import CairnCore

/// Where a tree begins and how deep it goes.
struct TreeRoot: Hashable {
    static let none = TreeRoot(page: PageFormat.invalidPage, depth: 0)

    let page: UInt64
    let depth: Int

    /// Reads it from a table's record.
    init(_ record: RawSpan) {
        let levelCount = Int(record.littleEndian(at: 6, as: UInt16.self))
        page = record.littleEndian(at: 40)
        depth = page == PageFormat.invalidPage ? 0 : levelCount
    }

    private init(page: UInt64, depth: Int) {
        self.page = page
        self.depth = depth
    }
}

/// The two trees that a meta page names, and the transaction that made them.
struct MetaRoots {
    /// How much of a meta page it is read from.
    static let byteCount = 152
    /// Where the record of LMDB's own table is.
    static let mainRange = 88..<136

    let transactionID: UInt64
    let free: TreeRoot
    let main: TreeRoot

    /// - Parameter page: A meta page, at least the part of it that means something.
    init(_ page: RawSpan) {
        transactionID = page.littleEndian(at: 144)
        free = TreeRoot(page.extracting(40..<88))
        main = TreeRoot(page.extracting(Self.mainRange))
    }
}

/// The pages that a commit made: those that its trees reach and those of the commit before do not.
///
/// LMDB never changes a page that a commit can reach, it makes another one. So of two commits that
/// follow each other, a page that both reach is the same with all that is below it, and a search
/// goes only where they differ: for an append, a dozen pages.
@safe
struct ChangedPages {
    /// A search that has found more gives up.
    private let countMax: Int
    private let map: UnsafeRawPointer
    private let mayRead: (UInt64) -> Bool
    private var pages: [UInt64] = []

    private struct TooMany: Error {}

    /// - Parameters:
    ///   - map: The first byte of the file in memory; its pages are of 4,096 bytes.
    ///   - countMax: How many pages are looked for.
    ///   - mayRead: Whether a page is in the file and in the map.
    @unsafe
    private init(
        map: UnsafeRawPointer,
        countMax: Int,
        mayRead: @escaping (UInt64) -> Bool
    ) {
        unsafe self.map = map
        self.countMax = countMax
        self.mayRead = mayRead
    }

    /// Finds the pages of the commit whose meta page is in a slot.
    ///
    /// - Returns: The pages in rising order; nil if there are too many, or if a page cannot be read.
    @unsafe
    static func find(
        map: UnsafeRawPointer,
        slot: Int,
        countMax: Int,
        mayRead: (UInt64) -> Bool
    ) -> [PageRun]? {
        withoutActuallyEscaping(mayRead) { mayRead in
            var changes = unsafe ChangedPages(map: map, countMax: countMax, mayRead: mayRead)
            let (new, old) = (changes.roots(slot), changes.roots(1 - slot))
            do {
                try changes.compare(new.free, old.free, mayHoldTables: false)
                try changes.compare(new.main, old.main, mayHoldTables: true)
            } catch {
                return nil
            }
            return changes.runs()
        }
    }

    private func roots(_ slot: Int) -> MetaRoots {
        let page = unsafe map + slot * MappedFile.pageByteCount
        return unsafe MetaRoots(
            RawSpan(_unsafeStart: page, byteCount: MappedFile.pageByteCount)
        )
    }

    private mutating func runs() -> [PageRun] {
        pages.sort()
        var runs: [PageRun] = []
        for page in pages {
            if let last = runs.last, last.first + UInt64(last.count) == page,
                last.count < PageRun.countMax
            {
                runs[runs.count - 1] = PageRun(first: last.first, count: last.count + 1)
            } else {
                runs.append(PageRun(first: page, count: 1))
            }
        }
        return runs
    }

    private mutating func compare(
        _ new: TreeRoot,
        _ old: TreeRoot,
        mayHoldTables: Bool
    ) throws {
        guard new.depth <= MappedTree.depthMax, old.depth <= MappedTree.depthMax else {
            throw TooMany()
        }
        // By height over the leaves, because a tree may have grown or lost a level.
        var newPages: [UInt64] = []
        var oldPages: [UInt64] = []
        for height in stride(from: max(new.depth, old.depth), to: 0, by: -1) {
            var below = try children(of: newPages)
            var belowOld = try children(of: oldPages)
            if new.depth == height { below.append(new.page) }
            if old.depth == height { belowOld.append(old.page) }
            Self.removeCommon(&below, &belowOld)
            pages += below
            // A commit replaces about as many pages as it makes.
            guard pages.count <= countMax, belowOld.count <= 2 * countMax + 64 else {
                throw TooMany()
            }
            (newPages, oldPages) = (below, belowOld)
        }
        try compareLongValues(newPages, oldPages)
        if mayHoldTables { try compareTables(newPages, oldPages) }
    }

    private func page(_ number: UInt64, isLeaf: Bool) throws -> MappedPage {
        guard number >= 2, mayRead(number) else { throw TooMany() }
        let start = unsafe map + Int(number) * MappedFile.pageByteCount
        return unsafe try MappedPage(start, number: number, isLeaf: isLeaf)
    }

    private func children(of branches: [UInt64]) throws -> [UInt64] {
        var children: [UInt64] = []
        for number in branches {
            let branch = try page(number, isLeaf: false)
            children.reserveCapacity(children.count + branch.nodeCount)
            for index in 0..<branch.nodeCount { children.append(try branch.child(index)) }
        }
        return children
    }

    /// Values on pages of their own, which their leaves lead to.
    private mutating func compareLongValues(_ new: [UInt64], _ old: [UInt64]) throws {
        var counts: [UInt64: Int] = [:]
        var values = try longValues(of: new) { counts[$0] = $1 }
        var oldValues = try longValues(of: old) { _, _ in }
        Self.removeCommon(&values, &oldValues)
        for first in values {
            let count = counts[first] ?? 0
            let (end, overflow) = first.addingReportingOverflow(UInt64(count))
            guard !overflow, pages.count + count <= countMax, mayRead(end - 1) else {
                throw TooMany()
            }
            pages += first..<end
        }
    }

    private func longValues(
        of leaves: [UInt64],
        _ note: (_ first: UInt64, _ count: Int) -> Void
    ) throws -> [UInt64] {
        var values: [UInt64] = []
        for number in leaves {
            let leaf = try page(number, isLeaf: true)
            for index in 0..<leaf.nodeCount {
                guard unsafe try leaf.table(index) == nil,
                    case .long(let first, let byteCount) = unsafe try leaf.value(index)
                else { continue }
                let end = PageFormat.headerByteCount + byteCount
                note(first, (end + MappedFile.pageByteCount - 1) / MappedFile.pageByteCount)
                values.append(first)
            }
        }
        return values
    }

    /// The tables whose records stand in leaves that are not the same.
    private mutating func compareTables(_ new: [UInt64], _ old: [UInt64]) throws {
        let (tables, oldTables) = (try self.tables(of: new), try self.tables(of: old))
        for (name, root) in tables {
            let before = oldTables.first { $0.name == name }?.root ?? .none
            guard root != before else { continue }
            try compare(root, before, mayHoldTables: false)
        }
    }

    private func tables(of leaves: [UInt64]) throws -> [(name: [UInt8], root: TreeRoot)] {
        var tables: [(name: [UInt8], root: TreeRoot)] = []
        for number in leaves {
            let leaf = try page(number, isLeaf: true)
            for index in 0..<leaf.nodeCount {
                guard let record = unsafe try leaf.table(index) else { continue }
                let name = unsafe Array(try leaf.key(index))
                tables.append((name, TreeRoot(unsafe RawSpan(_unsafeBytes: record))))
            }
        }
        return tables
    }

    /// Takes out of both what both have; most of it stands at the same place in both.
    private static func removeCommon(_ new: inout [UInt64], _ old: inout [UInt64]) {
        var shared = 0
        let count = min(new.count, old.count)
        while shared < count, new[shared] == old[shared] { shared += 1 }
        new.removeFirst(shared)
        old.removeFirst(shared)
        guard !new.isEmpty, !old.isEmpty else { return }
        let (kept, gone) = (Set(old), Set(new))
        new.removeAll { kept.contains($0) }
        old.removeAll { gone.contains($0) }
    }
}
