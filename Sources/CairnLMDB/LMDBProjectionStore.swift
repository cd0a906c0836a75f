internal import CLMDB
internal import CairnCore
public import CairnJournal
internal import Glibc
internal import Synchronization

/// Projections' tables in an LMDB file of their own, in the folder `projections` of a journal.
///
/// Apart from the journal's file, so that bringing them up to date never holds an append back, a
/// backup does not carry them, and removing the folder is all it takes to start anew. Any number
/// of processes may use them. A file that cannot be used is removed and begun again.
///
/// Commits flush once and not twice: a loss of power may take the last ones back, never tear one.
public final class LMDBProjectionStore: ProjectionStore {
    public let isReadOnly: Bool
    /// How long a write may wait for another process.
    ///
    /// That may have been stopped in the middle of its own. Whoever waited goes on without, and
    /// what is written in the end is as good as then.
    private static let waitMax = Duration.seconds(10)
    /// LMDB writes at most 64 pages at once: with less than that, the disk may have been full.
    private static let writtenByteCountMax = 64 * 4_096

    private let environment: Environment
    private let writer = SingleWriter()

    /// Opens the store in a folder, and makes it where it is missing.
    ///
    /// - Throws: `JournalError.notFound(path:)` where it is only to be read and is not there.
    init(path: String, isReadOnly: Bool) throws(JournalError) {
        self.isReadOnly = isReadOnly
        let folder = ProjectionFolder(path: path)
        environment = try isReadOnly ? folder.openForReading() : folder.openForWriting()
    }

    static func error(_ error: InspectionError, path: String) -> JournalError {
        switch error {
        case .notLMDB, .meta, .page: .damaged(path: path, reason: "\(error)")
        default: JournalError(error, path: path)
        }
    }

    /// Ends reading and writing, once the write on its way has ended.
    ///
    /// One that waits for a process that was stopped is not waited for without end; then the file
    /// stays open in this process.
    func close() {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.waitMax
        while !writer.begin() {
            guard clock.now < deadline else { return }
            usleep(1_000)
        }
        environment.close()
    }

    public func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        try environment.read { transaction throws(JournalError) in
            try body(try LMDBProjection(transaction, table))
        }
    }

    public func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark? {
        try await writing { transaction throws(JournalError) -> ProjectionMark?? in
            let keys = ProjectionKeys(table)
            let old = try keys.mark(by: Cursor(transaction, .main))
            guard old == expected else { return .some(nil) }
            // Entries without a mark that can be read are nobody's.
            while old == nil, try !keys.removeSome(transaction) {}
            let sums = try keys.write(changes, in: transaction, isNew: old == nil)
            let mark = ProjectionMark(
                position: changes.position,
                eventDigest: changes.eventDigest,
                entryCount: (old?.entryCount ?? 0) &+ sums.entryCount,
                stateHash: (old?.stateHash ?? 0) &+ sums.stateHash
            )
            try keys.put(mark, of: table, in: transaction)
            return .some(mark)
        } ?? nil
    }

    public func remove(_ table: ProjectionTable) async throws(JournalError) {
        var isDone = false
        while !isDone {
            // In bounded steps, the mark first: what lies there without one is nobody's.
            isDone = try await writing { transaction throws(JournalError) in
                try ProjectionKeys(table).removeSome(transaction)
            }
        }
    }

    public func tables() throws(JournalError) -> [(table: ProjectionTable, mark: ProjectionMark)] {
        try environment.read { transaction throws(JournalError) in
            try ProjectionKeys.all(transaction, environment.path)
                .sorted { $0.table.precedes($1.table) }
        }
    }

    /// The size of the file, in bytes.
    public var byteCount: Int { environment.fileByteCount ?? 0 }

    /// Runs a write transaction on a thread of its own: it may wait for another process, and
    /// belongs to one thread from its beginning to its end.
    private func writing<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        guard !isReadOnly else { throw .readOnly }
        let environment = environment
        let writer = writer
        let busy = JournalError.busy(path: environment.path)
        guard await writer.begin(atMost: Self.waitMax) else { throw busy }
        return try await OwnThread.run(atMost: Self.waitMax, or: busy) {
            () throws(JournalError) in
            defer { writer.end() }
            while true {
                do throws(JournalError) {
                    return try environment.latch.withShared { () throws(JournalError) in
                        let transaction = try Transaction(environment, isReadOnly: false)
                        let value = try body(transaction)
                        try transaction.commit()
                        return value
                    }
                } catch .mapMoved {
                    try environment.adoptMapSize()
                } catch .mapFull {
                    try environment.grow()
                } catch .inputOutput(let path, let code) {
                    // What LMDB says when the disk takes only part of a write.
                    let isFull = FileSystem.isFull(
                        path + "/data.mdb",
                        growingBy: Self.writtenByteCountMax
                    )
                    throw isFull ? .outOfSpace(path: path) : .inputOutput(path: path, code: code)
                }
            }
        }
    }
}

/// Lets one write at a time on its way, also one that nobody waits for any more.
private final class SingleWriter: Sendable {
    private let isWriting = Mutex(false)

