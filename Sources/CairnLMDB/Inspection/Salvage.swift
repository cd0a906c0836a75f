internal import CairnCore
internal import CairnJournal

/// Finds the best commit of a damaged file, and what can be added to it.
struct Salvage {
    /// A commit that may be delivered: its head record and how far its packs hold.
    struct Candidate {
        let source: SalvageReport.Source
        let head: HeadRecord?
        let chain: PackChain
        let outcome: PackChain.Outcome
        /// The meta page and the head record name the same transaction.
        let isCommitted: Bool

        /// Every pack is there and the chain ends where the head record says.
        var isWhole: Bool {
            guard let head else { return false }
            return outcome.end == ChainEnd(position: head.lastPosition, hash: head.runningHash)
        }

        var transactionID: UInt64 { head?.transactionID ?? 0 }
    }

    /// How many main pages without a meta page are tried: each costs a walk over its packs, and
    /// where the newest ones do not help, older ones hold less of the same.
    private static let orphanCountMax = 8

    let reader: PageReader
    let metas: MetaPair
    private(set) var best: Candidate?
    /// The head of the newest commit known, whether or not its packs are all there.
    private(set) var stated: HeadRecord?
    private(set) var carver: Carver?

    init(file: LMDBFile) throws(InspectionError) {
        metas = try MetaPair(file: file)
        // Without any meta page the commonest page size is the best guess there is.
        reader = try PageReader(
            file: file,
            pageByteCount: metas.pageByteCount ?? MetaPage.pageByteCounts[0]
        )
        var candidates = metas.newestFirst.compactMap { candidate($0) }
        if let candidate = candidates.first, candidate.isWhole, candidate.isCommitted, areBothSound
        {
            best = candidate
            stated = candidate.head
            return
        }
        let whole = candidates.filter(\.isWhole).max { $0.transactionID < $1.transactionID }
        let reach = candidates.map(\.outcome.end.position).max() ?? .zero
        var carver = Carver(reader: reader, after: reach)
        carver.run()
        candidates += orphans(carver.roots, after: whole)
        self.carver = carver
        choose(among: candidates)
    }

    /// Takes a whole commit if it is the newest; else the longest chain.
    ///
    /// With a meta page the newest commit is known. Without any, the newest main page may belong
    /// to a commit that was never finished, and the one before it is as good.
    private mutating func choose(among candidates: [Candidate]) {
        let committed = candidates.filter(\.isCommitted)
        let known = committed.isEmpty ? candidates : committed
        let newest = known.max { $0.transactionID < $1.transactionID }
        let whole = candidates.filter(\.isWhole).max { $0.transactionID < $1.transactionID }
        let slack: UInt64 = committed.isEmpty ? 1 : 0
        if let whole, whole.transactionID >= max(newest?.transactionID ?? 0, slack) - slack {
            best = whole
            stated = whole.head
            return
        }
        best = (known + [whole].compactMap { $0 })
            .max { $0.outcome.end.position < $1.outcome.end.position }
        stated = newest?.head ?? whole?.head
    }

    /// Whether both meta pages are sound and follow one another, so that no newer one is missing.
    private var areBothSound: Bool {
        if metas.isCutShort { return true }
        guard metas.first.page != nil, metas.second.page != nil else { return false }
        return metas.discord == nil
    }

    private func candidate(_ meta: MetaPage) -> Candidate? {
        let walk = TreeWalk(
            reader: reader,
            lastPage: meta.lastPage,
            ledger: PageLedger(),
            mayHoldTables: true
        )
        let contents = SnapshotContents(main: meta.main, walk: walk)
        return candidate(
            contents,
            .meta(slot: meta.slot, transactionID: meta.transactionID),
            isCommitted: contents.head?.transactionID == meta.transactionID
        )
    }

    private func candidate(
        _ contents: SnapshotContents,
        _ source: SalvageReport.Source,
        isCommitted: Bool
    ) -> Candidate? {
        guard let tree = contents.tables[Table.journal.label] else { return nil }
        let chain = PackChain(
            reader: reader,
            tree: tree,
            firstRetainedPosition: contents.head?.firstRetainedPosition ?? .first
        )
        return Candidate(
            source: source,
            head: contents.head,
            chain: chain,
            outcome: chain.run { _, _ in .proceed },
            isCommitted: isCommitted
        )
    }

    /// Commits whose meta page is gone.
    ///
    /// Beside a whole commit only the very next one can be missing: its meta page is the damaged
    /// one. An older main page is an older state, and a newer one was never committed.
    private func orphans(_ roots: [Carver.Root], after whole: Candidate?) -> [Candidate] {
        var wanted = roots
        if let whole {
            guard mayBeMissing(whole.transactionID &+ 1) else { return [] }
            wanted = roots.filter { $0.head.transactionID == whole.transactionID &+ 1 }
        }
        var result: [Candidate] = []
        let newest = wanted.sorted { $0.head.transactionID > $1.head.transactionID }
        for root in newest.prefix(Self.orphanCountMax) {
            let source = SalvageReport.Source.orphanedRoot(
                page: root.page,
                transactionID: root.head.transactionID
            )
            guard let found = candidate(root.contents, source, isCommitted: false) else { continue }
            result.append(found)
            if found.isWhole { break }
        }
        return result
    }

    /// Whether the damaged meta page can be that of a transaction: what it says still counts if
    /// it is the id that the page held before.
    private func mayBeMissing(_ transactionID: UInt64) -> Bool {
        let slot = Int(transactionID & 1)
        let state = metas.state(slot: slot)
        guard let damage = state.damage else { return state.page?.transactionID == transactionID }
        // A crash has torn it, and then nobody was told of its commit. What looks like it in the
        // file may be one of the same number that had failed before.
        if metas.pendingIDs[slot] == transactionID { return false }
        return damage.transactionID != transactionID &- 2
    }
}
