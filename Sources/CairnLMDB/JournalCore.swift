internal import CairnCore
internal import CairnJournal
internal import Synchronization

/// What all handles of one journal share in this process: environment, tail, writer, followers.
///
/// LMDB must not open a file twice in one process (closing the second would drop the first's
/// locks), so the registry hands the same core to every handle of the same data file.
final class JournalCore: Sendable {
    let environment: Environment
    let tail: IndexTail
    let followers = Followers()
    let identity: FileSystem.Identity
    private let writer: Writer?
    private let handleCount = Mutex(1)
    private let projectionStore = Mutex<LMDBProjectionStore?>(nil)

    private static let registry = CoreRegistry()

    private init(
        path: String,
        identity: FileSystem.Identity,
        configuration: LMDBJournal.Configuration
    ) throws(JournalError) {
        self.identity = identity
        // Held until LMDB has the file open: from then on it is told of flushes that fail.
        let recovery = try configuration.isReadOnly ? nil : CommitRecovery(path: path)
        defer { recovery?.end() }
        do throws(InspectionError) {
            try JournalInspector.preflight(path: path)
        } catch {
            throw JournalError(error, path: path)
        }
        let environment = try Environment(
            path: path,
            isReadOnly: configuration.isReadOnly,
            mapByteCount: configuration.mapByteCount,
            mapByteCountMax: configuration.mapByteCountMax
        )
        self.environment = environment
        if configuration.isReadOnly {
            if let id = try CommitRecovery.durableTransactionID(path: path) {
                environment.durability.note(id)
            }
        } else {
            // Nobody can have committed since the newest was settled. But somebody may have opened
            // the journal before a commit was taken back: LMDB's lock file counts it still.
            let view = try Transaction(environment, isReadOnly: true)
            let id = environment.lastTransactionID
            guard view.id == id else { throw .busy(path: path) }
            environment.durability.note(id)
        }
        environment.clearStaleReaders()
        let head = try environment.read { transaction throws(JournalError) in
            try transaction.head()
        }
        tail = IndexTail(
            after: head.indexedPosition,
            segmentEventCountMax: configuration.indexSegmentEventCountMax
        )
        if configuration.isReadOnly {
            writer = nil
        } else {
            let (followers, observe) = (followers, configuration.onCommit)
            writer = try Writer(environment, tail: tail, configuration) { facts in
                followers.wake()
                observe?(facts)
            }
        }
    }

    /// The core of the journal in a folder, made if this process has none.
    ///
    /// Waits while another thread opens or closes the same journal.
    static func open(
        _ path: String,
        _ configuration: LMDBJournal.Configuration
    ) throws(JournalError) -> JournalCore {
        let identity = try FileSystem.identity(of: path + "/data.mdb")
        if let core = try registry.core(
            identity,
            { core throws(JournalError) in
                try core.admit(configuration, path)
            }
        ) {
            return core
        }
        let made: Result<JournalCore, JournalError>
        do throws(JournalError) {
            made = .success(
                try JournalCore(path: path, identity: identity, configuration: configuration)
            )
        } catch {
            made = .failure(error)
        }
        registry.settle(identity, try? made.get())
        return try made.get()
    }

    /// Counts another handle.
    private func admit(
        _ configuration: LMDBJournal.Configuration,
        _ path: String
    ) throws(JournalError) {
        if !configuration.isReadOnly {
            guard let writer else {
                throw .noPermission(path: path, action: "write (this process reads it) to")
            }
            if writer.hasFailed { throw .poisoned }
        }
        handleCount.withLock { $0 += 1 }
    }

    /// Ends one handle; the last one flushes the index and closes the file.
    ///
    /// On a writer's thread, which must wait for no writer, that happens a moment later elsewhere.
    func release() {
        guard environment.isOfThisProcess else { return }
        if ThreadMark.isWriter {
            Task.detached { self.release() }
            return
        }
        let isLast = Self.registry.leave(identity) {
            handleCount.withLock {
                $0 -= 1
                return $0 == 0
            }
        }
        guard isLast else { return }
        writer?.close()
        followers.close()
        projectionStore.withLock { $0 }?.close()
        environment.close()
        Self.registry.settle(identity, nil)
    }