    /// Waits for the one that is on its way.
    func begin(atMost time: Duration) async -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + time
        while !begin() {
            guard clock.now < deadline else { return false }
            // A cancelled task does not wait; what it has can be written later.
            do { try await Task.sleep(for: .milliseconds(2)) } catch { return false }
        }
        return true
    }

    func begin() -> Bool {
        isWriting.withLock { isWriting in
            defer { isWriting = true }
            return !isWriting
        }
    }

    func end() { isWriting.withLock { $0 = false } }
}

/// One view of a projection's tables.
private final class LMDBProjection: StoredProjection {
    let mark: ProjectionMark?
    private let transaction: Transaction
    private let keys: ProjectionKeys
    private let cursor: Cursor
    /// The key that is looked up, whose beginning is always the same.
    private var wanted: [UInt8]

    init(_ transaction: Transaction, _ table: ProjectionTable) throws(JournalError) {
        self.transaction = transaction
        keys = ProjectionKeys(table)
        cursor = try Cursor(transaction, .main)
        mark = try keys.mark(by: cursor)
        wanted = keys.entry([])
    }

    private func content(_ value: RawSpan, at key: RawSpan) throws(JournalError) -> Range<Int> {
        guard let count = LentBytes.contentByteCount(of: value, at: key) else { throw damage }
        return 0..<count
    }

    private var damage: JournalError {
        .damaged(
            path: transaction.environment.path,
            reason: "a record does not match its checksum"
        )
    }

    /// Looks a key up; `wanted` begins as all keys of the table do.
    @inline(__always)
    private func find(
        _ key: RawSpan,
        _ wanted: inout [UInt8],
        _ body: (RawSpan) -> Void
    ) throws(JournalError) -> Bool {
        wanted.removeLast(wanted.count - ProjectionKeys.headByteCount)
        unsafe key.withUnsafeBytes { unsafe wanted.append(contentsOf: $0) }
        return try unsafe cursor.find(wanted.span.bytes) { key, value throws(JournalError) in
            body(value.extracting(try content(value, at: key)))
        }
    }

    func withValue(
        of key: RawSpan,
        _ body: (RawSpan) -> Void
    ) throws(JournalError) -> Bool {
        var bytes: [UInt8] = []
        swap(&bytes, &wanted)
        defer { swap(&bytes, &wanted) }
        // The body of a look may ask for more.
        if bytes.isEmpty { bytes = keys.entry([]) }
        return try find(key, &bytes, body)
    }

    func forEachValue(
        of list: ProjectionKeyList,
        _ body: (Int, RawSpan) -> Void
    ) throws(JournalError) {
        let bytes = list.bytes
        let all = unsafe bytes.span.bytes
        var wanted = keys.entry([])
        for index in 0..<list.count {
            _ = try find(all.extracting(list.range(of: index)), &wanted) { body(index, $0) }
        }
    }

    func forEach(
        inPrefix prefix: [UInt8],
        from start: [UInt8]?,
        _ direction: PageDirection,
        _ body: (_ key: RawSpan, _ value: RawSpan) -> PageFlow
    ) throws(JournalError) {
        let wanted = keys.entry(prefix)
        /// Lends one entry; false at the end of the prefix or where the body stops.
        func lend(_ key: RawSpan, _ value: RawSpan) throws(JournalError) -> Bool {
            // One that cannot be read is not known to lie behind the prefix.
            guard LentBytes.mayBeRead(key) else { throw damage }
            guard key.byteCount >= wanted.count,
                unsafe key.extracting(0..<wanted.count).equals(wanted.span.bytes)
            else { return false }
            let name = key.extracting(ProjectionKeys.headByteCount..<key.byteCount)
            let content = value.extracting(try content(value, at: key))
            if case .stop = body(name, content) { return false }
            return true
        }
        let first = start.map { keys.entry($0) }
        var goesOn: Bool?
        switch direction {
        case .forwards:
            let from = first.map { $0.lexicographicallyPrecedes(wanted) ? wanted : $0 } ?? wanted
            goesOn = try cursor.seek(unsafe from.span.bytes, lend)
            while goesOn == true { goesOn = try cursor.move(.next, lend) }
        case .backwards:
            // The first key behind all that are wanted, or the one after the start.
            let end = ProjectionKeys.end(ofPrefix: wanted)
            let isBeyond = first.map { !$0.lexicographicallyPrecedes(end) } ?? true
            let from = isBeyond ? end : first ?? end
            let found = try cursor.seek(unsafe from.span.bytes) {
                key,
                value throws(JournalError) -> Bool? in
                // The very key: where to begin. Any other one lies behind it.
                guard !isBeyond, unsafe key.equals(from.span.bytes) else { return nil }
                return try lend(key, value)
            }
            goesOn =
                switch found {
                case .some(.some(let wasLent)): wasLent
                case .some(.none): try cursor.move(.previous, lend)
                case .none: try cursor.move(.last, lend)
                }
            while goesOn == true { goesOn = try cursor.move(.previous, lend) }
        }
    }
}
