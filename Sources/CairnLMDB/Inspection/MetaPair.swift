/// What one of the two places for a meta page holds.
enum MetaState: Hashable, Sendable {
    case valid(MetaPage)
    /// The transaction id is what the damaged bytes say; nil if the file is too short for one.
    case damaged(reason: String, transactionID: UInt64?)
    /// The trees begin behind the last page, and nothing else is wrong.
    case outgrown(reason: String, transactionID: UInt64)

    var page: MetaPage? {
        guard case .valid(let page) = self else { return nil }
        return page
    }

    /// What is wrong with it, and what it says its transaction is; nil where nothing is.
    var damage: (reason: String, transactionID: UInt64?)? {
        switch self {
        case .valid: nil
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

    /// Reads both meta pages.
    ///
    /// Where the first does not tell the page size, the second is looked for at each size there
    /// can be.
    init(file: LMDBFile) throws(InspectionError) {
        let first = try Self.state(file: file, slot: 0, offset: 0)
        self.first = first
        if let page = first.page {
            second = try Self.state(file: file, slot: 1, offset: page.pageByteCount)
            pageByteCount = page.pageByteCount
            return
        }
        var fallback: MetaState?
        for byteCount in MetaPage.pageByteCounts {
            let state = try Self.state(file: file, slot: 1, offset: byteCount)
            if let page = state.page, page.pageByteCount == byteCount {
                second = state
                pageByteCount = byteCount
                return
            }
            fallback = fallback ?? state
        }
        second = fallback ?? .damaged(reason: "it is missing", transactionID: nil)
        pageByteCount = nil
    }

    private static func state(
        file: LMDBFile,
        slot: Int,
        offset: Int
    ) throws(InspectionError) -> MetaState {
        var bytes: [UInt8] = []
        let count = try file.read(MetaPage.byteCount, at: UInt64(offset), into: &bytes)
        guard count == MetaPage.byteCount else {
            return .damaged(reason: "the file ends inside it", transactionID: nil)
        }
        do throws(MetaPage.Flaw) {
            let page = try MetaPage(bytes, slot: slot)
            guard slot == 0 || page.pageByteCount == offset else {
                throw MetaPage.Flaw(reason: "its page size is \(page.pageByteCount)")
            }
            return .valid(page)
        } catch {
            let transactionID = bytes.load(UInt64.self, at: 144)
            return error.isOutgrown
                ? .outgrown(reason: error.reason, transactionID: transactionID)
                : .damaged(reason: error.reason, transactionID: transactionID)
        }
    }

    /// The valid meta pages, the one that LMDB would choose first.
    var newestFirst: [MetaPage] {
        let pages = [first, second].compactMap(\.page)
        guard pages.count == 2 else { return pages }
        return pages[0].transactionID < pages[1].transactionID ? [pages[1], pages[0]] : pages
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
