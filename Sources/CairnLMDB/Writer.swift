internal import CairnCore
internal import CairnJournal
internal import Glibc

/// The thread that owns write transactions: takes the turns that wait, runs them in one
/// transaction, commits once and answers them all.
///
/// Sendable because what its thread does not own alone is used only inside the monitor.
@safe
final class Writer: @unchecked Sendable {
    /// Most turns in one batch.
    static let turnCountMax = 4_096
    /// How long a batch waits for as many callers as the last one had, in nanoseconds.
    static let gatherNanosecondsMax: UInt64 = 100_000
    /// What a slice of an index flush writes at most: a leaf for each record, and the way there.
    static let sliceByteCountMax = 2 * IndexFlush.recordCountMax * 4_096
    /// How often an idle writer clears the reader slots of dead processes, in nanoseconds.
    static let housekeepingNanoseconds: UInt64 = 10_000_000_000

    private let environment: Environment
    private let tail: IndexTail
    private let clock: @Sendable () -> Timestamp
    private let onCommit: @Sendable (Position) -> Void
    private let monitor = Monitor()

    // Guarded by the monitor.
    private var waiting: [WaitingTurn] = []
    private var wakeCount = 1
    private var isIdle = false
    private var isClosing = false
    private var hasEnded = false
    private var poison: JournalError?
    private var flushRequests: [UnsafeContinuation<JournalError?, Never>] = unsafe []

    // Used by the writer's thread alone.
    private var flush: IndexFlush?
    private var buffer: [UInt8] = []
    private var gatherCount = 1

    init(
        _ environment: Environment,
        tail: IndexTail,
        clock: @escaping @Sendable () -> Timestamp,
        onCommit: @escaping @Sendable (Position) -> Void
    ) throws(JournalError) {
        self.environment = environment
        self.tail = tail
        self.clock = clock
        self.onCommit = onCommit
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
        let refusal: JournalError? = monitor.withLock {
            if let poison { return poison }
            if isClosing { return .closed }
            waiting.append(turn)
            if isIdle, waiting.count >= wakeCount { monitor.signal() }
            return nil
        }
        if let refusal { turn.fail(refusal) }
    }

    /// Brings the whole tail to the index tables.
    func flushIndex() async throws(JournalError) {
        let error = await unsafe withUnsafeContinuation {
            (continuation: UnsafeContinuation<JournalError?, Never>) in
            let refusal: JournalError? = monitor.withLock {
                if let poison { return poison }
                if isClosing { return .closed }
                unsafe flushRequests.append(continuation)
                monitor.signal()
                return nil
            }
            if let refusal { unsafe continuation.resume(returning: refusal) }
        }
        if let error { throw error }
    }

    /// Takes no more turns, finishes those that wait, flushes the index and ends the thread.
    ///
    /// Blocks until the thread has ended.
    func close() {
        monitor.withLock {
            isClosing = true
            monitor.broadcast()
            while !hasEnded { monitor.wait() }
        }
    }

    private func loop() {
        // A write beyond the process' file size limit is then an error instead of its end.
        signal(SIGXFSZ, SIG_IGN)
        while let turns = nextTurns() {
            if !turns.isEmpty { run(turns) }
            answerFlushRequests()
            continueFlush()
        }
        if monitor.withLock({ poison == nil }) { _ = finishFlush() }
        monitor.withLock {
            hasEnded = true
            monitor.broadcast()
        }
    }

    /// Waits for turns; empty when there is other work, nil when the writer is to end.
    private func nextTurns() -> [WaitingTurn]? {
        monitor.withLock {
            var deadline = MonotonicInstant.now.adding(nanoseconds: Self.housekeepingNanoseconds)
            while waiting.isEmpty {
                if isClosing { return nil }
                if unsafe flush != nil || !flushRequests.isEmpty { return [] }
                wakeCount = 1
                isIdle = true
                let isInTime = monitor.wait(until: deadline)
                isIdle = false
                if !isInTime {
                    environment.clearStaleReaders()
                    deadline = MonotonicInstant.now.adding(
                        nanoseconds: Self.housekeepingNanoseconds
                    )
                }
            }
            gather()
            let turns = Array(waiting.prefix(Self.turnCountMax))
            waiting.removeFirst(turns.count)
            return turns
        }
    }

