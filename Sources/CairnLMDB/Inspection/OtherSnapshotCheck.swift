internal import CairnCore
internal import CairnJournal

/// Checks the commit that the meta page beside the inspected one holds.
///
/// Salvage falls back on it, so its trees, their counts and its free list must be sound. Its packs
/// are those of the inspected commit and are not read again.
struct OtherSnapshotCheck {
    let reader: PageReader
    /// The inspected meta page.
    let meta: MetaPage
    let metas: MetaPair

    func run() -> OtherSnapshot {
        switch metas.state(slot: 1 - meta.slot) {
        case .damaged(let reason, _), .outgrown(let reason, _): return .damaged(reason: reason)
        case .cutShort: return .empty
        case .valid(let other):
            guard other.transactionID <= meta.transactionID else {
                return isFollowing(other)
                    ? .newer(transactionID: other.transactionID)
                    : .damaged(reason: "its transaction \(other.transactionID) cannot be")
            }
            guard !other.main.isEmpty else { return .empty }
            return check(other)
        }
    }

    /// Whether a newer transaction wrote the page, rather than damage made it look newer.
    private func isFollowing(_ other: MetaPage) -> Bool {
        let walk = TreeWalk(
            reader: reader,
            lastPage: other.lastPage,
            ledger: PageLedger(),
            mayHoldTables: true
        )
        let contents = SnapshotContents(main: other.main, walk: walk)
        return (try? contents.checkedHead(transactionID: other.transactionID)) != nil
    }

    private func check(_ other: MetaPage) -> OtherSnapshot {
        let own = PageLedger()
        let main = TreeWalk(
            reader: reader,
            lastPage: other.lastPage,
            ledger: own,
            mayHoldTables: true
        )
        let contents = SnapshotContents(main: other.main, walk: main)
        if let fault = contents.faults.first { return .damaged(reason: fault.description) }
        if contents.isUnborn { return .empty }
        let head: HeadRecord
        do throws(InspectionError) {
            head = try contents.checkedHead(transactionID: other.transactionID)
        } catch {
            return .damaged(reason: error.description)
        }
        let log = DamageLog()
        for table in Table.labels {
            guard let tree = contents.tables[table] else {
                return .damaged(reason: "table \(table) is missing")
            }
            let walk = TreeWalk(reader: reader, lastPage: other.lastPage, ledger: own)
            walk.run(tree) {
                log.add($0, table: table)
            } visit: { _ in
                .proceed
            }
        }
        let integers = TreeWalk(
            reader: reader,
            lastPage: other.lastPage,
            ledger: own,
            order: .integer
        )
        var free = FreeListCheck(walk: integers, meta: other, log: log)
        free.run()
        if let damage = log.damages.first { return .damaged(reason: damage.description) }
        return .sound(transactionID: other.transactionID, lastPosition: head.lastPosition)
    }
}
