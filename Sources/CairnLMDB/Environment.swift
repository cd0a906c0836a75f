internal import CLMDB
internal import CairnJournal
internal import Glibc

/// The named tables of a journal; `main` is LMDB's unnamed one and holds the head record.
enum Table: Int, CaseIterable {
    case main, journal, stream, streamEvents, eventID

    var name: String? {
        switch self {
        case .main: nil
        case .journal: "journal"
        case .stream: "stream"
        case .streamEvents: "stream-events"
        case .eventID: "event-id"
        }
    }
}

/// One LMDB environment: the memory map of one data file in this process.
///
/// Sendable because LMDB's environment may be used from all threads, the pool has its monitor,
/// and the map moves only under the latch's exclusive side.
@safe
final class Environment: @unchecked Sendable {
    /// Read transactions that all processes together may have open.
    static let readerCountMax = 1_022
    /// Address space reserved for the map at first: 16 GiB.
    ///
    /// Costs nothing until it is used.
    static let mapByteCountDefault = 16 << 30
    /// Address space that a map grows to at most: 64 TiB, half of what a process has.
    static let mapByteCountMax = 64 << 40

    /// How commits become durable.
    enum Flushing {
        /// By one flush and a seal.
        case sealed
        /// The pages are flushed and the meta page is not: for caches.
        case pagesOnly
        /// Not at all: for a file that has no name yet.
        case never
    }

    let path: String
    let isReadOnly: Bool
    let latch = Latch()
    let mapped = MappedFile()
    /// What makes commits durable; nil where LMDB does, nobody has to, or nothing is written.
    private(set) var sealer: CommitSealer?
    /// What is known to be on the disk.
    let durability: Durability
    private let handle: OpaquePointer
    private let processID = getpid()
    private let poolMonitor = Monitor()
    private var pool: [OpaquePointer] = unsafe []
    /// LMDB's numbers of the tables that are open, by the table's own number.
    private var tables: [MDB_dbi] = []
    /// Changed only under the latch's exclusive side.
    private var isClosed = false
    private(set) var mapByteCount: Int
    private let mapByteCountMax: Int

    /// Opens the data file in a folder.
    ///
    /// - Parameters:
    ///   - path: The folder; it exists.
    ///   - isReadOnly: Whether the data file is never written.
    ///   - mapByteCount: Address space to reserve; raised to twice the file where it is less.
    ///   - mapByteCountMax: Address space that it grows to at most.
    ///   - createsTables: Whether to make the named tables, at birth only.
    ///   - wantedTables: The tables to open, in their order from `main` on.
    ///   - flushing: How commits become durable.
    /// - Throws: `JournalError`.
    init(
        path: String,
        isReadOnly: Bool,
        mapByteCount: Int = Environment.mapByteCountDefault,
        mapByteCountMax: Int = Environment.mapByteCountMax,
        createsTables: Bool = false,
        tables wantedTables: [Table] = Table.allCases,
        flushing: Flushing = .sealed
    ) throws(JournalError) {
        var created: OpaquePointer?
        let code = unsafe mdb_env_create(&created)
        guard code == MDB_SUCCESS, let environment = unsafe created else {
            throw LMDBCode.error(code, path: path)
        }
        let wanted = max(mapByteCount, Self.roundedMap(fileByteCount: Self.fileByteCount(path)))
        self.path = path
        self.isReadOnly = isReadOnly
        durability = Durability(isAsked: flushing == .sealed)
        self.mapByteCount = wanted
        self.mapByteCountMax = mapByteCountMax
        Self.turnFileSizeSignalIntoError()
        unsafe handle = environment
        unsafe mdb_env_set_mapsize(environment, wanted)
        unsafe mdb_env_set_maxdbs(environment, UInt32(Table.allCases.count))
        unsafe mdb_env_set_maxreaders(environment, UInt32(Self.readerCountMax))
        // Transactions are kept in a pool and not per thread: tasks move between threads.
        var flags = UInt32(MDB_NOTLS)
        if isReadOnly { flags |= UInt32(MDB_RDONLY) }
        flags |= UInt32(flushing == .pagesOnly ? MDB_NOMETASYNC : MDB_NOSYNC)
        // As large as LMDB makes it. Readers do with its first page: a full disk keeps none out.
        let lockByteCount = isReadOnly ? 4_096 : 64 * (Self.readerCountMax + 2)
        try FileSystem.reserve(path + "/lock.mdb", byteCount: lockByteCount)
        let openCode = unsafe mdb_env_open(environment, path, flags, 0o664)
        guard openCode == MDB_SUCCESS else {
            throw LMDBCode.error(openCode, path: path)
        }
        try openTables(wantedTables, creating: createsTables)
        guard flushing == .sealed, !isReadOnly else { return }
        sealer = CommitSealer(file: commitFile, bootID: try BootID.ofThisSystem())
    }