    func requireWriter() throws(JournalError) -> Writer {
        guard let writer else { throw .readOnly }
        return writer
    }

    /// The projections' tables beside the journal, opened once.
    func openProjectionStore() throws(JournalError) -> LMDBProjectionStore {
        try projectionStore.withLock { store throws(JournalError) in
            if let store { return store }
            let opened = try LMDBProjectionStore(
                path: environment.path + "/projections",
                isReadOnly: writer == nil
            )
            store = opened
            return opened
        }
    }

    /// Goes through the projections' file without LMDB.
    func checkProjectionFile() throws(JournalError) {
        let path = environment.path + "/projections"
        guard try FileSystem.kind(of: path + "/data.mdb") != .nothing else { return }
        do throws(InspectionError) {
            try JournalInspector.preflightCache(path: path, wholeUpTo: .max)
        } catch .keepsChanging {
            return
        } catch {
            throw LMDBProjectionStore.error(error, path: path)
        }
    }

    /// Removes the projections' tables, whatever state their file is in.
    func removeProjectionStore() throws(JournalError) {
        guard writer != nil else { throw .readOnly }
        try projectionStore.withLock { store throws(JournalError) in
            store?.close()
            store = nil
            try ProjectionFolder(path: environment.path + "/projections").remove()
        }
    }

    /// Reads with the whole index of one view.
    func read<Value>(
        _ body: (Transaction, HeadRecord, IndexView) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        // The view begins inside the tail's monitor, so that no entry can leave the tail for the
        // tables between the two.
        try environment.read(beginningIn: tail.monitor) { transaction throws(JournalError) in
            var head = try transaction.head()
            while tail.waitForCommit(seenBy: head) {
                try transaction.beginAnew()
                head = try transaction.head()
            }
            tail.drop(indexedUpTo: head.indexedPosition)
            try tail.catchUp(transaction, head)
            return (head, tail.all, tail.generation)
        } _: { transaction, began throws(JournalError) in
            let (head, segments, generation) = began
            let view = IndexView(
                tables: IndexTables(transaction: transaction),
                tail: tail,
                segments: segments,
                generation: generation,
                last: head.lastPosition
            )
            return try body(transaction, head, view)
        }
    }
}

/// Which journals this process has open, by their data files.
///
/// Sendable because everything in it is used only inside its monitor. Opening and closing happen
/// outside it, so that one journal never waits for another.
private final class CoreRegistry: @unchecked Sendable {
    private let monitor = Monitor()
    private var cores: [FileSystem.Identity: JournalCore] = [:]
    /// Those that somebody is opening or closing.
    private var busy: Set<FileSystem.Identity> = []

    /// The open core of a file, once `admit` has let the caller in; nil if the caller is to make
    /// it, which ``settle(_:_:)`` then ends.
    func core(
        _ identity: FileSystem.Identity,
        _ admit: (JournalCore) throws(JournalError) -> Void
    ) throws(JournalError) -> JournalCore? {
        try monitor.withLock { () throws(JournalError) in
            while busy.contains(identity) {
                // It may be this thread that the other one waits for.
                if ThreadMark.isWriter { throw .closed }
                monitor.wait()
            }
            if let core = cores[identity] {
                try admit(core)
                return core
            }
            busy.insert(identity)
            return nil
        }
    }

    /// Takes a core out if its last handle went.
    func leave(_ identity: FileSystem.Identity, _ isLast: () -> Bool) -> Bool {
        monitor.withLock {
            guard isLast() else { return false }
            cores[identity] = nil
            busy.insert(identity)
            return true
        }
    }

    /// Ends an opening or a closing.
    func settle(_ identity: FileSystem.Identity, _ core: JournalCore?) {
        monitor.withLock {
            cores[identity] = core
            busy.remove(identity)
            monitor.broadcast()
        }
    }
}
