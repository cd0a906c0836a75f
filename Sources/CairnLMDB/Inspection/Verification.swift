internal import CairnCore
internal import CairnJournal

/// Everything a check of one snapshot shares.
struct VerificationContext {
    let reader: PageReader
    let meta: MetaPage
    let contents: SnapshotContents
    let head: HeadRecord
    let ledger: PageLedger
    let log: DamageLog

    /// Walks one table; pages belong to the given ledger, the snapshot's own by default.
    ///
    /// - Returns: Whether the table is there and was read without a fault.
    @discardableResult
    func walk(
        _ table: String,
        ledger: PageLedger? = nil,
        fault: ((PageFault) -> Void)? = nil,
        visit: (TreeNode) -> PageFlow
    ) -> Bool {
        guard let tree = contents.tables[table] else { return false }
        let walk = TreeWalk(
            reader: reader,
            lastPage: meta.lastPage,
            ledger: ledger ?? self.ledger
        )
        return walk.run(tree) { found in
            if let fault { fault(found) } else { log.add(found, table: table) }
        } visit: {
            visit($0)
        }
    }

    /// Finds single keys of a table.
    func finder(_ table: String) -> TreeFinder? {
        guard let tree = contents.tables[table] else { return nil }
        return TreeFinder(reader: reader, tree: tree, lastPage: meta.lastPage)
    }

    /// Looks facts of a table up in the journal; nil without a journal table.
    func pending(_ table: String) -> PendingFacts? {
        guard let finder = finder(Table.journal.label) else { return nil }
        return PendingFacts(
            locator: EventLocator(finder: finder),
            reader: reader,
            table: table,
            log: log
        )
    }
}

/// Reads everything that one meta page leads to, and the meta page beside it.
///
/// Memory: about 100 bytes for each stream, four bits for each page, one pack, and batches of a
/// fixed size. Time: each page once, pages of trees
/// twice, unless the index tables differ from the journal.
struct Verification {
    let reader: PageReader
    let meta: MetaPage
    let metas: MetaPair
    private let log = DamageLog()
    private let ledger = PageLedger()

    init(reader: PageReader, meta: MetaPage, metas: MetaPair) {
        self.reader = reader
        self.meta = meta
        self.metas = metas
    }

    func run() -> VerifyReport {
        if let discord = metas.discord { log.add(discord) }
        let walk = TreeWalk(reader: reader, lastPage: meta.lastPage, ledger: ledger)
        let main = TreeWalk(
            reader: reader,
            lastPage: meta.lastPage,
            ledger: ledger,
            mayHoldTables: true
        )
        let contents = SnapshotContents(main: meta.main, walk: main)
        for fault in contents.faults { log.add(fault, table: "main") }
        let head = checkedHead(contents)
        let context = VerificationContext(
            reader: reader,
            meta: meta,
            contents: contents,
            head: head,
            ledger: ledger,
            log: log
        )
        let scan = scan(context)
        checkTables(context, scan)
        let integers = TreeWalk(
            reader: reader,
            lastPage: meta.lastPage,
            ledger: ledger,
            order: .integer
        )
        var free = FreeListCheck(walk: integers, meta: meta, log: log)
        free.run()
        let other = OtherSnapshotCheck(reader: reader, meta: meta, metas: metas).run()
        if case .damaged(let reason) = other { log.add("the other meta page: \(reason)") }

        let used = ledger.reached.count + 2
        let accounted = used + ledger.free.count + free.absentPageCount
        let total = walk.lastPage + 1 + free.absentPageCount
        return VerifyReport(
            eventCount: scan.eventCount,
            streamCount: scan.streams.count,
            lastPosition: head.lastPosition,
            indexedPosition: head.indexedPosition,
            transactionID: meta.transactionID,
            pageByteCount: meta.pageByteCount,
            usedPageCount: used,
            freePageCount: ledger.free.count + free.absentPageCount,
            leakedPageCount: total > accounted ? total - accounted : 0,
            otherSnapshot: other,
            damages: log.damages,
            damageCount: log.count
        )
    }

    /// The head record; where it is damaged, one that lets the journal still be read.
    private func checkedHead(_ contents: SnapshotContents) -> HeadRecord {
        do throws(InspectionError) {
            return try contents.checkedHead(transactionID: meta.transactionID)
        } catch {
            log.add("\(error)", table: "main")
            return contents.head ?? .empty(journalID: [])
        }
    }

    private func scan(_ context: VerificationContext) -> JournalScan {
        let scan = JournalScan(head: context.head, log: log)
        let table = Table.journal.label
        var buffer: [UInt8] = []
        context.walk(table) { node in
            do throws(PageFault) {
                try node.read(with: reader, into: &buffer) { key, pack in
                    scan.add(key: key, pack: pack, page: node.valuePage, reader: reader)
                }
            } catch {
                log.add(error, table: table)
            }
            return .proceed
        }
        scan.finish()
        return scan
    }

    private func checkTables(_ context: VerificationContext, _ scan: JournalScan) {
        for table in Table.labels where context.contents.tables[table] == nil {
            log.add("the table is missing", table: table)
        }
        let mayCompare = !scan.hasGaps
        StreamTableCheck(context: context, scan: scan).run(compares: mayCompare)
        StreamSliceCheck(context: context, scan: scan).run(compares: mayCompare)
        EventIDCheck(context: context, scan: scan)?.run(compares: mayCompare)
        // Tables of later programs: their pages are checked, what they say is not.
        for table in context.contents.tables.keys.sorted()
        where !Table.labels.contains(table) {
            context.walk(table) { _ in .proceed }
        }
    }
}
