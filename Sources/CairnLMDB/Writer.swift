internal import CairnCore
internal import CairnJournal
internal import Glibc
internal import Synchronization

/// The thread that owns write transactions: takes the turns that wait, runs them in one
/// transaction, commits once and answers them all.
///
/// Sendable because what its thread does not own alone is used only inside the monitor.
@safe
final class Writer: @unchecked Sendable {
    /// Most segments that wait for their flush; with more, a batch waits for the flush or is
    /// refused for the reason that keeps the flush from going on.
    static let sealedSegmentCountMax = 4
    /// How long a flush that is behind may keep the next batch waiting, in nanoseconds.
    static let flushNanosecondsMax: UInt64 = 30_000_000
    /// Most turns in one batch.
    static let turnCountMax = 4_096
    /// How long after its beginning a batch still takes callers in, in nanoseconds.
    static let gatherNanosecondsMax: UInt64 = 400_000
    /// How long it waits for the next of them, in nanoseconds.
    static let gatherPauseNanosecondsMax: UInt64 = 60_000
    /// After so many look-outs in vain only one in ``lookOutInterval`` is made.
    static let missCountMax = 8
    static let lookOutInterval = 64
    /// What a slice of an index flush writes at most: a leaf for each record, and the way there.
    static let sliceByteCountMax = 2 * IndexFlush.recordCountMax * 4_096
    /// How often a writer looks after its readers by default, in nanoseconds.
    static let housekeepingNanoseconds: UInt64 = 10_000_000_000

    let environment: Environment
    let tail: IndexTail
    let clock: @Sendable () -> Timestamp
    let onCommit: @Sendable (CommitFacts) -> Void
    let monitor = Monitor()

    // Guarded by the monitor.
    private var waiting: [WaitingTurn] = []
    private var isIdle = false
    private var life = Life.open
    private var isPoisoned = false
    var flushRequests: [FlushRequest] = []

    /// How many turns wait, for the writer's thread to look at without the monitor.
    private let waitingCount = Atomic<Int>(0)

    // Used by the writer's thread alone.
    var flush: IndexFlush?
    /// Requests whose events are sealed: each is answered once its position is in the tables.
    var sealedRequests: [(target: Position, request: FlushRequest)] = []
    /// Why the last slice was not written; nil if it was.
    var flushFailure: JournalError?
    private let housekeepingNanoseconds: UInt64
    private var nextHousekeeping: MonotonicInstant
    private let onReaders: (@Sendable (ReaderFacts) -> Void)?
    private var readerAges = ReaderAges()
    var buffer: [UInt8] = []
    var fileExtension = FileExtension()
    /// How many turns the last ``run(_:)`` answered.
    var gatherCount = 1
    private var lookOutCount = 0
    private var missCount = 0

    private enum Life {
        case open, closing, ended
    }

    init(
        _ environment: Environment,
        tail: IndexTail,
        _ configuration: LMDBJournal.Configuration,
        onCommit: @escaping @Sendable (CommitFacts) -> Void
    ) throws(JournalError) {
        self.environment = environment
        self.tail = tail
        clock = configuration.clock
        self.onCommit = onCommit
        onReaders = configuration.onReaders
        housekeepingNanoseconds = configuration.housekeepingNanoseconds
        nextHousekeeping = .now.adding(nanoseconds: housekeepingNanoseconds)
        try start()
    }

