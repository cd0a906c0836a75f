internal import CairnCore
internal import CairnJournal

/// Visits every key of one tree in order, and names every page that is not as it must be.
///
/// Each page is visited at most once, so the walk ends on any bytes; a damaged page costs the
/// keys below it and nothing else.
struct TreeWalk {
    let reader: PageReader
    /// The last page that may be used: in the file, and allowed by the snapshot's meta page.
    let lastPage: UInt64
    let ledger: PageLedger
    let order: KeyOrder
    /// Whether values may be records of tables: only in the main tree.
    let mayHoldTables: Bool

    init(
        reader: PageReader,
        lastPage: UInt64,
        ledger: PageLedger,
        order: KeyOrder = .bytes,
        mayHoldTables: Bool = false
    ) {
        self.reader = reader
        self.lastPage = min(lastPage, max(reader.pageCount, 1) - 1)
        self.ledger = ledger
        self.order = order
        self.mayHoldTables = mayHoldTables
    }

    private struct Level {
        let page: TreePage
        var next = 0
        let lower: [UInt8]?
        let upper: [UInt8]?
    }

    /// A class, because the walk and its reports of faults write to it in turn.
    private final class Tally {
        var branchPages: UInt64 = 0
        var leafPages: UInt64 = 0
        var overflowPages: UInt64 = 0
        var keys: UInt64 = 0
        var isWhole = true
    }

    /// Walks the tree.
    ///
    /// - Parameters:
    ///   - tree: The tree's record.
    ///   - fault: Gets every damaged page.
    ///   - visit: Gets every key in order and says whether to go on.
    /// - Returns: Whether the walk came to the end without a fault.
    @discardableResult
    func run(
        _ tree: TreeRecord,
        fault: (PageFault) -> Void,
        visit: (TreeNode) -> PageFlow
    ) -> Bool {
        guard !tree.isEmpty else { return true }
        let tally = Tally()
        var levels: [Level] = []
        func report(_ found: PageFault) {
            tally.isWhole = false
            fault(found)
        }
        func enter(_ number: UInt64, lower: [UInt8]?, upper: [UInt8]?) -> PageFlow {
            do throws(PageFault) {
                let page = try page(number, isLeaf: levels.count + 1 == tree.depth)
                let level = Level(page: page, lower: lower, upper: upper)
                try checkOrder(level)
                if page.kind == .branch {
                    tally.branchPages += 1
                    levels.append(level)
                    return .proceed
                }
                tally.leafPages += 1
                try checkNodes(page)
                return leaf(page, tally, report, visit)
            } catch {
                report(error)
                return .proceed
            }
        }

        if case .stop = enter(tree.root, lower: nil, upper: nil) { return false }
        while let level = levels.last {
            guard level.next < level.page.nodeCount else {
                levels.removeLast()
                continue
            }
            let index = level.next
            levels[levels.count - 1].next += 1
            let lower = index == 0 ? level.lower : level.page.key(index)
            let upper = index + 1 < level.page.nodeCount ? level.page.key(index + 1) : level.upper
            let flow = enter(level.page.child(index), lower: lower, upper: upper)
            if case .stop = flow { return false }
        }
        if tally.isWhole, let flaw = discord(of: tree, tally) {
            report(reader.fault(tree.root, flaw))
        }
        return tally.isWhole
    }

    private func page(_ number: UInt64, isLeaf: Bool) throws(PageFault) -> TreePage {
        guard number >= 2, number <= lastPage else {
            throw reader.fault(number, "a tree leads to it, but it is no data page")
        }
        guard ledger.reach(number) else { throw reader.fault(number, "two places lead to it") }
        let page = try TreePage(try reader.page(number), number: number)
        guard (page.kind == .leaf) == isLeaf else {
            throw reader.fault(number, "it stands at the wrong depth of its tree")
        }
        return page
    }

    /// Checks that keys ascend, and lie between the keys of the branches above.
    private func checkOrder(_ level: Level) throws(PageFault) {
        let page = level.page
        let bytes = unsafe page.bytes.span.bytes
        let first = page.kind == .leaf ? 0 : 1
        guard first < page.nodeCount else { return }
        var previous = page.keyRange(first)
        for index in (first + 1)..<max(first + 1, page.nodeCount) {
            let key = page.keyRange(index)
            guard order.compare(bytes.extracting(previous), bytes.extracting(key)) < 0 else {
                throw reader.fault(page.number, "its key \(index) is out of order")
            }
            previous = key
        }
        if let lower = level.lower {
            let least = bytes.extracting(page.keyRange(first))
            guard order.compare(unsafe lower.span.bytes, least) <= 0 else {
                throw reader.fault(page.number, "its first key belongs to a page before it")
            }
        }
        if let upper = level.upper {
            guard order.compare(bytes.extracting(previous), unsafe upper.span.bytes) < 0 else {
                throw reader.fault(page.number, "its last key belongs to a page after it")
            }
        }
    }

    private func checkNodes(_ page: TreePage) throws(PageFault) {
        for index in 0..<page.nodeCount {
            if page.isTable(index), !mayHoldTables {
                throw reader.fault(page.number, "its node \(index) holds a table")
            }
            if case .integer = order, page.keyRange(index).count != 8 {
                throw reader.fault(page.number, "its key \(index) is not an integer")
            }
        }
    }

    private func leaf(
        _ page: TreePage,
        _ tally: Tally,
        _ report: (PageFault) -> Void,
        _ visit: (TreeNode) -> PageFlow
    ) -> PageFlow {
        for index in 0..<page.nodeCount {
            do throws(PageFault) {
                tally.overflowPages += try reachValue(of: page, index)
            } catch {
                report(error)
                continue
            }
            tally.keys += 1
            if case .stop = visit(TreeNode(page: page, index: index)) { return .stop }
        }
        return .proceed
    }

    /// Takes the pages of a long value into the ledger, and says how many there are.
    private func reachValue(of page: TreePage, _ index: Int) throws(PageFault) -> UInt64 {
        guard case .overflow(let first, let byteCount) = page.value(index) else { return 0 }
        let count = try reader.checkedOverflowPageCount(
            first,
            valueByteCount: byteCount,
            lastPage: lastPage
        )
        for number in first..<first + count where !ledger.reach(number) {
            throw reader.fault(number, "two places lead to it")
        }
        return count
    }

    private func discord(of tree: TreeRecord, _ tally: Tally) -> String? {
        guard tree.count == tally.keys else {
            return "its tree says it has \(tree.count) keys and has \(tally.keys)"
        }
        guard tree.branchPageCount == tally.branchPages, tree.leafPageCount == tally.leafPages,
            tree.overflowPageCount == tally.overflowPages
        else { return "its tree says it has more or fewer pages than it has" }
        return nil
    }
}
