public import CairnCore
internal import CairnJournal

/// What ``JournalInspector/preflight(path:)`` saw on its way.
public struct Preflight: Hashable, Sendable {
    public let transactionID: UInt64
    public let lastPosition: Position
    public let pageByteCount: Int
    public let byteCount: UInt64
}

extension JournalInspector {
    /// How long a file may keep changing under an opening, in nanoseconds: 5 seconds.
    private static let changingNanosecondsMax: UInt64 = 5_000_000_000
    /// How many pages of the free list are read at an opening.
    private static let freePageCountMax: UInt64 = 16

    /// Checks what LMDB follows blindly when it opens the journal: both meta pages, the length of
    /// the file, the main tree, the head record, and both edges of every table.
    ///
    /// LMDB has no checksums and stops the program on a torn root; a file that passes here can
    /// still be damaged deeper, which reading reports event by event.
    ///
    /// - Parameter path: The journal's folder.
    /// - Returns: What was found.
    /// - Throws: ``InspectionError``, the first that is found.
    /// - Complexity: Some forty pages, less than a millisecond, whatever the journal's size.
    @discardableResult
    public static func preflight(path: String) throws(InspectionError) -> Preflight {
        try whileChanging(try LMDBFile(path: path)) { file, metas throws(InspectionError) in
            try preflight(file, metas)
        }
    }

    /// Checks the same of an LMDB file that is no journal, only a cache: meta pages, length, and
    /// both edges of its one tree, or all of it, with the checksums of its records.
    ///
    /// - Parameters:
    ///   - path: The folder of the file.
    ///   - byteCountMax: The largest file that is gone through wholly, in bytes.
    /// - Throws: ``InspectionError``.
    static func preflightCache(
        path: String,
        wholeUpTo byteCountMax: UInt64
    ) throws(InspectionError) {
        try whileChanging(try LMDBFile(path: path)) { file, metas throws(InspectionError) in
            let reader = try reader(file, metas)
            guard let meta = metas.newestFirst.first else {
                throw .notLMDB(path: file.path, reason: "it has no meta page")
            }
            let walk = TreeWalk(reader: reader, lastPage: meta.lastPage, ledger: PageLedger())
            do throws(PageFault) { _ = try lastNode(of: meta.main, walk) } catch {
                throw .page(error)
            }
            try checkFreeList(meta, reader, trees: [meta.main])
            guard try file.byteCount() <= byteCountMax else { return }
            var first: PageFault?
            var buffer: [UInt8] = []
            walk.run(meta.main) {
                first = first ?? $0
            } visit: { node in
                do throws(PageFault) {
                    let isSound = try node.read(with: reader, into: &buffer) { key, value in
                        IndexRecords.contentByteCount(of: value, at: key) != nil
                    }
                    if !isSound {
                        throw reader.fault(node.page.number, "a record is not as it was sealed")
                    }
                } catch {
                    first = first ?? error
                }
                return first == nil ? .proceed : .stop
            }
            if let first { throw .page(first) }
        }
    }

    /// Looks again for as long as a writer at work may have overwritten what was read; damage
    /// stays.
    private static func whileChanging<Value>(
        _ file: LMDBFile,
        _ check: (LMDBFile, MetaPair) throws(InspectionError) -> Value
    ) throws(InspectionError) -> Value {
        let deadline = MonotonicInstant.now.adding(nanoseconds: changingNanosecondsMax)
        var attemptCount = 0
        repeat {
            let metas = try MetaPair(file: file)
            attemptCount += 1
            do throws(InspectionError) {
                return try check(file, metas)
            } catch {
                if try MetaPair(file: file) == metas { throw error }
            }
        } while MonotonicInstant.now < deadline
        throw .keepsChanging(attemptCount: attemptCount)
    }