    /// Waits a moment for as many callers as the last batch answered: they are on their way back,
    /// and one flush for all of them costs less than two.
    private func gather() {
        guard waiting.count < gatherCount, !isClosing else { return }
        let deadline = MonotonicInstant.now.adding(nanoseconds: Self.gatherNanosecondsMax)
        wakeCount = gatherCount
        isIdle = true
        while waiting.count < gatherCount, monitor.wait(until: deadline) {}
        isIdle = false
    }

    private func run(_ turns: [WaitingTurn]) {
        gatherCount = turns.count
        do {
            var rest = turns[...]
            while !rest.isEmpty {
                let count = try runBatch(Array(rest))
                for turn in rest.prefix(count) { turn.answer() }
                rest = rest.dropFirst(count)
            }
        } catch {
            // What earlier batches of this round committed has been answered already.
            fail(error.turns, error.reason)
        }
    }

    /// Why a batch came to nothing, and who has to be told.
    private struct BatchFailure: Error {
        let reason: JournalError
        let turns: [WaitingTurn]
    }

    /// Runs and commits one batch, starting again with a larger map where it did not fit.
    ///
    /// - Returns: How many of the turns it took.
    private func runBatch(_ turns: [WaitingTurn]) throws(BatchFailure) -> Int {
        while true {
            do {
                return try environment.latch.withShared { () throws(JournalError) in
                    try attemptBatch(turns)
                }
            } catch .mapMoved {
                do { try environment.adoptMapSize() } catch { throw failure(error, turns) }
            } catch .mapFull {
                do { try environment.grow() } catch { throw failure(error, turns) }
            } catch {
                throw failure(error, turns)
            }
        }
    }

    private func failure(_ error: JournalError, _ turns: [WaitingTurn]) -> BatchFailure {
        BatchFailure(reason: error, turns: turns)
    }

    private func attemptBatch(_ turns: [WaitingTurn]) throws(JournalError) -> Int {
        let transaction = try Transaction(environment, isReadOnly: false)
        let head = try openTail(transaction)
        let batch = WriterBatch(
            transaction,
            head: head,
            tail: tail,
            view: tail.view(of: transaction, last: Position(rawValue: .max)),
            now: clock(),
            reusing: buffer
        )
        buffer = []
        defer { buffer = batch.takeBuffer() }
        var count = 0
        do {
            while count < turns.count, batch.byteCount < WriterBatch.byteCountTarget {
                turns[count].run(in: batch)
                count += 1
            }
            // Turns that only read, or were refused, need no commit.
            guard batch.eventCount > 0 else { return count }
            var next = try batch.write()
            next.transactionID = transaction.id
            try transaction.putHead(next)
            try commit(transaction, after: head, room: 2 * batch.byteCount + (1 << 20))
            onCommit(next.lastPosition)
            return count
        } catch {
            batch.unstage(to: 0)
            throw error
        }
    }

    /// Commits, and tells a full disk from a broken one.
    ///
    /// LMDB calls it an input/output error when the disk takes only part of a write. If the disk
    /// has no room for what was to be written and the journal still ends where it did, nothing was
    /// committed and nothing is broken.
    private func commit(
        _ transaction: Transaction,
        after head: HeadRecord,
        room byteCount: Int
    ) throws(JournalError) {
        do {
            try transaction.commit()
        } catch {
            guard case .inputOutput = error,
                FileSystem.isFull(environment.path + "/data.mdb", growingBy: byteCount),
                let now = try? Transaction(environment, isReadOnly: true).head(), now == head
            else { throw error }
            throw .outOfSpace(path: environment.path)
        }
    }

