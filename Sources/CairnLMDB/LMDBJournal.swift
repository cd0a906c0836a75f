public import CairnCore
public import CairnJournal
internal import Synchronization

/// A journal in an LMDB file, for any number of tasks and processes of one machine.
///
/// Appends are durable when they return: each commit is flushed, once and with a seal by which a
/// part of it is told from the whole, and one commit serves all callers that wait together. Reads
/// go to the memory map, see nothing that may not be on the disk, and hold nothing back for the
/// writer beyond one page of events.
///
/// Memory: index entries for the events since the last index flush, usually those of one or two
/// segments and at most of six, and the open batch. An event takes 64 to 160 bytes where streams
/// have many; where each begins a stream of its own, and an id of another beginning, up to 600 and
/// four times the bytes of the name. A segment ends with the batch in which it reaches 65,536
/// events, a batch with the turn that takes it to 8 MiB of frames. Besides, up to 65,536 names of
/// streams that were asked for, and as many beginnings of ids that the index does not have. The
/// file's pages are the kernel's and not counted. Address space: 16 GiB, or twice the file; it
/// doubles when it is full.
public final class LMDBJournal: Journal {
    /// How a journal is opened.
    public struct Configuration: Sendable {
        /// Whether the data file is never written; then it must exist.
        public var isReadOnly: Bool
        /// Whether to make a journal where there is none.
        public var createsIfMissing: Bool
        /// Address space to reserve for the memory map at first, in bytes; twice the file where
        /// that is more.
        public var mapByteCount: Int
        /// Address space that the map may grow to, in bytes; appends beyond it are refused with
        /// `JournalError.mapFull(byteCount:)`.
        public var mapByteCountMax: Int
        /// The clock that recorded times are taken from.
        public var clock: @Sendable () -> Timestamp
        /// Gets what each commit held, before its callers are answered.
        ///
        /// Runs on the writer's thread and must be quick. Of several handles in one process, that
        /// of the one which opened the file first is called.
        public var onCommit: (@Sendable (CommitFacts) -> Void)?
        /// Gets, about every ten seconds, what the writer sees of the views of other processes.
        ///
        /// Runs like ``onCommit``.
        public var onReaders: (@Sendable (ReaderFacts) -> Void)?
        /// How often a writer looks after its readers, in nanoseconds; often only in tests.
        package var housekeepingNanoseconds: UInt64
        /// Events between two index flushes; small only in tests, to meet many of them.
        package var indexSegmentEventCountMax: Int

        /// Opens for reading and writing, and makes the journal if it is missing.
        public init() {
            isReadOnly = false
            createsIfMissing = true
            mapByteCount = Environment.mapByteCountDefault
            mapByteCountMax = Environment.mapByteCountMax
            clock = { .now() }
            onCommit = nil
            onReaders = nil
            housekeepingNanoseconds = Writer.housekeepingNanoseconds
            indexSegmentEventCountMax = IndexTail.segmentEventCountMax
        }

        /// Opens an existing journal for reading only.
        public static var readOnly: Configuration {
            var configuration = Configuration()
            configuration.isReadOnly = true
            configuration.createsIfMissing = false
            return configuration
        }
    }

    /// The folder of the journal.
    public let path: String
    let core: JournalCore
    private let isOpen = Mutex(true)

    /// Opens the journal in a folder.
    ///
    /// Opening one that exists checks both meta pages and the root paths, compares the head
    /// record with the file, and folds the events since the last index flush into memory.
    ///
    /// - Throws: `JournalError`; above all `JournalError.notFound(path:)`,
    ///   `JournalError.notAJournal(path:reason:)`,
    ///   `JournalError.newerFormat(found:supported:)`,
    ///   `JournalError.unsupportedFileSystem(path:name:)` and
    ///   `JournalError.damaged(path:reason:)`.
    public init(
        path: String,
        configuration: Configuration = Configuration()
    ) throws(JournalError) {
        self.path = path
        switch try FileSystem.kind(of: path) {
        case .file: throw .notAJournal(path: path, reason: "it is a file; a journal is a folder")
        case .nothing, .folder: break
        }
        if try FileSystem.kind(of: path + "/data.mdb") == .nothing {
            guard configuration.createsIfMissing else { throw .notFound(path: path) }
            do {
                try Birth.create(at: path, mapByteCount: configuration.mapByteCount)
            } catch {
                // Another process may have been faster with the same journal.
                guard try FileSystem.kind(of: path + "/data.mdb") == .file else { throw error }
            }
        }
        try FileSystem.check(path)
        if !configuration.isReadOnly {
            // Whoever made it may have died before its name was durable.
            try FileSystem.synchronize(path)
            try FileSystem.synchronize(FileSystem.parent(of: FileSystem.resolved(path)))
        }
        core = try JournalCore.open(path, configuration)
    }