    private func start() throws(JournalError) {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<Writer>.fromOpaque(context).takeRetainedValue().loop()
                }
                return nil
            },
            context
        )
        guard code == 0 else {
            unsafe Unmanaged<Writer>.fromOpaque(context).release()
            throw .lmdb(code: code, message: "no thread for the writer")
        }
        pthread_detach(thread)
    }

    /// Queues a turn, or answers at once that the writer takes none any more.
    func submit(_ turn: WaitingTurn) {
        guard environment.isOfThisProcess else { return turn.fail(.otherProcess) }
        let refusal: JournalError? = monitor.withLock {
            if let refusal = self.refusal { return refusal }
            waiting.append(turn)
            waitingCount.store(waiting.count, ordering: .relaxed)
            if isIdle { monitor.signal() }
            return nil
        }
        if let refusal { turn.fail(refusal) }
    }

    /// Why nothing is taken any more; nil while it is.
    ///
    /// Only inside the monitor.
    private var refusal: JournalError? {
        if isPoisoned { return .poisoned }
        if case .open = life { return nil }
        return .closed
    }

    /// Whether a failure has ended what this writer can do.
    var hasFailed: Bool { monitor.withLock { isPoisoned } }

    /// Brings the whole tail to the index tables, in slices between the turns of others.
    func flushIndex() async throws(JournalError) {
        guard environment.isOfThisProcess else { throw .otherProcess }
        let error = await unsafe withUnsafeContinuation {
            (continuation: UnsafeContinuation<JournalError?, Never>) in
            let request = unsafe FlushRequest(continuation)
            let refusal: JournalError? = monitor.withLock {
                if let refusal = self.refusal { return refusal }
                flushRequests.append(request)
                monitor.signal()
                return nil
            }
            if let refusal { request.answer(refusal) }
        }
        if let error { throw error }
    }

    /// Takes no more turns, finishes those that wait, flushes the index and ends the thread.
    ///
    /// Blocks until the thread has ended; not for a writer's thread.
    func close() {
        guard environment.isOfThisProcess else { return }
        monitor.withLock {
            if case .open = life { life = .closing }
            monitor.broadcast()
            while true {
                if case .ended = life { return }
                monitor.wait()
            }
        }
    }

    private func loop() {
        ThreadMark.isWriter = true
        while let turns = nextTurns() {
            if !turns.isEmpty { run(turns) }
            keepHouse()
            flushSome()
        }
        flushAll()
        if !hasFailed { environment.finishCommits() }
        monitor.withLock {
            life = .ended
            monitor.broadcast()
        }
    }

    /// Waits for turns; empty when there is other work, nil when the writer is to end.
    private func nextTurns() -> [WaitingTurn]? {
        lookOutForFirst()
        return monitor.withLock {
            while waiting.isEmpty {
                guard case .open = life else { return nil }
                if flush != nil || !flushRequests.isEmpty || !sealedRequests.isEmpty { return [] }
                isIdle = true
                let isInTime = monitor.wait(until: nextHousekeeping)
                isIdle = false
                if !isInTime { return [] }
            }
            return takeWaiting(Self.turnCountMax)
        }
    }

    /// Looks out for those with whom the next batch begins, unless that has been in vain of late.
    private func lookOutForFirst() {
        lookOutCount += 1
        guard missCount < Self.missCountMax || lookOutCount % Self.lookOutInterval == 0 else {
            return
        }
        let count = min(gatherCount, IndexView.askCountMax)
        lookOut(for: count, until: .now.adding(nanoseconds: Self.gatherNanosecondsMax))
        missCount = waitingCount.load(ordering: .relaxed) > 0 ? 0 : missCount + 1
    }

    /// The turns that come while a batch is open: at once those that wait, and else some of as many
    /// callers as the last batch answered.
    ///
    /// Those are on their way back, and one flush for all of them costs less than two. They are run
    /// while the others are still on their way.
    ///
    /// - Parameters:
    ///   - count: How many turns the batch has.
    ///   - deadline: When it takes no more.
    /// - Returns: None where the batch is to be committed.
    func gather(after count: Int, until deadline: MonotonicInstant) -> [WaitingTurn] {
        guard count < Self.turnCountMax, MonotonicInstant.now < deadline else { return [] }
        lookOut(for: min(gatherCount - count, IndexView.askCountMax), until: deadline)
        guard waitingCount.load(ordering: .relaxed) > 0 else { return [] }
        return monitor.withLock { takeWaiting(Self.turnCountMax - count) }
    }

    /// Only inside the monitor.
    private func takeWaiting(_ countMax: Int) -> [WaitingTurn] {
        let turns = Array(waiting.prefix(countMax))
        waiting.removeFirst(turns.count)
        waitingCount.store(waiting.count, ordering: .relaxed)
        return turns
    }

    /// Looks out for callers who are on their way back, until so many wait, or none has come for a
    /// while.
    ///
    /// Without sleeping: they come within less than it takes to be woken. But it lets them have the
    /// processor first.
    private func lookOut(for count: Int, until deadline: MonotonicInstant) {
        var seen = waitingCount.load(ordering: .relaxed)
        guard seen < count else { return }
        var pauseEnd = MonotonicInstant.now.adding(nanoseconds: Self.gatherPauseNanosecondsMax)
        while true {
            sched_yield()
            let now = MonotonicInstant.now
            let waiting = waitingCount.load(ordering: .relaxed)
            if waiting >= count { return }
            if waiting > seen {
                seen = waiting
                pauseEnd = now.adding(nanoseconds: Self.gatherPauseNanosecondsMax)
            }
            guard now < min(pauseEnd, deadline) else { return }
        }
    }

    /// Frees what dead processes hold, however busy the writer is, and tells what others hold.
    private func keepHouse() {
        let now = MonotonicInstant.now
        guard now >= nextHousekeeping else { return }
        environment.clearStaleReaders()
        if let onReaders { onReaders(readerAges.look(at: environment, now: now)) }
        nextHousekeeping = now.adding(nanoseconds: housekeepingNanoseconds)
    }

    /// Ends everything but reading: what this process knows of the file may be wrong.
    func poison() {
        let (turns, requests) = monitor.withLock {
            defer { (waiting, flushRequests) = ([], []) }
            isPoisoned = true
            waitingCount.store(0, ordering: .relaxed)
            return (waiting, flushRequests + sealedRequests.map(\.request))
        }
        (flush, sealedRequests) = (nil, [])
        for turn in turns { turn.fail(.poisoned) }
        for request in requests { request.answer(.poisoned) }
    }

    static func poisons(_ error: JournalError) -> Bool {
        switch error {
        case .inputOutput, .damaged, .outcomeUnknown: true
        case .sequenceConflict, .eventIDConflict, .eventIDInOtherStream, .limit, .unknownStream,
            .notFound, .notAJournal, .noPermission, .unsupportedFileSystem, .outOfSpace,
            .mapFull, .readersFull, .busy, .lockHeld, .poisoned, .closed, .otherProcess, .readOnly,
            .corrupt, .interrupted, .newerFormat, .lmdb:
            false
        }
    }
}
