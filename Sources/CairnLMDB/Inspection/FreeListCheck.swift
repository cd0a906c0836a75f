internal import CairnCore
internal import CairnJournal

/// Reads the list of free pages: each is in the file's range, free once, and used by no tree.
struct FreeListCheck {
    let walk: TreeWalk
    let meta: MetaPage
    let log: DamageLog
    /// Free pages that the file is too short to have.
    ///
    /// LMDB never wrote them, which is sound.
    private(set) var absentPageCount: UInt64 = 0
    private var newestTransactionID: UInt64 = 0

    init(walk: TreeWalk, meta: MetaPage, log: DamageLog) {
        self.walk = walk
        self.meta = meta
        self.log = log
    }

    /// How many numbers of pages are read at a time.
    private static let chunkByteCount = 65_536

    mutating func run() {
        var check = self
        let log = log
        walk.run(meta.free) {
            log.add($0, table: "free list")
        } visit: { node in
            do throws(PageFault) {
                try check.read(node)
            } catch {
                log.add(error, table: "free list")
            }
            return log.isFull ? .stop : .proceed
        }
        self = check
        // Every commit replaces the main page and lists the old one under its own number, so a
        // list that ends before belongs to an older commit.
        if !meta.free.isEmpty, newestTransactionID != meta.transactionID, !log.isFull {
            log.add("it ends with transaction \(newestTransactionID)", table: "free list")
        }
        let absent = (meta.lastPage + 1) - min(walk.reader.pageCount, meta.lastPage + 1)
        if absentPageCount != absent, !log.isFull {
            log.add(
                "the file is \(absent) pages shorter than its last page, of which "
                    + "\(absentPageCount) are free"
            )
        }
    }

    private mutating func read(_ node: TreeNode) throws(PageFault) {
        let reader = walk.reader
        let transactionID = node.page.bytes.load(
            UInt64.self,
            at: node.page.keyRange(node.index).lowerBound
        )
        guard transactionID > 0, transactionID <= meta.transactionID else {
            throw reader.fault(node.page.number, "pages are freed by transaction \(transactionID)")
        }
        newestTransactionID = transactionID
        let byteCount: Int
        var list = PageList(transactionID: transactionID)
        switch node.page.value(node.index) {
        case .inline(let range):
            byteCount = range.count
            try add(node.page.bytes, range, &list, node.page.number)
        case .overflow(let first, let count):
            byteCount = count
            var buffer: [UInt8] = []
            var done = 0
            while done < count {
                let size = min(Self.chunkByteCount, count - done)
                let start = PageFormat.headerByteCount + done
                try reader.read(size, fromPage: first, skipping: start, into: &buffer)
                try add(buffer, 0..<size, &list, first)
                done += size
            }
        }
        guard byteCount % 8 == 0, list.stated == nil || list.left == 0 else {
            throw reader.fault(node.valuePage, "its list of free pages has an impossible length")
        }
    }

    private struct PageList {
        let transactionID: UInt64
        var stated: UInt64?
        var left: UInt64 = 0
        var previous = UInt64.max
    }

    private mutating func add(
        _ bytes: [UInt8],
        _ range: Range<Int>,
        _ list: inout PageList,
        _ page: UInt64
    ) throws(PageFault) {
        var offset = range.lowerBound
        while offset + 8 <= range.upperBound {
            let number = bytes.load(UInt64.self, at: offset)
            offset += 8
            guard list.stated != nil else {
                list.stated = number
                list.left = number
                continue
            }
            // LMDB may reserve more room than it fills.
            guard list.left > 0 else { return }
            list.left -= 1
            try release(number, after: list.previous, page)
            list.previous = number
        }
    }

    private mutating func release(
        _ number: UInt64,
        after previous: UInt64,
        _ page: UInt64
    ) throws(PageFault) {
        guard number >= 2, number <= meta.lastPage, number < previous else {
            throw walk.reader.fault(page, "its list of free pages names page \(number)")
        }
        guard number < walk.reader.pageCount else {
            absentPageCount += 1
            return
        }
        guard !walk.ledger.reached.contains(number) else {
            throw walk.reader.fault(number, "it is listed as free and in use")
        }
        guard walk.ledger.release(number) else {
            throw walk.reader.fault(number, "it is listed as free twice")
        }
    }
}
