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
    private let handleCount = Mutex(0)

    private static let registry = Mutex<[FileSystem.Identity: JournalCore]>([:])

    private init(
        path: String,
        identity: FileSystem.Identity,
        configuration: LMDBJournal.Configuration
    ) throws(JournalError) {
        self.identity = identity
        do throws(InspectionError) {
            try JournalInspector.preflight(path: path)
        } catch {
            throw JournalError(error, path: path)
        }
        let environment = try Environment(
            path: path,
            isReadOnly: configuration.isReadOnly,
            mapByteCount: configuration.mapByteCount
        )
        self.environment = environment
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
            let followers = followers
            writer = try Writer(environment, tail: tail, clock: configuration.clock) {
                followers.wake(lastPosition: $0)
            }
        }
    }

    /// The core of the journal in a folder, made if this process has none.
    static func open(
        _ path: String,
        _ configuration: LMDBJournal.Configuration
    ) throws(JournalError) -> JournalCore {
        let identity = try FileSystem.identity(of: path + "/data.mdb")
        let result: Result<JournalCore, JournalError> = registry.withLock { cores in
            do throws(JournalError) {
                if let core = cores[identity] {
                    guard configuration.isReadOnly || core.writer != nil else {
                        return .failure(
                            .noPermission(path: path, action: "write (this process reads it) to")
                        )
                    }
                    core.handleCount.withLock { $0 += 1 }
                    return .success(core)
                }
                let core = try JournalCore(
                    path: path,
                    identity: identity,
                    configuration: configuration
                )
                core.handleCount.withLock { $0 = 1 }
                cores[identity] = core
                return .success(core)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Ends one handle; the last one flushes the index and closes the file.
    func release() {
        Self.registry.withLock { cores in
            let isLast = handleCount.withLock {
                $0 -= 1
                return $0 == 0
            }
            guard isLast else { return }
            writer?.close()
            followers.close()
            environment.close()
            cores[identity] = nil
        }
    }

    /// Ends one handle from wherever its last reference was dropped.
    ///
    /// A turn's closure may have held it, and then this is the writer's thread.
    func releaseAnywhere() {
        guard writer?.isCurrentThread == true else { return release() }
        Task.detached { self.release() }
    }

    func requireWriter() throws(JournalError) -> Writer {
        guard let writer else { throw .readOnly }
        return writer
    }

    /// Reads with the whole index of one view.
    func read<Value>(
        _ body: (Transaction, HeadRecord, IndexView) throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        // The view begins inside the tail's monitor, so that no entry can leave the tail for the
        // tables between the two.
        try environment.read(beginningIn: tail.monitor) { transaction throws(JournalError) in
            let head = try transaction.head()
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
