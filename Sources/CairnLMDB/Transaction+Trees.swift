internal import CLMDB
internal import CairnCore
internal import CairnJournal
internal import Synchronization

/// Where the trees of a view's tables begin, for reading them without LMDB.
extension Transaction {
    /// Works out where the map is, if that is not known, by bytes that LMDB lends from it.
    private func locateMap(by lent: UnsafeRawPointer) {
        let mapped = environment.mapped
        guard unsafe mapped.start == nil else { return }
        let byteCount = environment.information().mapByteCount
        unsafe mapped.locate(lent, in: environment.fileDescriptor, mapped: byteCount)
    }

    /// Works out where the map is, if that is not known, by the first key of LMDB's own table.
    ///
    /// The way there is LMDB's, which trusts it: it is gone once for each map.
    func locateMap() throws(JournalError) {
        guard unsafe environment.mapped.start == nil else { return }
        var cursor: OpaquePointer?
        let code = unsafe mdb_cursor_open(handle, environment.index(of: .main), &cursor)
        guard code == MDB_SUCCESS, let cursor = unsafe cursor else {
            throw LMDBCode.error(code, path: environment.path)
        }
        defer { unsafe mdb_cursor_close(cursor) }
        var key = unsafe MDB_val()
        guard unsafe mdb_cursor_get(cursor, &key, nil, MDB_FIRST) == MDB_SUCCESS else { return }
        if let lent = unsafe key.mv_data { unsafe locateMap(by: lent) }
    }

    /// The tree of LMDB's own table, as the meta page of the view's commit has it.
    ///
    /// - Returns: Nil where LMDB has to read it: in a write transaction, where the map is not known,
    ///   and where another commit followed before anybody asked, so that the next one may already
    ///   write over that page.
    func findMain() throws(JournalError) -> MappedTree? {
        guard isReadOnly else { return nil }
        try locateMap()
        guard let map = unsafe environment.mapped.start else { return nil }
        let (environment, id) = (environment, id)
        let page = unsafe RawSpan(
            _unsafeStart: map + Int(id & 1) * MappedFile.pageByteCount,
            byteCount: MetaRoots.byteCount
        )
        let record = page.extracting(MetaRoots.mainRange)
        let found = Result { () throws(JournalError) in
            unsafe try MappedTree(environment, map: map, record: record)
        }
        // The record before the number: who writes over the page follows a commit that it shows.
        atomicMemoryFence(ordering: .acquiring)
        guard environment.lastTransactionID == id, MetaRoots(page).transactionID == id else {
            return nil
        }
        let tree = try found.get()
        return tree.depth <= MappedTree.depthMax ? tree : nil
    }

    /// Asks LMDB where the tree of a table is, as the transaction found it.
    ///
    /// - Returns: Nil where the map is not known, or where LMDB has to read the tree.
    /// - Throws: `JournalError`.
    func findTree(_ name: String) throws(JournalError) -> MappedTree? {
        var name = name
        var found = unsafe MDB_val()
        let code = name.withUTF8 { bytes in
            var key = unsafe MDB_val(UnsafeRawBufferPointer(bytes))
            return unsafe mdb_get(handle, environment.index(of: .main), &key, &found)
        }
        if code == MDB_NOTFOUND { return nil }
        guard code == MDB_SUCCESS else { throw LMDBCode.error(code, path: environment.path) }
        let record = unsafe RawSpan(_unsafeBytes: found.bytes)
        // With its first write to any table, a transaction has copied the page of the record.
        if hasWrittenNothing {
            guard LentBytes.mayBeRead(record) else {
                throw .damaged(path: environment.path, reason: "a table's record lies outside it")
            }
            if let lent = unsafe found.mv_data { unsafe locateMap(by: lent) }
        }
        guard let map = unsafe environment.mapped.start else { return nil }
        let tree = unsafe try MappedTree(environment, map: map, record: record)
        return tree.depth <= MappedTree.depthMax ? tree : nil
    }
}
