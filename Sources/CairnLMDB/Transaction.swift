internal import CLMDB
internal import CairnCore
internal import CairnJournal

/// One LMDB transaction, for reading or writing: everything read through it is one view.
///
/// Not Sendable and never stored beyond the closure that it is lent to: a write transaction
/// belongs to its thread. Dropping one that was not committed rolls it back. Spans point into
/// the memory map and end with the closure that lent them.
@safe
final class Transaction {
    let environment: Environment
    let isReadOnly: Bool
    private var open: OpaquePointer?
    /// The tables that this transaction has written to, a bit for each.
    @safe @exclusivity(unchecked) private var writtenTables: UInt8 = 0
    /// The trees of tables that were asked for, by the tables' numbers.
    @safe @exclusivity(unchecked)
    private var trees = InlineArray<5, MappedTree?>(repeating: nil)

    /// LMDB's own table of the commit before the one that LMDB shows, where the view sees that.
    @safe @exclusivity(unchecked) private var mainBefore: MappedTree?

    init(_ environment: Environment, isReadOnly: Bool) throws(JournalError) {
        self.environment = environment
        self.isReadOnly = isReadOnly
        guard !isReadOnly else {
            unsafe open = try environment.begin(isReadOnly: true)
            return
        }
        try environment.lockCommits()
        do throws(JournalError) {
            unsafe open = try environment.begin(isReadOnly: false)
        } catch {
            environment.unlockCommits()
            throw error
        }
        // Dropped if this fails.
        try environment.sealer?.prepare(id, in: environment)
    }

    init(_ environment: Environment, adopting handle: OpaquePointer) {
        self.environment = environment
        isReadOnly = true
        unsafe open = handle
    }

    deinit {
        guard let open = unsafe open else { return }
        unsafe mdb_txn_abort(open)
        if !isReadOnly { environment.unlockCommits() }
    }

    var handle: OpaquePointer {
        guard let open = unsafe open else { preconditionFailure("the transaction has ended") }
        return unsafe open
    }

    /// The id of the view; for a write transaction, the id its commit will have.
    var id: UInt64 { UInt64(unsafe mdb_txn_id(handle)) }

    /// The transaction whose commit the view sees: the one before LMDB's as long as that is not on
    /// the disk.
    var seenID: UInt64 { mainBefore == nil ? id : id - 1 }

    /// Sees the commit before the one that LMDB shows.
    @unsafe
    func look(at main: RawSpan, in map: UnsafeRawPointer) throws(JournalError) {
        let tree = unsafe try MappedTree(environment, map: map, record: main)
        guard tree.depth <= MappedTree.depthMax else {
            throw .damaged(path: environment.path, reason: "the tables' own tree is too deep")
        }
        (trees, mainBefore) = (InlineArray(repeating: nil), tree)
    }

    /// Makes everything durable, or nothing.
    ///
    /// - Throws: `JournalError`; `JournalError.outcomeUnknown` where it can be read already, but may
    ///   not be on the disk.
    func commit() throws(JournalError) {
        let handle = unsafe handle
        let id = id
        let sealer = isReadOnly ? nil : environment.sealer
        // LMDB frees the handle also when the commit fails, so it is let go of first.
        trees = InlineArray(repeating: nil)
        unsafe open = nil
        defer { if !isReadOnly { environment.unlockCommits() } }
        let code = unsafe mdb_txn_commit(handle)
        guard code == MDB_SUCCESS else { throw LMDBCode.error(code, path: environment.path) }
        try sealer?.seal(id, in: environment)
    }

    /// Ends a view but keeps its reader slot for the next one.
    func park() -> OpaquePointer? {
        guard let handle = unsafe open else { return nil }
        (trees, mainBefore) = (InlineArray(repeating: nil), nil)
        unsafe open = nil
        unsafe mdb_txn_reset(handle)
        return unsafe handle
    }

    /// Begins a view anew that was parked.
    func renew() throws(JournalError) {
        (trees, mainBefore) = (InlineArray(repeating: nil), nil)
        let code = unsafe mdb_txn_renew(handle)
        guard code == MDB_SUCCESS else { throw LMDBCode.error(code, path: environment.path) }
    }

    /// Whether a table is not as the transaction found it.
    func hasWritten(_ table: Table) -> Bool { writtenTables & 1 << table.rawValue != 0 }

    /// Whether all tables are as the transaction found them.
    var hasWrittenNothing: Bool { writtenTables == 0 }