    /// Folds in what other processes appended, and makes room in the tail.
    private func openTail(_ transaction: Transaction) throws(JournalError) -> HeadRecord {
        let head = try transaction.head()
        try tail.monitor.withLock { () throws(JournalError) in
            tail.drop(indexedUpTo: head.indexedPosition)
            try tail.catchUp(transaction, head)
            if tail.active.eventCount >= tail.segmentEventCountMax { tail.seal() }
        }
        return head
    }

    private func fail(_ turns: [WaitingTurn], _ error: JournalError) {
        var answer = error
        if Self.poisons(error) {
            answer = .outcomeUnknown
            monitor.withLock { poison = .poisoned }
            for turn in monitor.withLock({ waiting }) { turn.fail(.poisoned) }
            monitor.withLock { waiting = [] }
        }
        for turn in turns { turn.fail(answer) }
    }

    private static func poisons(_ error: JournalError) -> Bool {
        switch error {
        case .inputOutput, .damaged, .outcomeUnknown: true
        default: false
        }
    }
}

// The index flush, on the writer's thread between batches.
extension Writer {
    /// Writes one slice if a segment is sealed; all of it if the next segment is full as well.
    private func continueFlush() {
        let (oldest, isBehind) = tail.monitor.withLock {
            (
                tail.all.count > 1 ? tail.all[0] : nil,
                tail.all.count > 2
                    || tail.active.eventCount >= tail.segmentEventCountMax
            )
        }
        guard let oldest else {
            flush = nil
            return
        }
        if flush?.segment !== oldest { flush = IndexFlush(oldest) }
        repeat {
            guard let flush else { return }
            do {
                if try writeSlice(flush) { self.flush = nil }
            } catch {
                // The journal is whole without it: the tail keeps the entries, and the next
                // batch meets the same disk and tells its caller.
                self.flush = nil
                if Self.poisons(error) { monitor.withLock { poison = .poisoned } }
                return
            }
        } while isBehind && self.flush != nil
    }

    /// Seals what the tail has and brings all of it to the tables.
    private func finishFlush() -> JournalError? {
        do {
            try environment.latch.withShared { () throws(JournalError) in
                let transaction = try Transaction(environment, isReadOnly: true)
                let head = try transaction.head()
                try tail.monitor.withLock { () throws(JournalError) in
                    tail.drop(indexedUpTo: head.indexedPosition)
                    try tail.catchUp(transaction, head)
                    if tail.active.eventCount > 0 { tail.seal() }
                }
            }
            while let oldest = tail.monitor.withLock({ tail.all.count > 1 ? tail.all[0] : nil }) {
                let flush = IndexFlush(oldest)
                while try !writeSlice(flush) {}
            }
            flush = nil
            return nil
        } catch {
            return error
        }
    }

    private func writeSlice(_ flush: IndexFlush) throws(JournalError) -> Bool {
        while true {
            do {
                return try environment.latch.withShared { () throws(JournalError) in
                    let transaction = try Transaction(environment, isReadOnly: false)
                    let before = try transaction.head()
                    var head = before
                    var isDone = head.indexedPosition >= flush.segment.last
                    if !isDone {
                        isDone = try flush.writeSlice(transaction)
                        if isDone { head.indexedPosition = flush.segment.last }
                        head.transactionID = transaction.id
                        try transaction.putHead(head)
                        try commit(transaction, after: before, room: Self.sliceByteCountMax)
                    }
                    let indexed = head.indexedPosition
                    tail.monitor.withLock { tail.drop(indexedUpTo: indexed) }
                    return isDone
                }
            } catch .mapMoved {
                try environment.adoptMapSize()
            } catch .mapFull {
                try environment.grow()
            }
        }
    }

    private func answerFlushRequests() {
        let requests = unsafe monitor.withLock {
            defer { unsafe flushRequests = [] }
            return unsafe flushRequests
        }
        guard unsafe !requests.isEmpty else { return }
        let error = finishFlush()
        unsafe requests.forEach { unsafe $0.resume(returning: error) }
    }
}
