import Cairn
import Logging
import Synchronization

/// What logging a touch costs whoever sends it.
struct CairnTouches {
    private static let fact = TouchFact.sendSuccess(
        parent: "utbl_k3Jt0aVxQmS2b9LwZc5d1A",
        destination: "someone@example.org"
    )

    /// Logs touches into the To Log queue while it is drained into a journal.
    ///
    /// The queue has room for all of them: one that is dropped costs less.
    static func log(count: Int, in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        let worker = try await Worker.join(journal)
        var bounds = TouchLogBounds()
        bounds.itemCountMax = count + 1
        bounds.byteCountMax = 1 << 32
        let log = TouchLog(journal: journal, worker: worker, bounds: bounds)
        let drain = Task { try await log.run() }
        var latencies: [UInt64] = []
        latencies.reserveCapacity(count)
        let users = (0..<64).map { "user-\($0)" }
        let clock = ContinuousClock()
        for index in 0..<count {
            let began = clock.now
            log.log(fact, of: users[index & 63])
            latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
        }
        var counts = TouchCounts()
        repeat {
            // It waits for nothing while the drain has not begun yet.
            await log.flush()
            await Task.yield()
            counts = log.counts
        } while counts.appended + counts.dropped.count < UInt64(count)
        drain.cancel()
        _ = await drain.result
        worker.leave()
        journal.close()
        return Outcome(
            eventCount: count,
            latenciesNanoseconds: latencies,
            hash: counts.appended
        )
    }

    /// Puts as many touches into an array under a lock, which no queue is quicker than.
    static func array(count: Int) throws -> Outcome {
        let rows = Mutex<[TouchFact]>([])
        var latencies: [UInt64] = []
        latencies.reserveCapacity(count)
        let clock = ContinuousClock()
        for _ in 0..<count {
            let began = clock.now
            rows.withLock { $0.append(fact) }
            latencies.append(UInt64((clock.now - began) / .nanoseconds(1)))
        }
        return Outcome(
            eventCount: count,
            latenciesNanoseconds: latencies,
            hash: UInt64(rows.withLock { $0.count })
        )
    }
}
