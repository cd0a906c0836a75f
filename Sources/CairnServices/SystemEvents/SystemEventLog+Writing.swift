internal import CairnCore
internal import CairnDomains
internal import CairnJournal
internal import CoreMetrics
internal import ServiceLifecycle
internal import Synchronization

extension SystemEventLog {
    /// How many events are written in one turn.
    private static let batchCountMax = 256

    /// Whether the code that runs now writes the queue.
    @TaskLocal static var isWriting = false

    /// Writes all that waits.
    ///
    /// A journal that has no room, or is busy, is tried again for as long as it takes, while the
    /// queue fills; at the end once. What any other error meets is lost.
    func writeAll(isLast: Bool) async {
        while let batch = queue.withLock({ $0.take(countMax: Self.batchCountMax) }) {
            guard let error = await write(batch) else {
                queue.withLock { $0.noteWritten(batch) }
                continue
            }
            if !isLast, error.mayPass {
                queue.withLock { $0.putBack(batch) }
                // Cut short by a shutdown, after which the last try follows.
                do { try await pause() } catch { return }
                continue
            }
            queue.withLock { $0.noteFailed(batch, error) }
            lost.increment(by: batch.events.count)
            // The loss alone could not be told; it is told with what comes next.
            if batch.events.isEmpty { return }
        }
    }

    private func pause() async throws {
        try await cancelWhenGracefulShutdown { [clock, retryInterval] in
            try await clock.sleep(retryInterval)
        }
    }

    /// Writes a batch in one turn; nil once it is durable.
    private func write(_ batch: SystemEventQueue.Batch) async -> JournalError? {
        await Self.$isWriting.withValue(true) {
            do throws(JournalError) {
                _ = try await events.append(try newEvents(batch))
                return nil
            } catch {
                return error
            }
        }
    }

    private func newEvents(
        _ batch: SystemEventQueue.Batch
    ) throws(JournalError) -> [NewEvent] {
        var all = batch.events
        if let loss = batch.loss {
            let event = SystemEvent.logEventsLost(
                droppedCount: loss.droppedCount,
                failedCount: loss.failedCount,
                lastError: loss.lastError?.description
            )
            all.append(TimedSystemEvent(event: event, at: clock.now()))
        }
        return try limited { () throws(LimitError) in
            var new: [NewEvent] = []
            new.reserveCapacity(all.count)
            for timed in all { new.append(try timed.event.newEvent(at: timed.at)) }
            return new
        }
    }
}

extension JournalError {
    /// Whether nothing was committed, and the same may succeed later.
    fileprivate var mayPass: Bool {
        switch self {
        case .outOfSpace, .mapFull, .readersFull, .busy: true
        default: false
        }
    }
}
