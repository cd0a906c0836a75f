public import CairnCore
internal import Synchronization

/// A journal in memory: the reference that says what every other implementation must answer.
///
/// Made to be obviously right, not fast: turns run one at a time under one lock, and each is a
/// batch of its own. It stores the same frames as a journal on disk, so headers, digests and
/// limits are the same code. Nothing survives the process.
public final class MemoryJournal: Journal {
    private let storage: Mutex<MemoryStorage>
    private let clock: @Sendable () -> Timestamp
    let lives: MemoryLives
    public let projectionStore: (any ProjectionStore)?

    /// Starts an empty journal.
    ///
    /// - Parameters:
    ///   - clock: The source of recorded times. It may jump back; they never do.
    ///   - projectionStore: What keeps projections' tables; nil for nothing.
    public init(
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() },
        projectionStore: (any ProjectionStore)? = MemoryProjectionStore()
    ) {
        self.projectionStore = projectionStore
        storage = Mutex(MemoryStorage())
        self.clock = clock
        lives = MemoryLives()
    }

    private init(
        _ storage: MemoryStorage,
        clock: @escaping @Sendable () -> Timestamp,
        lives: MemoryLives
    ) {
        self.storage = Mutex(storage)
        self.clock = clock
        self.lives = lives
        projectionStore = MemoryProjectionStore()
    }

    /// Makes a journal that reads this one's frames as a new process would, and knows no more.
    ///
    /// Signs of life are shared with it, as they are between processes.
    public func reopened() throws(JournalError) -> MemoryJournal {
        let old = storage.withLock { $0 }
        return MemoryJournal(
            try MemoryStorage(frames: old.frames, runningHash: old.runningHash),
            clock: clock,
            lives: lives
        )
    }

    public func turn<Value: Sendable>(
        _ body: @escaping @Sendable (any TurnScope) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let (value, woken) = try storage.withLock { storage throws(JournalError) in
            let scope = MemoryTurnScope(taking: &storage, at: clock())
            do throws(JournalError) {
                let value = try body(scope)
                storage = scope.commit()
                return (value, storage.takeWokenWaiters())
            } catch {
                storage = scope.rollBack()
                throw error
            }
        }
        for continuation in woken { continuation.resume() }
        return value
    }

    public func head() async throws(JournalError) -> JournalHead {
        storage.withLock { storage in
            JournalHead(
                lastPosition: storage.lastPosition,
                lastRecordedAt: storage.lastRecordedAt,
                runningHash: storage.runningHash
            )
        }
    }

    public func lastSequence(of stream: StreamID) async throws(JournalError) -> SequenceNumber {
        storage.withLock { $0.lastSequence(of: stream) }
    }

    public func receipt(of id: EventID) async throws(JournalError) -> Receipt? {
        try storage.withLock { storage throws(JournalError) in try storage.receipt(of: id) }
    }

    public func streamID(of number: StreamNumber) async throws(JournalError) -> StreamID {
        try storage.withLock { storage throws(JournalError) in try storage.streamID(of: number) }
    }

    public func position(at instant: Timestamp) async throws(JournalError) -> Position {
        try storage.withLock { storage throws(JournalError) in
            var position = storage.lastPosition
            while position > .zero, try storage.header(at: position).recordedAt > instant {
                position = position.previous
            }
            return position
        }
    }
}

extension MemoryJournal {
    public func waitForEvent(after position: Position) async throws(JournalError) {
        let number = storage.withLock { $0.takeWaiterNumber() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The flag is set before the handler below runs. So either it is seen here, or
                // the handler comes after this lock and finds the waiter.
                let mustWait = storage.withLock { storage in
                    if storage.lastPosition > position || Task.isCancelled { return false }
                    storage.waiters[number] = MemoryStorage.Waiter(
                        position: position,
                        continuation: continuation
                    )
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            storage.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume()
        }
    }
}

extension MemoryJournal {
    public func page(
        from position: Position,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        let page = storage.withLock { storage in
            let end = min(bound ?? storage.lastPosition, storage.lastPosition)
            let count = end.rawValue
            let places = MemoryPage.places(of: count, from: position.rawValue, direction, limit)
            return MemoryPage(
                events: places.map { storage.event(at: Position(rawValue: $0)) },
                lastPosition: end
            )
        }
        return try page.read(limit, startingAt: { $0.position.rawValue }, body)
    }

    public func forEachEvent(
        ofEach streams: [StreamID],
        _ body: (Int, EventHeader, RawSpan) -> Void
    ) async throws(JournalError) {
        let pages = storage.withLock { storage in
            streams.map { stream in
                storage.streams[stream, default: []].map { storage.event(at: $0) }
            }
        }
        for (index, events) in pages.enumerated() {
            for (position, frame) in events {
                body(
                    index,
                    try MemoryStorage.header(of: frame, at: position),
                    frame.span.bytes
                )
            }
        }
    }

    public func page(
        of stream: StreamID,
        from sequence: SequenceNumber,
        _ direction: PageDirection,
        upTo bound: Position?,
        limit: PageLimit,
        _ body: (EventHeader, RawSpan) -> PageFlow
    ) async throws(JournalError) -> PageEnd {
        let page = storage.withLock { storage in
            let end = min(bound ?? storage.lastPosition, storage.lastPosition)
            let seen = storage.streams[stream, default: []].prefix { $0 <= end }
            let count = UInt64(seen.count)
            let places = MemoryPage.places(of: count, from: sequence.rawValue, direction, limit)
            return MemoryPage(
                events: places.map { storage.event(at: seen[Int($0) - 1]) },
                lastPosition: end
            )
        }
        return try page.read(limit, startingAt: { $0.sequence.rawValue }, body)
    }
}