    /// The tree of a table as the transaction found it, which is read without LMDB.
    ///
    /// Nil where LMDB itself reads: this transaction has written to the table, the map is not
    /// known, or it is LMDB's own table and ``findMain()`` has none.
    func tree(_ table: Table) throws(JournalError) -> MappedTree? {
        guard !hasWritten(table) else { return nil }
        if table == .main, let mainBefore { return mainBefore }
        if let known = trees[table.rawValue] { return known }
        let found: MappedTree?
        switch (table.name, mainBefore) {
        case (let name?, let mainBefore?): found = try mainBefore.tree(name)
        case (let name?, nil): found = try findTree(name)
        case (nil, _): found = try findMain()
        }
        trees[table.rawValue] = found
        return found
    }

    fileprivate func willWrite(_ table: Table) { writtenTables |= 1 << table.rawValue }

    /// Looks a key up and lends its value.
    func get<Value>(
        _ table: Table,
        _ key: RawSpan,
        _ body: (RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value? {
        if let tree = try tree(table) { return try tree.get(key, body) }
        var found = unsafe MDB_val()
        let code = unsafe key.withUnsafeBytes { bytes in
            var name = unsafe MDB_val(bytes)
            return unsafe mdb_get(handle, environment.index(of: table), &name, &found)
        }
        if code == MDB_NOTFOUND { return nil }
        guard code == MDB_SUCCESS else { throw LMDBCode.error(code, path: environment.path) }
        return try body(unsafe RawSpan(_unsafeBytes: found.bytes))
    }

    /// Stores a value, replacing the one that the key had.
    ///
    /// `isAppend`: the key is greater than every other of the table: LMDB then fills pages
    /// completely and does not search.
    /// - Throws: `JournalError`.
    func put(
        _ table: Table,
        _ key: RawSpan,
        _ value: RawSpan,
        isAppend: Bool = false
    ) throws(JournalError) {
        willWrite(table)
        let flags = isAppend ? UInt32(MDB_APPEND) : 0
        let code = unsafe key.withUnsafeBytes { keyBytes in
            unsafe value.withUnsafeBytes { valueBytes in
                var name = unsafe MDB_val(keyBytes)
                var content = unsafe MDB_val(valueBytes)
                return unsafe mdb_put(
                    handle,
                    environment.index(of: table),
                    &name,
                    &content,
                    flags
                )
            }
        }
        guard code == MDB_SUCCESS else { throw LMDBCode.error(code, path: environment.path) }
    }

    /// Removes a key that is there.
    func remove(_ table: Table, _ key: RawSpan) throws(JournalError) {
        willWrite(table)
        let code = unsafe key.withUnsafeBytes { bytes in
            var name = unsafe MDB_val(bytes)
            return unsafe mdb_del(handle, environment.index(of: table), &name, nil)
        }
        guard code == MDB_SUCCESS else { throw LMDBCode.error(code, path: environment.path) }
    }

    /// The entries and pages of a table.
    func size(_ table: Table) throws(JournalError) -> (entryCount: Int, pageCount: Int) {
        if let mainBefore, let name = table.name {
            let record = TreeRecord(unsafe Array(try mainBefore.record(of: name)), at: 0)
            return (Int(clamping: record.count), Int(clamping: record.pageCount))
        }
        var stat = MDB_stat()
        unsafe mdb_stat(handle, environment.index(of: table), &stat)
        let pageCount = stat.ms_branch_pages &+ stat.ms_leaf_pages &+ stat.ms_overflow_pages
        return (max(stat.ms_entries, 0), max(pageCount, 0))
    }
}

extension MDB_val {
    @unsafe
    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            mv_size: bytes.count,
            mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        )
    }

    @unsafe
    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: mv_data, count: mv_size)
    }
}

/// A place in a table, for walking it in key order.
///
/// What is there before the transaction writes to the table is read without LMDB, which trusts
/// each page; what it has written itself only LMDB knows.
@safe
final class Cursor {
    private let transaction: Transaction
    private let table: Table
    @safe @exclusivity(unchecked) private var path: MappedTree.Path?
    /// LMDB's own cursor, once it is needed.
    private var opened: OpaquePointer?

    init(_ transaction: Transaction, _ table: Table) throws(JournalError) {
        self.transaction = transaction
        self.table = table
        if let tree = try transaction.tree(table) {
            path = MappedTree.Path(in: tree)
        } else {
            _ = unsafe try handle()
        }
    }

    deinit {
        if let opened = unsafe opened { unsafe mdb_cursor_close(opened) }
    }

    private func handle() throws(JournalError) -> OpaquePointer {
        if let opened = unsafe opened { return unsafe opened }
        let code = unsafe mdb_cursor_open(
            transaction.handle,
            transaction.environment.index(of: table),
            &opened
        )
        guard code == MDB_SUCCESS, let opened = unsafe opened else {
            throw LMDBCode.error(code, path: transaction.environment.path)
        }
        return unsafe opened
    }

