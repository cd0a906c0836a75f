public import CairnCore

/// What the To Log queues of a journal say of themselves: when each run began and ended, and what
/// it had to drop.
///
/// A run that has not said that it ended may be going on. One whose worker is gone has ended with
/// whatever it still held, which may be lost; the next run to begin writes that down.
public struct TouchQueueMachine: StoredMachine {
    /// Which runs there were, and what is known to be missing.
    public struct State: Hashable, Sendable {
        public internal(set) var runCount: UInt64 = 0
        /// Runs that have not said that they ended.
        public internal(set) var openRuns: [TouchQueueRun] = []
        /// Runs that ended without saying so.
        public internal(set) var interruptedRuns: UInt64 = 0
        /// All that queues said they dropped.
        public internal(set) var dropped = TouchDrops()

        public init() {}
    }

    /// What a queue asks for.
    public enum Command: Hashable, Sendable {
        /// Begin a run; those of workers that are gone have ended.
        case begin(WorkerNumber, gone: [WorkerNumber])
        /// Say what was dropped since the last time.
        case drop(WorkerNumber, TouchDrops)
        case end(WorkerNumber, TouchCounts)
    }

    /// What happened to a queue.
    public struct Event: Hashable, Sendable {
        public let at: Timestamp
        public let worker: WorkerNumber
        public let fact: Fact

        public init(_ fact: Fact, of worker: WorkerNumber, at: Timestamp) {
            self.at = at
            self.worker = worker
            self.fact = fact
        }
    }

    /// What happened.
    public enum Fact: Hashable, Sendable {
        case began
        /// It ended without saying so; what it held then may be lost.
        case interrupted
        case dropped(TouchDrops)
        case ended(TouchCounts)
    }

    public init() {}

    /// The stream of a journal's queues.
    public static var stream: StreamID {
        get throws(LimitError) { try StreamID("touch-queue/log") }
    }

    public var initial: State { State() }

    public func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Never) -> [Event] {
        switch command {
        case .begin(let worker, let gone):
            let ended = state.openRuns.filter { gone.contains($0.worker) }
            return ended.map { Event(.interrupted, of: $0.worker, at: context.now) }
                + [Event(.began, of: worker, at: context.now)]
        case .drop(let worker, let drops):
            return drops.count == 0 ? [] : [Event(.dropped(drops), of: worker, at: context.now)]
        case .end(let worker, let counts):
            return state.openRuns.contains { $0.worker == worker }
                ? [Event(.ended(counts), of: worker, at: context.now)] : []
        }
    }

    public func evolve(_ state: inout State, by event: Event) {
        switch event.fact {
        case .began:
            state.runCount &+= 1
            state.openRuns.append(TouchQueueRun(worker: event.worker, beganAt: event.at))
        case .interrupted:
            state.close(event.worker)
            state.interruptedRuns &+= 1
        case .dropped(let drops): state.dropped.add(drops)
        case .ended: state.close(event.worker)
        }
    }
}

extension TouchQueueMachine.State {
    /// A worker runs one queue at a time, so its last run is the one that ends.
    fileprivate mutating func close(_ worker: WorkerNumber) {
        guard let index = openRuns.lastIndex(where: { $0.worker == worker }) else { return }
        openRuns.remove(at: index)
    }
}

/// One run of a To Log queue.
public struct TouchQueueRun: Hashable, Sendable {
    /// Whose lock tells whether it goes on.
    public let worker: WorkerNumber
    public let beganAt: Timestamp
}

/// What a queue dropped, by the reason.
public struct TouchDrops: Hashable, Sendable {
    /// The queue held as much as it may.
    public var full: UInt64 = 0
    /// The journal failed for longer than the queue waits.
    public var failed: UInt64 = 0
    /// The journal refuses the row: its uid is known with other content, or it is too large.
    public var refused: UInt64 = 0
    /// The queue had ended.
    public var late: UInt64 = 0
    /// About how many bytes they had.
    public var byteCount: UInt64 = 0
    /// The first and the last `created_at` among them; nil where none is known.
    public var span: ClosedRange<Double>?

    public init() {}

    public var count: UInt64 { full &+ failed &+ refused &+ late }

    /// Adds what was dropped some other time.
    public mutating func add(_ other: TouchDrops) {
        full &+= other.full
        failed &+= other.failed
        refused &+= other.refused
        late &+= other.late
        byteCount &+= other.byteCount
        guard let theirs = other.span else { return }
        span =
            span.map {
                min($0.lowerBound, theirs.lowerBound)...max($0.upperBound, theirs.upperBound)
            } ?? theirs
    }

    /// Counts one row for a reason.
    public mutating func add(_ touch: Touch, to reason: WritableKeyPath<TouchDrops, UInt64>) {
        self[keyPath: reason] &+= 1
        byteCount &+= UInt64(touch.byteCount)
        let instant = touch.createdAt
        span =
            span.map { min($0.lowerBound, instant)...max($0.upperBound, instant) }
            ?? instant...instant
    }
}

/// What a queue did.
public struct TouchCounts: Hashable, Sendable {
    /// Rows that it was given and took.
    public var taken: UInt64 = 0
    /// Rows that it appended.
    public var appended: UInt64 = 0
    /// Rows that the journal had already.
    public var duplicates: UInt64 = 0
    public var dropped = TouchDrops()

    public init() {}
}
