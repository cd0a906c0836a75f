internal import CairnCore
internal import CairnDomains

/// What a To Log queue holds, and who waits for it: decides and performs nothing.
///
/// What must be resumed is handed out, so that it happens outside the lock.
struct TouchQueue {
    typealias Waiter = CheckedContinuation<Void, Never>

    private enum Phase {
        /// Rows are taken, and nobody appends them yet.
        case idle
        case running
        /// No row is taken any more; those that are there are appended.
        case closing
        case closed
    }

    private let bounds: TouchLogBounds
    private var phase = Phase.idle
    /// Batches that wait, the oldest first.
    private var full: [TouchBatch] = []
    /// The batch that new rows go to.
    ///
    /// Rows are kept in pieces of one batch, so that taking one never moves all the others.
    private var filling = TouchBatch()
    /// Rows that wait or are on their way to the journal, and their bytes.
    private var heldCount = 0
    private var heldByteCount = 0
    private(set) var counts = TouchCounts()
    /// What was dropped and stands in no journal yet.
    private var unreported = TouchDrops()
    private var generator: TouchUIDGenerator

    private var drainer: Waiter?
    private var isWoken = false
    private var flushers: [(target: UInt64, waiter: Waiter)] = []

    init(_ bounds: TouchLogBounds, seed: UInt64) {
        self.bounds = bounds
        generator = TouchUIDGenerator(seed: seed)
    }

    mutating func uid(at instant: Timestamp) -> TouchUID { generator.next(at: instant) }

    var length: Int { heldCount }

    // What senders do.

    /// Takes a row, or drops it.
    ///
    /// - Returns: Whether it was taken, and the drainer if it must not sleep on.
    mutating func take(_ touch: Touch, _ byteCount: Int) -> (isTaken: Bool, drainer: Waiter?) {
        switch phase {
        case .idle, .running: break
        case .closing, .closed:
            drop(touch, to: \.late)
            return (false, nil)
        }
        guard heldCount < bounds.itemCountMax,
            byteCount <= bounds.byteCountMax - heldByteCount
        else {
            drop(touch, to: \.full)
            return (false, nil)
        }
        if filling.touches.count >= bounds.batchCountMax
            || filling.byteCount >= bounds.batchByteCountMax
        {
            full.append(filling)
            filling = TouchBatch()
        }
        filling.touches.append(touch)
        filling.byteCount += byteCount
        heldCount += 1
        heldByteCount += byteCount
        counts.taken &+= 1
        let isHalfFull =
            heldCount > bounds.itemCountMax / 2 || heldByteCount > bounds.byteCountMax / 2
        return (true, isHalfFull ? wake() : nil)
    }

    mutating func drop(_ touch: Touch, to reason: WritableKeyPath<TouchDrops, UInt64>) {
        counts.dropped.add(touch, to: reason)
        unreported.add(touch, to: reason)
    }

    /// Counts what cannot be a row.
    mutating func refuse(at seconds: Double) {
        var drop = TouchDrops()
        switch phase {
        case .idle, .running: drop.refused = 1
        case .closing, .closed: drop.late = 1
        }
        drop.span = seconds...seconds
        counts.dropped.add(drop)
        unreported.add(drop)
    }

    // What the drainer does.

    /// Starts the run; false where there was one already.
    mutating func begin() -> Bool {
        guard phase == .idle else { return false }
        phase = .running
        return true
    }

    /// Puts the drainer to sleep, unless there is something to do.
    ///
    /// - Returns: Whether it must go on at once.
    mutating func sleep(_ waiter: Waiter) -> Bool {
        guard !isWoken, phase == .running else {
            isWoken = false
            return true
        }
        drainer = waiter
        return false
    }

    /// Has the drainer look again.
    mutating func wake() -> Waiter? {
        guard let sleeper = drainer else {
            isWoken = true
            return nil
        }
        drainer = nil
        return sleeper
    }

    /// Has the drainer look again if there is something to do.
    mutating func tick() -> Waiter? {
        !filling.touches.isEmpty || unreported.count > 0 ? wake() : nil
    }

    /// The next rows, the oldest first; none where nothing waits.
    mutating func batch() -> TouchBatch {
        guard full.isEmpty else { return full.removeFirst() }
        defer { filling = TouchBatch() }
        return filling
    }

    /// Counts what became of a batch.
    ///
    /// - Returns: Those who waited for no more than this.
    mutating func settle(_ batch: TouchBatch, _ result: TouchCounts) -> [Waiter] {
        counts.appended &+= result.appended
        counts.duplicates &+= result.duplicates
        counts.dropped.add(result.dropped)
        unreported.add(result.dropped)
        heldCount -= batch.touches.count
        heldByteCount -= batch.byteCount
        return takeFlushers()
    }

    /// What is to be written down as dropped; none of it is handed out again.
    mutating func takeUnreported() -> TouchDrops {
        defer { unreported = TouchDrops() }
        return unreported
    }

    /// Takes back what could not be written down.
    mutating func putBack(_ drops: TouchDrops) { unreported.add(drops) }

    // What ends it.

    /// Takes no row any more.
    mutating func close() -> Waiter? {
        if phase == .idle || phase == .running { phase = .closing }
        return wake()
    }

    var isClosing: Bool { phase != .running }

    /// Ends the run; what still waits is dropped.
    mutating func end() -> [Waiter] {
        phase = .closed
        var flushed: [Waiter] = []
        for batch in full + [filling] {
            flushed += settle(batch, TouchCounts(batch, Self.failed(batch)))
        }
        full = []
        filling = TouchBatch()
        return flushed
    }

    private static func failed(_ batch: TouchBatch) -> [TouchOutcome] {
        batch.touches.map { _ in .failed }
    }

    // Those who wait for rows to be durable.

    /// Has someone wait until all rows taken so far are appended or dropped.
    ///
    /// - Returns: Whether there is nothing to wait for, and the drainer if it sleeps.
    mutating func flush(_ waiter: Waiter) -> (isDone: Bool, drainer: Waiter?) {
        guard heldCount > 0, phase == .running || phase == .closing else { return (true, nil) }
        flushers.append((counts.taken, waiter))
        return (false, wake())
    }

    private mutating func takeFlushers() -> [Waiter] {
        // Rows leave in the order they came.
        let settled = counts.taken &- UInt64(heldCount)
        let done = flushers.filter { $0.target <= settled }.map(\.waiter)
        flushers.removeAll { $0.target <= settled }
        return done
    }
}

/// Rows that are appended in one turn.
struct TouchBatch: Sendable {
    var touches: [Touch] = []
    var byteCount = 0
}

extension TouchCounts {
    /// Counts what became of a batch; not under the queue's lock, where senders wait.
    init(_ batch: TouchBatch, _ outcomes: [TouchOutcome]) {
        self.init()
        for (touch, outcome) in zip(batch.touches, outcomes) {
            switch outcome {
            case .appended: appended &+= 1
            case .duplicate: duplicates &+= 1
            case .refused: dropped.add(touch, to: \.refused)
            case .failed: dropped.add(touch, to: \.failed)
            }
        }
    }
}

/// What became of a row.
enum TouchOutcome: Sendable {
    case appended
    /// The journal had it already.
    case duplicate
    /// The journal will never take it.
    case refused
    /// The journal failed.
    case failed
}