    deinit {
        close()
    }

    /// Whether the process that opened it is this one, and not a child that inherited it.
    var isOfThisProcess: Bool { getpid() == processID }

    /// A write beyond the process' file size limit ends the process, unless somebody cares.
    private static func turnFileSizeSignalIntoError() {
        var action = sigaction()
        guard unsafe sigaction(SIGXFSZ, nil, &action) == 0,
            unsafe action.__sigaction_handler.sa_handler == nil
        else { return }
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Ends all views and lets go of the file, once nobody reads any more.
    ///
    /// Not left to `deinit`, because LMDB takes all reader slots of the process away when it
    /// closes, also those of an environment of the same file that was opened meanwhile.
    func close() {
        // A child process must not close what its parent still uses.
        guard isOfThisProcess else { return }
        latch.withExclusive {
            guard !isClosed else { return }
            isClosed = true
            while let transaction = unsafe pool.popLast() { unsafe mdb_txn_abort(transaction) }
            unsafe mdb_env_close(handle)
        }
    }

    private func openTables(_ wanted: [Table], creating: Bool) throws(JournalError) {
        let flags = creating ? UInt32(MDB_CREATE) : 0
        let transaction = try Transaction(self, isReadOnly: !creating)
        for table in wanted {
            var index: MDB_dbi = 0
            let code = unsafe mdb_dbi_open(transaction.handle, table.name, flags, &index)
            if code == MDB_NOTFOUND {
                throw .notAJournal(path: path, reason: "it has no table \(table.name ?? "")")
            }
            guard code == MDB_SUCCESS else { throw LMDBCode.error(code, path: path) }
            tables.append(index)
        }
        // Committing keeps the table handles; in a read transaction it writes nothing.
        try transaction.commit()
    }

    func index(of table: Table) -> MDB_dbi { tables[table.rawValue] }

    /// Begins a transaction of LMDB, after what it asks for has been done.
    func begin(isReadOnly: Bool) throws(JournalError) -> OpaquePointer {
        guard isOfThisProcess else { throw .otherProcess }
        guard !isClosed else { throw .closed }
        var clearedReaders = false
        while true {
            var transaction: OpaquePointer?
            let flags = isReadOnly ? UInt32(MDB_RDONLY) : 0
            let code = unsafe mdb_txn_begin(handle, nil, flags, &transaction)
            if code == MDB_SUCCESS, let transaction = unsafe transaction {
                return unsafe transaction
            }
            guard code == MDB_READERS_FULL, !clearedReaders else {
                throw LMDBCode.error(code, path: path)
            }
            clearedReaders = true
            clearStaleReaders()
        }
    }

    /// Reads in a view of its own; the view ends with the closure.
    func read<Value>(
        _ body: (Transaction) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        while true {
            do {
                return try latch.withShared { () throws(JournalError) -> Value in
                    let transaction = try takeReader()
                    defer { give(back: transaction) }
                    return try body(transaction)
                }
            } catch .mapMoved {
                try adoptMapSize()
            }
        }
    }

    /// Begins a view that outlives the call.
    ///
    /// It keeps the pages that it sees from being used again. Their place in memory may change,
    /// so it is for reading the file itself and not for lending spans.
    func beginView() throws(JournalError) -> Transaction {
        while true {
            do {
                return try latch.withShared { () throws(JournalError) in
                    try takeReader()
                }
            } catch .mapMoved {
                try adoptMapSize()
            }
        }
    }

    /// Reads in a view that begins inside a monitor, together with what the first closure takes
    /// from there; the second one then runs outside it.
    func read<Began, Value>(
        beginningIn monitor: Monitor,
        _ begin: (Transaction) throws(JournalError) -> Began,
        _ body: (Transaction, Began) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        while true {
            do {
                return try latch.withShared { () throws(JournalError) -> Value in
                    let (transaction, began) = try monitor.withLock {
                        () throws(JournalError) -> (Transaction, Began) in
                        let transaction = try takeReader()
                        return (transaction, try begin(transaction))
                    }
                    defer { give(back: transaction) }
                    return try body(transaction, began)
                }
            } catch .mapMoved {
                try adoptMapSize()
            }
        }
    }

    private func takeReader() throws(JournalError) -> Transaction {
        guard isOfThisProcess else { throw .otherProcess }
        guard !isClosed else { throw .closed }
        let parked = unsafe poolMonitor.withLock { unsafe pool.popLast() }
        let transaction: Transaction
        if let parked = unsafe parked {
            transaction = unsafe Transaction(self, adopting: parked)
            try transaction.renew()
        } else {
            transaction = try Transaction(self, isReadOnly: true)
        }
        try transaction.settle()
        return transaction
    }

    /// Keeps a few finished read transactions, so that the next view costs no reader slot.
    private func give(back transaction: Transaction) {
        guard let parked = unsafe transaction.park() else { return }
        let isKept = poolMonitor.withLock {
            guard unsafe pool.count < 16 else { return false }
            unsafe pool.append(parked)
            return true
        }
        if !isKept { unsafe mdb_txn_abort(parked) }
    }

    /// Takes over the map size that another process has grown the file to.
    func adoptMapSize() throws(JournalError) {
        try setMapSize { _ throws(JournalError) in 0 }
    }

    /// Reserves twice the address space, once nobody in this process reads.
    ///
    /// - Throws: `JournalError.mapFull(byteCount:)` when that is more than there may be, or than
    ///   the process can have; reading and smaller appends go on.
    func grow() throws(JournalError) {
        clearStaleReaders()
        try setMapSize { byteCount throws(JournalError) in
            guard byteCount <= mapByteCountMax / 2, Self.isAddressSpaceFree(2 * byteCount) else {
                throw .mapFull(byteCount: byteCount)
            }
            return 2 * byteCount
        }
    }

    /// Grows the map until so many bytes are free behind its last page.
    func makeRoom(_ byteCount: Int) throws(JournalError) {
        while true {
            let information = information()
            let usedByteCount = (information.lastPage + 1) * information.pageByteCount
            guard information.mapByteCount - usedByteCount < byteCount else { return }
            try grow()
        }
    }

    private func setMapSize(
        _ choose: (_ byteCount: Int) throws(JournalError) -> Int
    ) throws(JournalError) {
        // A read inside a read of the same thread cannot wait for that one to end.
        guard ThreadMark.sharedDepth == 0 else { throw .busy(path: path) }
        try latch.withExclusive { () throws(JournalError) in
            guard !isClosed else { throw .closed }
            let byteCount = try choose(mapByteCount)
            mapped.forget()
            let code = unsafe mdb_env_set_mapsize(handle, byteCount)
            guard code == MDB_SUCCESS else {
                // LMDB has let go of the old map and has no new one: nothing can be done with it
                // any more, and it stays open, because views of it may still have to end.
                isClosed = true
                throw .mapFull(byteCount: mapByteCount)
            }
            var info = unsafe MDB_envinfo()
            unsafe mdb_env_info(handle, &info)
            mapByteCount = unsafe info.me_mapsize
        }
    }

    /// Whether a map of some size can be made: tried out, because LMDB gives the old map up before
    /// it asks for the new one.
    private static func isAddressSpaceFree(_ byteCount: Int) -> Bool {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let place = unsafe mmap(nil, byteCount, PROT_NONE, flags, -1, 0)
        guard unsafe place != MAP_FAILED else { return false }
        unsafe munmap(place, byteCount)
        return true
    }

    /// Frees the reader slots of processes that died.
    @discardableResult
    func clearStaleReaders() -> Int {
        var dead: Int32 = 0
        unsafe mdb_reader_check(handle, &dead)
        return Int(dead)
    }

    /// What LMDB says of the whole file.
    func information() -> EnvironmentInformation {
        var info = unsafe MDB_envinfo()
        var stat = MDB_stat()
        unsafe mdb_env_info(handle, &info)
        unsafe mdb_env_stat(handle, &stat)
        return unsafe EnvironmentInformation(
            lastPage: info.me_last_pgno,
            lastTransactionID: UInt64(info.me_last_txnid),
            mapByteCount: info.me_mapsize,
            readerSlotCount: Int(info.me_numreaders),
            pageByteCount: Int(stat.ms_psize)
        )
    }

    /// The newest transaction that LMDB shows.
    var lastTransactionID: UInt64 {
        var info = unsafe MDB_envinfo()
        unsafe mdb_env_info(handle, &info)
        return unsafe UInt64(info.me_last_txnid)
    }

    /// The lines of LMDB's reader table, one for each reader.
    func readerTable() -> [String] {
        final class Lines { var text = "" }
        let lines = Lines()
        unsafe mdb_reader_list(
            handle,
            { message, context in
                guard let message = unsafe message, let context = unsafe context else { return 0 }
                let lines = unsafe Unmanaged<Lines>.fromOpaque(context).takeUnretainedValue()
                unsafe lines.text += String(cString: message)
                return 0
            },
            Unmanaged.passUnretained(lines).toOpaque()
        )
        return lines.text.split(separator: "\n").map(String.init)
    }

    /// Lends the open data file, which is not closed meanwhile.
    func withFile<Value>(
        _ body: (Int32) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try latch.withShared { () throws(JournalError) in
            guard isOfThisProcess else { throw .otherProcess }
            guard !isClosed else { throw .closed }
            return try body(fileDescriptor)
        }
    }

    var fileDescriptor: Int32 {
        var file = mdb_filehandle_t()
        unsafe mdb_env_get_fd(handle, &file)
        return file
    }
}
