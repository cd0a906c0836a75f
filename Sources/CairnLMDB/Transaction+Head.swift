internal import CLMDB
internal import CairnCore
internal import CairnJournal

extension Transaction {
    /// Begins a view anew for as long as it is of a later commit than it says.
    ///
    /// LMDB takes a view's number first and its root pages after that; two commits in between
    /// leave an old number on new pages. Nothing is wrong with such a view, but it looks like a
    /// file that was mixed up.
    func catchUpWithItsNumber() throws(JournalError) {
        let key = HeadRecord.key
        for _ in 0..<1_000 {
            let isOutrun = try get(.main, unsafe key.span.bytes) { bytes in
                bytes.byteCount == HeadRecord.byteCount
                    && bytes.littleEndian(at: 8, as: UInt64.self) > id
            }
            guard isOutrun == true else { return }
            unsafe mdb_txn_reset(handle)
            try renew()
        }
    }

    /// Begins a view anew, of the newest commit.
    func beginAnew() throws(JournalError) {
        unsafe mdb_txn_reset(handle)
        try renew()
        try catchUpWithItsNumber()
    }

    /// The head record of the view, compared with the view it was found in.
    ///
    /// Every write transaction rewrites the head, so one that names another transaction means
    /// that this view's root page is not the one that was committed: a torn or mixed-up file.
    func head() throws(JournalError) -> HeadRecord {
        let path = environment.path
        let id = id
        let key = HeadRecord.key
        let head = try get(.main, unsafe key.span.bytes) {
            bytes throws(JournalError) in
            do throws(HeadRecord.DecodingError) {
                return try HeadRecord(bytes)
            } catch .newerFormat(let found) {
                throw .newerFormat(found: found, supported: Int(HeadRecord.formatVersion))
            } catch {
                throw .damaged(path: path, reason: "the head record does not match its checksum")
            }
        }
        guard let head else {
            throw .notAJournal(path: path, reason: "it has no head record")
        }
        // A write transaction sees the head of the one before it.
        guard head.transactionID == id || (!isReadOnly && head.transactionID &+ 1 == id) else {
            throw .damaged(
                path: path,
                reason: "the head record is of transaction \(head.transactionID), the file of \(id)"
            )
        }
        return head
    }

    func putHead(_ head: HeadRecord) throws(JournalError) {
        let key = HeadRecord.key
        let bytes = head.encoded()
        try put(.main, unsafe key.span.bytes, unsafe bytes.span.bytes)
    }
}

extension IndexTail {
    /// The index as a transaction sees it.
    ///
    /// Outside the monitor.
    func view(of transaction: Transaction, last: Position) -> IndexView {
        monitor.withLock {
            IndexView(
                tables: IndexTables(transaction: transaction),
                tail: self,
                segments: all,
                generation: generation,
                last: last
            )
        }
    }
}