    /// Checks that a journal can be where none is yet, as far as the file system there tells.
    ///
    /// What opening one would find out as well, for those who make it later.
    ///
    /// - Throws: `JournalError.unsupportedFileSystem(path:name:)`, and
    ///   `JournalError.notFound(path:)` where the folder that it would be in is not there.
    public static func checkFileSystem(for path: String) throws(JournalError) {
        try FileSystem.check(FileSystem.parent(of: FileSystem.resolved(path)))
    }

    deinit {
        let wasOpen = isOpen.withLock { $0 }
        if wasOpen { core.release() }
    }

    /// Finishes the turns that wait, brings the index up to date and lets go of the file.
    ///
    /// Blocks for that long, except inside a turn, where it happens after the turn; calling it
    /// again does nothing. Turns submitted later are refused with `JournalError.closed`. Dropping
    /// the last reference closes, too.
    public func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { core.release() }
    }

    func requireOpen() throws(JournalError) {
        guard isOpen.withLock({ $0 }) else { throw .closed }
    }

    public func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await submit(body)
    }

    @discardableResult
    public func append(_ appends: [StreamAppend]) async throws(JournalError) -> [[Receipt]] {
        try await submit(appending: appends) { scope throws(JournalError) in
            try scope.append(appends)
        }
    }

    // `appends` is what the turn appends, where it does nothing else.
    private func submit<Value: Sendable>(
        appending appends: [StreamAppend] = [],
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try requireOpen()
        let writer = try core.requireWriter()
        let answer = await unsafe withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<Value, JournalError>, Never>) in
            writer.submit(unsafe TypedTurn(body, appending: appends, continuation))
        }
        return try answer.get()
    }

    /// Brings the index tables up to the journal's end.
    ///
    /// Happens by itself while events are appended and when the journal is closed.
    public func flushIndex() async throws(JournalError) {
        try requireOpen()
        try await core.requireWriter().flushIndex()
    }

    /// What keeps projections' tables, in the folder `projections` of the journal.
    ///
    /// - Throws: `JournalError`; `JournalError.notFound(path:)` where the journal is only read and
    ///   nobody has written any.
    public func openProjectionStore() throws(JournalError) -> LMDBProjectionStore {
        try requireOpen()
        return try core.openProjectionStore()
    }

    /// Goes through the file of all projections' tables with a parser that no bytes can stop.
    ///
    /// LMDB takes what a page says for true, so this comes before any of it is read there.
    /// - Throws: `JournalError.damaged(path:reason:)`, with the first page that is not as it must be;
    ///   nothing where there are no tables, or where they keep changing.
    /// - Complexity: One read of the file's pages in use.
    public func checkProjectionFile() throws(JournalError) {
        try requireOpen()
        try core.checkProjectionFile()
    }

    /// Removes all projections' tables, without looking into their file: it may be damaged.
    ///
    /// They are a cache: ``openProjectionStore()`` and projections that are made from now on begin
    /// new ones. Those that this process made before do without a store, and other processes go on
    /// with the file that they have open.
    ///
    /// - Throws: `JournalError.readOnly` where nothing can be written, and
    ///   `JournalError.notAJournal(path:reason:)` where a file is in the folder's place.
    public func removeProjectionStore() throws(JournalError) {
        try requireOpen()
        try core.removeProjectionStore()
    }

    public var projectionStore: (any ProjectionStore)? { try? openProjectionStore() }

    public func waitForEvent(after position: Position) async throws(JournalError) {
        while !Task.isCancelled {
            if try head().lastPosition > position { return }
            // Others append to what is in its place, if anything is.
            if core.environment.isRemoved { throw .notFound(path: path) }
            await core.followers.wait { [self] in
                (try? head().lastPosition > position) ?? true
            }
        }
    }
}