    private static func preflight(
        _ file: LMDBFile,
        _ metas: MetaPair
    ) throws(InspectionError) -> Preflight {
        let reader = try reader(file, metas)
        for slot in 0...1 where !metas.isPutBack(slot: slot) {
            if case .cutShort(let id) = metas.state(slot: slot) {
                throw .cutShort(transactionID: id)
            }
            if let damage = metas.state(slot: slot).damage {
                throw .meta(slot: slot, reason: damage.reason)
            }
        }
        guard let meta = metas.newestFirst.first else {
            throw .notLMDB(path: file.path, reason: "it has no meta page")
        }
        if let discord = metas.discord { throw .meta(slot: meta.slot, reason: discord) }
        let walk = TreeWalk(
            reader: reader,
            lastPage: meta.lastPage,
            ledger: PageLedger(),
            mayHoldTables: true
        )
        let contents = SnapshotContents(main: meta.main, walk: walk)
        if let fault = contents.faults.first { throw .page(fault) }
        let head = try contents.checkedHead(transactionID: meta.transactionID)
        for table in Table.labels where contents.tables[table] == nil {
            throw .head(reason: "stands beside no table \(table)")
        }
        do throws(PageFault) {
            for (_, tree) in contents.tables.sorted(by: { $0.key < $1.key }) {
                _ = try lastNode(of: tree, walk)
            }
            // Each commit lists the pages it replaced under its own number.
            if let newest = try lastNode(of: meta.free, walk),
                newest.page.key(newest.index) != Self.key(meta.transactionID)
            {
                throw reader.fault(newest.page.number, "the free list is not of this commit")
            }
        } catch {
            throw .page(error)
        }
        try checkFreeList(meta, reader, trees: [meta.main] + contents.tables.values)
        return Preflight(
            transactionID: meta.transactionID,
            lastPosition: head.lastPosition,
            pageByteCount: meta.pageByteCount,
            byteCount: try file.byteCount()
        )
    }

    /// Checks both edges of a tree.
    private static func lastNode(
        of tree: TreeRecord,
        _ walk: TreeWalk
    ) throws(PageFault) -> TreeNode? {
        let finder = TreeFinder(reader: walk.reader, tree: tree, lastPage: walk.lastPage)
        _ = try finder.edge(isLast: false)
        return try finder.edge(isLast: true)
    }

    private static func key(_ transactionID: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 8)
        writer.littleEndian(transactionID)
        return writer.finish()
    }

    /// A short free list is read whole, and so is any if the file is shorter than it should be:
    /// LMDB may end a file before its last page, but only where that page was never written.
    ///
    /// Pages in use and free pages must have room up to the last page: a torn meta page can name
    /// one of before, and LMDB would give out anew what `trees` have behind it.
    private static func checkFreeList(
        _ meta: MetaPage,
        _ reader: PageReader,
        trees: [TreeRecord]
    ) throws(InspectionError) {
        let (pages, overflow) = meta.free.leafPageCount
            .addingReportingOverflow(meta.free.overflowPageCount)
        let isShort = !overflow && pages <= freePageCountMax
        guard isShort || reader.pageCount <= meta.lastPage else { return }
        let walk = TreeWalk(
            reader: reader,
            lastPage: meta.lastPage,
            ledger: PageLedger(),
            order: .integer
        )
        let log = DamageLog()
        var check = FreeListCheck(walk: walk, meta: meta, log: log)
        check.run()
        if let damage = log.damages.first {
            throw .page(reader.fault(damage.page ?? meta.lastPage, damage.reason))
        }
        // Both meta pages, the free list's own pages, and those that it lists.
        var count = 2 + walk.ledger.free.count + check.absentPageCount
        for tree in trees + [meta.free] {
            let (sum, overflow) = count.addingReportingOverflow(tree.pageCount)
            count = overflow ? .max : sum
        }
        guard count <= meta.lastPage + 1 else {
            let reason = "its last page is \(meta.lastPage), for \(count) pages"
            throw .meta(slot: meta.slot, reason: reason)
        }
    }
}