    /// Where to go.
    enum Move {
        case first, last, next, previous

        var operation: MDB_cursor_op {
            switch self {
            case .first: MDB_FIRST
            case .last: MDB_LAST
            case .next: MDB_NEXT
            case .previous: MDB_PREV
            }
        }
    }

    /// Moves and lends the entry there; nil beyond the ends.
    func move<Value>(
        _ move: Move,
        _ body: (_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value? {
        if path != nil {
            guard let entry = unsafe try path?.move(move) else { return nil }
            return try unsafe lend(entry, body)
        }
        var key = unsafe MDB_val()
        return try unsafe at(&key, move.operation, body)
    }

    /// Moves to the first entry whose key is not less than a key and lends it.
    func seek<Value>(
        _ wanted: RawSpan,
        _ body: (_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value? {
        if path != nil {
            guard let entry = unsafe try path?.seek(wanted) else { return nil }
            return try unsafe lend(entry, body)
        }
        return try unsafe wanted.withUnsafeBytes { bytes throws(JournalError) in
            var key = unsafe MDB_val(bytes)
            return try unsafe at(&key, MDB_SET_RANGE, body)
        }
    }

    /// The tree in which what is looked up together is waited for together; nil where LMDB reads.
    var aheadTree: MappedTree? { path?.tree }

    /// Moves to exactly a key and lends its entry.
    ///
    /// - Returns: Whether the table has the key.
    func find(
        _ wanted: RawSpan,
        _ body: (_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Void
    ) throws(JournalError) -> Bool {
        if path != nil {
            guard let entry = unsafe try path?.find(wanted) else { return false }
            try unsafe lend(entry, body)
            return true
        }
        return try unsafe wanted.withUnsafeBytes { bytes throws(JournalError) in
            var key = unsafe MDB_val(bytes)
            return try unsafe at(&key, MDB_SET_KEY, body) != nil
        }
    }

    /// Stores a value and four bytes behind it, replacing what the key had.
    ///
    /// Keys that follow each other in order are put without a search from the top. `isAppend`: the
    /// key is greater than every other of the table, whose pages are then filled completely.
    /// - Throws: `JournalError`.
    func put(
        _ key: RawSpan,
        _ content: RawSpan,
        _ tail: UInt32,
        isAppend: Bool
    ) throws(JournalError) {
        transaction.willWrite(table)
        path = nil
        let handle = unsafe try handle()
        let flags = UInt32(MDB_RESERVE) | (isAppend ? UInt32(MDB_APPEND) : 0)
        let byteCount = content.byteCount + MemoryLayout<UInt32>.size
        var value = unsafe MDB_val(mv_size: byteCount, mv_data: nil)
        let code = unsafe key.withUnsafeBytes { bytes in
            var name = unsafe MDB_val(bytes)
            return unsafe mdb_cursor_put(handle, &name, &value, flags)
        }
        guard code == MDB_SUCCESS, let place = unsafe value.mv_data else {
            throw LMDBCode.error(code, path: transaction.environment.path)
        }
        // LMDB has made room for exactly as many bytes.
        unsafe content.withUnsafeBytes { bytes in
            if let from = bytes.baseAddress {
                unsafe place.copyMemory(from: from, byteCount: bytes.count)
            }
        }
        unsafe place.storeBytes(
            of: tail.littleEndian,
            toByteOffset: content.byteCount,
            as: UInt32.self
        )
    }

    @unsafe
    private func lend<Value>(
        _ entry: MappedTree.Entry,
        _ body: (RawSpan, RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try body(
            unsafe RawSpan(_unsafeBytes: entry.key),
            unsafe RawSpan(_unsafeBytes: entry.value)
        )
    }

    private func at<Value>(
        _ key: inout MDB_val,
        _ operation: MDB_cursor_op,
        _ body: (RawSpan, RawSpan) throws(JournalError) -> Value
    ) throws(JournalError) -> Value? {
        var value = unsafe MDB_val()
        let code = unsafe mdb_cursor_get(try handle(), &key, &value, operation)
        if code == MDB_NOTFOUND { return nil }
        guard code == MDB_SUCCESS else {
            throw LMDBCode.error(code, path: transaction.environment.path)
        }
        return try body(
            unsafe RawSpan(_unsafeBytes: key.bytes),
            unsafe RawSpan(_unsafeBytes: value.bytes)
        )
    }
}

/// Lends a number as a key that sorts by value.
func withKey<Value>(
    _ number: UInt64,
    _ body: (RawSpan) throws(JournalError) -> Value
) throws(JournalError) -> Value {
    try unsafe withUnsafeBytes(of: number.bigEndian) { bytes throws(JournalError) in
        try body(unsafe RawSpan(_unsafeBytes: bytes))
    }
}
