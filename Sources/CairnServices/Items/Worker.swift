internal import CairnCore
public import CairnDomains
public import CairnJournal

/// One who sends: known by a number of the journal's, and alive as long as it holds the lock of
/// that number.
///
/// All that a process has open when it ends is in doubt at once, because the kernel lets go of
/// the lock with it; while it is stopped it keeps the lock, and nobody takes its sends over.
public final class Worker: Sendable {
    public let number: WorkerNumber
    private let lock: any LifeLock

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

    /// Lets go of the lock: what the worker has open is in doubt from now on.
    public func leave() { lock.release() }
}
