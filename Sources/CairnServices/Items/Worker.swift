internal import CairnCore
public import CairnDomains
public import CairnJournal
internal import Synchronization

/// One who sends: known by a number of the journal's, and alive as long as it holds the lock of
/// that number.
///
/// All that a process has open when it ends is in doubt at once, because the kernel lets go of
/// the lock with it; while it is stopped it keeps the lock, and nobody takes its sends over.
public final class Worker: Sendable {
    public let number: WorkerNumber
    private let lock: any LifeLock
    private let memory = Mutex(Memory())

    /// What a worker knows of its own sends, and of doubts it has met.
    private struct Memory {
        var hasLeft = false
        /// What is at an item, by its stream.
        var sends: [StreamID: Sends] = [:]
        var doubts: [StreamID: Doubt] = [:]
    }

    /// What of a worker is at an item.
    private struct Sends {
        /// Closures that run, and outcomes that the journal has yet to take.
        var closureCount = 0
        /// Moves: they begin a send, or look whether they may.
        var moveCount = 0
    }

    /// What a mark stands for.
    enum Mark {
        case closure, move
    }

    /// A doubt, from when this worker first met it.
    private struct Doubt {
        let fence: UInt64
        let seen: BootInstant
        /// When no send that it is about was seen to be under way for the first time since one was.
        var quietSince: BootInstant?
    }

    /// Doubts remembered; beyond, all are forgotten and their waits begin anew.
    private static let doubtCountMax = 65_536

    private init(_ lock: any LifeLock) {
        number = WorkerNumber(rawValue: lock.number)
        self.lock = lock
    }

    /// Makes a worker known to the journal and takes its lock.
    ///
    /// - Throws: `JournalError`.
    public static func join(
        _ journal: any Journal,
        clock: ServiceClock = .system
    ) async throws(JournalError) -> Worker {
        var fields = FieldWriter()
        fields.number(1, Int64(processNumber()))
        fields.count(2, clock.boot().boot)
        let event = try limited { () throws(LimitError) in
            try NewEvent(
                type: "worker.joined",
                occurredAt: clock.now(),
                mayBeIgnored: true,
                payload: fields.finish()
            )
        }
        let stream = try limited { () throws(LimitError) in try StreamID("worker/joined") }
        let receipt = try await journal.append(event, to: stream)
        // Nothing is ever begun under the number before its lock is held.
        return Worker(try await journal.lockLife(receipt.position.rawValue))
    }

    /// Begins nothing any more, and lets go of the lock once the last of its sends has ended.
    ///
    /// A closure that outlives its time keeps the lock: while it may still send, nobody is to take
    /// the worker for gone. So does an outcome that the journal has not taken yet, which is tried
    /// once more within a second: a journal that is closed before leaves its item in doubt.
    public func leave() {
        let isIdle = memory.withLock { memory in
            memory.hasLeft = true
            return memory.sends.isEmpty
        }
        if isIdle { lock.release() }
    }

    /// Lets go of the lock whatever is open, as the kernel does when a process ends: for tests.
    package func die() {
        memory.withLock { $0.hasLeft = true }
        lock.release()
    }

    /// Whether the worker has its lock and so may begin something.
    var isHeld: Bool { memory.withLock { !$0.hasLeft } }

    /// Marks an item as being sent by this worker, until the mark is taken away as often.
    ///
    /// Set before the intent is written: no other run of this worker takes it for lost.
    func mark(_ stream: StreamID, _ mark: Mark) {
        memory.withLock { memory in
            switch mark {
            case .closure: memory.sends[stream, default: Sends()].closureCount += 1
            case .move: memory.sends[stream, default: Sends()].moveCount += 1
            }
        }
    }

    func unmark(_ stream: StreamID, _ mark: Mark) {
        let isLast = memory.withLock { memory in
            guard var sends = memory.sends[stream] else { return false }
            switch mark {
            case .closure: sends.closureCount -= 1
            case .move: sends.moveCount -= 1
            }
            memory.sends[stream] = sends.closureCount + sends.moveCount == 0 ? nil : sends
            return memory.hasLeft && memory.sends.isEmpty
        }
        if isLast { lock.release() }
    }

    /// Whether a send of an item is under way in this worker.
    func isSending(_ stream: StreamID) -> Bool {
        memory.withLock { $0.sends[stream] != nil }
    }

    /// Sends of an item that run, or whose outcome the journal has yet to take.
    func closureCount(of stream: StreamID) -> Int {
        memory.withLock { $0.sends[stream]?.closureCount ?? 0 }
    }

    /// How long ago this worker met a doubt for the first time, on a clock that nobody can set.
    func timeSince(
        doubtOf stream: StreamID,
        under fence: UInt64,
        at now: BootInstant
    ) -> TimeSpan {
        memory.withLock { memory in
            if let known = memory.doubts[stream], known.fence == fence {
                return now.since(known.seen)
            }
            if memory.doubts.count >= Self.doubtCountMax { memory.doubts = [:] }
            memory.doubts[stream] = Doubt(fence: fence, seen: now)
            return .zero
        }
    }

    /// Takes note that a send of a doubt that was met is under way.
    func noteUnderWay(doubtOf stream: StreamID) {
        memory.withLock { $0.doubts[stream]?.quietSince = nil }
    }

    /// How long no send of a doubt has been under way, as far as this worker looked: zero at the
    /// first look that finds none.
    func quietTime(ofDoubt stream: StreamID, at now: BootInstant) -> TimeSpan {
        memory.withLock { memory in
            guard var doubt = memory.doubts[stream] else { return .zero }
            let since = doubt.quietSince ?? now
            doubt.quietSince = since
            memory.doubts[stream] = doubt
            return now.since(since)
        }
    }

    /// Forgets a doubt that is over.
    func forget(doubtOf stream: StreamID) {
        memory.withLock { memory in
            if !memory.doubts.isEmpty { memory.doubts[stream] = nil }
        }
    }
}
