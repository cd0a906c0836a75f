/// What one of the two places for a meta page holds.
enum MetaState: Hashable, Sendable {
    case valid(MetaPage)
    /// The transaction id is what the damaged bytes say; nil if the file is too short for one.
    case damaged(reason: String, transactionID: UInt64?)
    /// The trees begin behind the last page, and nothing else is wrong.
    case outgrown(reason: String, transactionID: UInt64)
    /// The machine stopped before all of the commit was on the disk, and nobody was told of it.
    case cutShort(transactionID: UInt64)

    var page: MetaPage? {
        guard case .valid(let page) = self else { return nil }
        return page
    }

    /// What is wrong with it, and what it says its transaction is; nil where nothing is.
    var damage: (reason: String, transactionID: UInt64?)? {
        switch self {
        case .valid, .cutShort: nil
        case .damaged(let reason, let transactionID): (reason, transactionID)
        case .outgrown(let reason, let transactionID): (reason, transactionID)
        }
    }
}

/// Both meta pages as one read of the file found them.
struct MetaPair: Hashable, Sendable {
    let first: MetaState
    let second: MetaState
    /// The page size of the first valid meta page; nil if there is none.
    let pageByteCount: Int?
    /// What makes the newest commit count.
    let newestArm: CommitArm?
    /// Which pages the newest commit made; nil where it is not sealed.
    let newestSeal: CommitSeal?
    /// Whether the newest commit is not known to be whole, and the one before is.
    let hasWholeBefore: Bool
    /// The transactions that the two slots are armed for and that nobody has noted to be on the
    /// disk.
    let pendingIDs: [UInt64?]
    /// The newest transaction, if it is known to be on the disk.
    let durableTransactionID: UInt64?
    /// Whether the newest commit is neither whole nor one that a crash may have cut short.
    let isNewestDamaged: Bool

    /// Reads both meta pages, and looks whether the newest commit is whole.
    init(file: LMDBFile) throws(InspectionError) {
        try self.init(file: file, bootID: BootID.current)
    }

    private init(file: LMDBFile, bootID: BootID?) throws(InspectionError) {
        var slots = try MetaSlots(file: file)
        var newest = try NewestCommit(slots, file: file, bootID: bootID)
        // What a writer at work has overwritten meanwhile is not what was sealed.
        for _ in 0..<Self.attemptCountMax where !newest.isWhole {
            let now = try MetaSlots(file: file)
            if now == slots { break }
            slots = now
            newest = try NewestCommit(slots, file: file, bootID: bootID)
        }
        var states = slots.states
        if let flaw = newest.flaw { states[flaw.slot] = flaw.state }
        first = states[0]
        second = states[1]
        pageByteCount = slots.pageByteCount
        newestArm = newest.arm
        newestSeal = newest.seal
        hasWholeBefore = newest.hasWholeBefore
        pendingIDs = slots.pages.map { unsafe CommitNotes.pendingID($0.span.bytes) }
        durableTransactionID = newest.durableID
        isNewestDamaged = newest.flaw?.state.damage != nil
    }

    private static let attemptCountMax = 8

    /// The valid meta pages, the one that LMDB would choose first.
    var newestFirst: [MetaPage] {
        let pages = [first, second].compactMap(\.page)
        guard pages.count == 2 else { return pages }
        return pages[0].transactionID < pages[1].transactionID ? [pages[1], pages[0]] : pages
    }

    /// Whether a crash has left only a part of the newest commit, so that the one before counts.
    var isCutShort: Bool {
        [first, second].contains { if case .cutShort = $0 { true } else { false } }
    }

    func state(slot: Int) -> MetaState { slot == 0 ? first : second }

    /// Whether a slot is as LMDB leaves it when it could not write it, and nobody reads it.
    ///
    /// It then puts the transaction and the last page back that stood there, beside the trees of
    /// the commit that failed, so that the other slot stays the newest. The next commit writes
    /// over it.
    func isPutBack(slot: Int) -> Bool {
        guard case .outgrown(_, let transactionID) = state(slot: slot),
            let other = state(slot: 1 - slot).page
        else { return false }
        return transactionID &+ 1 == other.transactionID
    }

    /// What is wrong between two meta pages that are each valid, or nil.
    ///
    /// Each commit writes the page that the one before it did not, so the ids differ by one.
    var discord: String? {
        guard let first = first.page, let second = second.page else { return nil }
        let (old, new) =
            first.transactionID < second.transactionID ? (first, second) : (second, first)
        let (low, high) = (old.transactionID, new.transactionID)
        guard high - low <= 1, high != low || high == 0 else {
            return "the meta pages hold transactions \(low) and \(high), which do not follow"
        }
        // A commit keeps the larger of the map it found and its own.
        guard new.mapByteCount >= old.mapByteCount else { return "the map became smaller" }
        return nil
    }
}
