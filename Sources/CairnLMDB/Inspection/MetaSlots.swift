internal import CairnCore

/// The two places for meta pages and what is noted behind them, as one read of the file found them.
struct MetaSlots: Hashable {
    private(set) var states: [MetaState]
    /// The page size of the first valid meta page; nil if there is none.
    private(set) var pageByteCount: Int?
    private(set) var pages: [[UInt8]]

    /// Reads both.
    ///
    /// Where the first does not tell the page size, the second is looked for at each size there
    /// can be.
    init(file: LMDBFile) throws(InspectionError) {
        let first = try Self.read(file: file, slot: 0, offset: 0)
        if let page = first.state.page {
            let second = try Self.read(file: file, slot: 1, offset: page.pageByteCount)
            states = [first.state, second.state]
            pages = [first.bytes, second.bytes]
            pageByteCount = page.pageByteCount
            return
        }
        var fallback: (state: MetaState, bytes: [UInt8])?
        for byteCount in MetaPage.pageByteCounts {
            let second = try Self.read(file: file, slot: 1, offset: byteCount)
            if let page = second.state.page, page.pageByteCount == byteCount {
                states = [first.state, second.state]
                pages = [first.bytes, second.bytes]
                pageByteCount = byteCount
                return
            }
            fallback = fallback ?? second
        }
        let second = fallback ?? (.damaged(reason: "it is missing", transactionID: nil), [])
        states = [first.state, second.state]
        pages = [first.bytes, second.bytes]
        pageByteCount = nil
    }

    private static func read(
        file: LMDBFile,
        slot: Int,
        offset: Int
    ) throws(InspectionError) -> (state: MetaState, bytes: [UInt8]) {
        var bytes: [UInt8] = []
        let count = try file.read(MetaPage.pageByteCounts[0], at: UInt64(offset), into: &bytes)
        bytes.removeLast(bytes.count - count)
        guard count >= MetaPage.byteCount else {
            return (.damaged(reason: "the file ends inside it", transactionID: nil), bytes)
        }
        do throws(MetaPage.Flaw) {
            let page = try MetaPage(bytes, slot: slot)
            guard slot == 0 || page.pageByteCount == offset else {
                throw MetaPage.Flaw(reason: "its page size is \(page.pageByteCount)")
            }
            return (.valid(page), bytes)
        } catch {
            let transactionID = bytes.load(UInt64.self, at: 144)
            return error.isOutgrown
                ? (.outgrown(reason: error.reason, transactionID: transactionID), bytes)
                : (.damaged(reason: error.reason, transactionID: transactionID), bytes)
        }
    }

    /// The valid meta page that LMDB would choose.
    var newest: MetaPage? {
        states.compactMap(\.page).max { $0.transactionID < $1.transactionID }
    }
}

/// Whether all of the newest commit is there, by what is noted behind its meta page.
struct NewestCommit {
    private(set) var arm: CommitArm?
    private(set) var seal: CommitSeal?
    /// What its slot is instead of valid; nil where it is whole, or its writer may be at work.
    private(set) var flaw: (slot: Int, state: MetaState)?
    /// Its transaction, if it is known to be on the disk.
    private(set) var durableID: UInt64?

    /// Whether it is not known to be whole, and the commit before is.
    private(set) var hasWholeBefore = false

    var isWhole: Bool { flaw == nil }

    init(_ slots: MetaSlots, file: LMDBFile, bootID: BootID?) throws(InspectionError) {
        guard let newest = slots.newest else { return }
        let (slot, id) = (newest.slot, newest.transactionID)
        let notes = CommitNotes(slots.pages[slot], of: id)
        (arm, seal) = (notes.arm, notes.seal)
        guard let arm else {
            // Between two flushes it may stand there without its arm, and the other one armed.
            let otherPage = slots.pages[1 - slot]
            let next = unsafe CommitArm(otherPage.span.bytes)
            let isOfOther = next.map { Self.isOfOther($0, bootID) } ?? true
            if notes.isMarked || isOfOther { durableID = id }
            return
        }
        if try notes.isWhole(newest, slots.pages[slot], file) {
            if notes.isMarked || Self.isOfOther(arm, bootID) { durableID = id }
            return
        }
        hasWholeBefore = try Self.hasWholeBefore(newest, slots, file)
        // Its writer is at work, or was killed.
        if seal == nil, !notes.isMarked, !Self.isOfOther(arm, bootID) { return }
        // What was once on the disk is not what a crash has left; nor does a crash cut more than one
        // commit short.
        flaw =
            !notes.isMarked && hasWholeBefore
            ? (slot, .cutShort(transactionID: id))
            : (slot, .damaged(reason: "its pages are not those that it sealed", transactionID: id))
    }

    /// Whether another start of the system than the running one has armed; nobody knows where the
    /// running one is not told.
    private static func isOfOther(_ arm: CommitArm, _ bootID: BootID?) -> Bool {
        bootID != nil && arm.bootID != bootID
    }

    private static func hasWholeBefore(
        _ newest: MetaPage,
        _ slots: MetaSlots,
        _ file: LMDBFile
    ) throws(InspectionError) -> Bool {
        guard let before = slots.states[1 - newest.slot].page,
            before.transactionID == newest.transactionID - 1, !before.main.isEmpty
        else { return false }
        let page = slots.pages[before.slot]
        let notes = CommitNotes(page, of: before.transactionID)
        if notes.arm == nil { return true }
        return try notes.isWhole(before, page, file)
    }
}

/// What is noted behind the meta page of a transaction, as far as it is for that transaction.
struct CommitNotes {
    let arm: CommitArm?
    let seal: CommitSeal?
    let isMarked: Bool

    init(_ page: [UInt8], of id: UInt64) {
        let arm = unsafe CommitArm(page.span.bytes)
        self.arm = arm?.transactionID == id && id >= 2 ? arm : nil
        let seal = unsafe CommitSeal(page.span.bytes)
        self.seal = self.arm != nil && seal?.transactionID == id ? seal : nil
        isMarked = unsafe CommitMark(page.span.bytes)?.transactionID == id
    }

    /// The transaction that a slot is armed for, if nobody has noted that it is on the disk.
    static func pendingID(_ page: RawSpan) -> UInt64? {
        guard let id = CommitArm(page)?.transactionID, CommitMark(page)?.transactionID != id else {
            return nil
        }
        return id
    }

    /// Whether it is sealed, and its pages are those that were sealed.
    func isWhole(
        _ meta: MetaPage,
        _ page: [UInt8],
        _ file: LMDBFile
    ) throws(InspectionError) -> Bool {
        guard let seal else { return false }
        var digest = unsafe CommitDigest(
            transactionID: seal.transactionID,
            metaPage: page.span.bytes
        )
        let size = meta.pageByteCount
        var buffer: [UInt8] = []
        for run in seal.runs {
            for number in run.first..<run.first + UInt64(run.count) {
                guard number <= meta.lastPage,
                    (try? file.read(size, at: number * UInt64(size), into: &buffer)) == size
                else { return false }
                digest.add(unsafe buffer.span.bytes.extracting(0..<size))
            }
        }
        return digest.value == seal.digest
    }
}
