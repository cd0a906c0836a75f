/// Where a tree stands and how large it is: LMDB's record of one table.
struct TreeRecord: Hashable, Sendable {
    static let byteCount = 48

    let pad: UInt32
    let flags: UInt16
    let depth: Int
    let branchPageCount: UInt64
    let leafPageCount: UInt64
    let overflowPageCount: UInt64
    let count: UInt64
    let root: UInt64

    /// Reads the record.
    ///
    /// - Precondition: `bytes` has ``byteCount`` bytes from `offset` on.
    init(_ bytes: [UInt8], at offset: Int) {
        pad = bytes.load(at: offset)
        flags = bytes.load(at: offset + 4)
        depth = Int(bytes.load(UInt16.self, at: offset + 6))
        branchPageCount = bytes.load(at: offset + 8)
        leafPageCount = bytes.load(at: offset + 16)
        overflowPageCount = bytes.load(at: offset + 24)
        count = bytes.load(at: offset + 32)
        root = bytes.load(at: offset + 40)
    }

    var isEmpty: Bool { root == PageFormat.invalidPage }

    /// All pages of the tree; as many as there can be where the numbers are too large.
    var pageCount: UInt64 {
        let (pages, overflow) = branchPageCount.addingReportingOverflow(leafPageCount)
        let (all, allOverflow) = pages.addingReportingOverflow(overflowPageCount)
        return overflow || allOverflow ? .max : all
    }

    /// What is wrong with the record by itself, or nil.
    func flaw(lastPage: UInt64) -> String? {
        guard !isEmpty else {
            let rest = UInt64(depth) | branchPageCount | leafPageCount | overflowPageCount | count
            return rest == 0 ? nil : "an empty tree counts pages or keys"
        }
        guard root >= 2, root <= lastPage else { return "its root \(root) is no data page" }
        guard depth >= 1, depth < PageFormat.depthMax else { return "its depth is \(depth)" }
        return nil
    }
}

/// One of the two pages that say where the trees of a committed transaction stand.
struct MetaPage: Hashable, Sendable {
    /// The part that carries meaning; the rest of the page is unused.
    static let byteCount = 152
    /// What LMDB writes of it at a commit.
    static let writtenBytes = 32..<152

    static let magic: UInt32 = 0xBEEF_C0DE
    static let dataVersion: UInt32 = 1
    /// More than a process can map on today's machines (64 TiB).
    static let mapByteCountMax: UInt64 = 1 << 46
    /// More than any journal comes to, and far from where the numbers end.
    static let transactionIDMax: UInt64 = 1 << 62
    static let pageByteCounts = [4_096, 8_192, 16_384, 32_768]

    let slot: Int
    let pageByteCount: Int
    let mapByteCount: UInt64
    let free: TreeRecord
    let main: TreeRecord
    let lastPage: UInt64
    let transactionID: UInt64

    /// Why a meta page cannot be used.
    struct Flaw: Error, Hashable, Sendable {
        let reason: String
        /// Whether a tree begins behind the last page, and nothing else is wrong.
        var isOutgrown = false
    }

    /// Reads and checks a meta page.
    ///
    /// - Parameters:
    ///   - bytes: The start of the page, ``byteCount`` bytes or more.
    ///   - slot: Which of the two it is.
    /// - Throws: ``Flaw``.
    init(_ bytes: [UInt8], slot: Int) throws(Flaw) {
        guard bytes.count >= Self.byteCount else { throw Flaw(reason: "the file ends inside it") }
        guard bytes.load(UInt32.self, at: 16) == Self.magic else {
            throw Flaw(reason: "its magic number is not LMDB's")
        }
        let version = bytes.load(UInt32.self, at: 20)
        guard version == Self.dataVersion else { throw Flaw(reason: "its version is \(version)") }
        guard bytes.load(UInt64.self, at: 0) == UInt64(slot) else {
            throw Flaw(reason: "it says it is page \(bytes.load(UInt64.self, at: 0))")
        }
        guard bytes.load(UInt16.self, at: 10) == PageFormat.metaFlag else {
            throw Flaw(reason: "it is not marked as a meta page")
        }
        self.slot = slot
        let address = bytes.load(UInt64.self, at: 24)
        mapByteCount = bytes.load(at: 32)
        free = TreeRecord(bytes, at: 40)
        main = TreeRecord(bytes, at: 88)
        lastPage = bytes.load(at: 136)
        transactionID = bytes.load(at: 144)
        pageByteCount = Int(free.pad)
        guard Self.pageByteCounts.contains(pageByteCount) else {
            throw Flaw(reason: "its page size is \(pageByteCount)")
        }
        // A fixed address is never asked for; the flag of the free list is its integer keys.
        guard address == 0, free.flags == 0x08, main.flags == 0, main.pad == 0 else {
            throw Flaw(reason: "its flags are not those of a journal")
        }
        guard transactionID < Self.transactionIDMax else {
            throw Flaw(reason: "its transaction \(transactionID) cannot be")
        }
        guard transactionID == 0 || transactionID & 1 == UInt64(slot) else {
            throw Flaw(reason: "transaction \(transactionID) belongs to the other meta page")
        }
        guard mapByteCount <= Self.mapByteCountMax, mapByteCount % UInt64(pageByteCount) == 0 else {
            throw Flaw(reason: "its map of \(mapByteCount) bytes cannot be")
        }
        guard lastPage >= 1, lastPage < mapByteCount / UInt64(pageByteCount) else {
            throw Flaw(reason: "its last page \(lastPage) lies outside its map")
        }
        for (name, tree) in [("free list", free), ("main tree", main)] {
            guard let flaw = tree.flaw(lastPage: lastPage) else { continue }
            let isOutgrown = [free, main].allSatisfy { $0.flaw(lastPage: .max - 1) == nil }
            throw Flaw(reason: "\(name): \(flaw)", isOutgrown: isOutgrown)
        }
    }
}
