internal import CairnCore
public import CairnDomains
public import CairnJournal
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// The To Log queue of seed 000: takes rows of the touch log from whoever sends, and appends them
/// in batches.
///
/// ``log(_:)`` never waits: it puts the row into memory and returns, in well under a microsecond,
/// also while the journal is slow, fails, or is full. What the queue cannot hold, and what the
/// journal does not take in time, is dropped, counted, and written down in the journal once there
/// is room.
///
/// A crash loses what is queued. Each run writes down that it began and that it ended, so that a
/// run without an end tells that rows of its last moments may be missing.
///
/// Run it as a service, before those that log, so that it is shut down after them:
///
/// ```swift
/// let worker = try await Worker.join(journal)
/// let touches = TouchLog(journal: journal, worker: worker)
/// let group = ServiceGroup(services: [touches, sender], gracefulShutdownSignals: [.sigterm])
/// ```
public final class TouchLog: Service {
    let journal: any Journal
    let worker: Worker
    let bounds: TouchLogBounds
    let clock: ServiceClock
    let logger: Logger
    let metrics = TouchLogMetrics()
    private let queue: Mutex<TouchQueue>

    /// Makes a queue; rows are taken from now on, and appended once it runs.
    ///
    /// - Parameters:
    ///   - journal: Where the rows go.
    ///   - worker: Whose life tells whether a run that has not ended goes on.
    ///   - bounds: How much is held, and for how long.
    ///   - clock: All the time it knows of.
    ///   - seed: Where the uids have their chance from.
    ///   - logger: Where it tells what it had to drop.
    public init(
        journal: any Journal,
        worker: Worker,
        bounds: TouchLogBounds = TouchLogBounds(),
        clock: ServiceClock = .system,
        seed: () -> UInt64 = { UInt64.random(in: 0 ... .max) },
        logger: Logger = Logger(label: "cairn.touches")
    ) {
        self.journal = journal
        self.worker = worker
        self.bounds = bounds
        self.clock = clock
        self.logger = logger
        queue = Mutex(TouchQueue(bounds, seed: seed()))
    }

    /// Queues a row, without waiting for anything.
    ///
    /// - Returns: Whether there was room for it. A row that was taken may still be dropped, if the
    ///   journal fails or the process ends.
    @discardableResult
    public func log(_ touch: Touch) -> Bool {
        let byteCount = touch.byteCount
        let (isTaken, drainer) = queue.withLock { $0.take(touch, byteCount) }
        drainer?.resume()
        return isTaken
    }

    /// Queues what happened just now, under a new uid.
    ///
    /// - Parameters:
    ///   - fact: What happened; one that was queued at no finite time is dropped and counts as
    ///     refused.
    ///   - user: The user who was to be contacted; a row of none is dropped like that.
    /// - Returns: The row's uid, also if there was no room for it: what comes later may name it as
    ///   its parent.
    @discardableResult
    public func log(_ fact: TouchFact, of user: String) -> TouchUID {
        let now = clock.now()
        let uid = queue.withLock { $0.uid(at: now) }
        do throws(TouchError) {
            log(try Touch(uid: uid, user: user, fact: fact, createdAt: now.touchSeconds))
        } catch {
            // Told with what else is dropped: a log handler may be slow, and a sender must not be.
            queue.withLock { $0.refuse(at: now.touchSeconds) }
        }
        return uid
    }

    /// What became of all rows so far.
    public var counts: TouchCounts { queue.withLock { $0.counts } }

    /// Waits until every row that was taken before is durable or dropped.
    ///
    /// Returns at once while the queue does not run. No longer than the journal takes for what is
    /// queued, with the waits that ``TouchLogBounds`` names.
    public func flush() async {
        await withCheckedContinuation { waiter in
            let (isDone, drainer) = queue.withLock { $0.flush(waiter) }
            drainer?.resume()
            if isDone { waiter.resume() }
        }
    }

    /// Appends what is queued until a graceful shutdown, and then what is left.
    ///
    /// When its task is cancelled instead, what is left is dropped and the run has no end.
    ///
    /// - Throws: ``TouchLogError/alreadyRan`` the second time.
    public func run() async throws {
        guard queue.withLock({ $0.begin() }) else { throw TouchLogError.alreadyRan }
        await withTaskGroup { group in
            group.addTask { await self.keepTicking() }
            group.addTask {
                // Ends with an error when it is cancelled, and then nothing is closed.
                guard (try? await gracefulShutdown()) != nil else { return }
                self.queue.withLock { $0.close() }?.resume()
            }
            await self.drain()
            group.cancelAll()
        }
    }

    private func keepTicking() async {
        while !Task.isCancelled {
            do { try await clock.sleep(bounds.interval) } catch { return }
            queue.withLock { $0.tick() }?.resume()
        }
    }

    private func drain() async {
        var drainer = TouchDrainer(self)
        var isClosing = false
        while !isClosing, !Task.isCancelled {
            await drainer.begin()
            isClosing = queue.withLock { $0.isClosing }
            while !Task.isCancelled {
                let batch = queue.withLock { $0.batch() }
                if batch.touches.isEmpty { break }
                let result = TouchCounts(batch, await drainer.append(batch.touches))
                let flushed = queue.withLock { $0.settle(batch, result) }
                for waiter in flushed { waiter.resume() }
            }
            await report(&drainer)
            if !isClosing { await sleep() }
        }
        let flushed = queue.withLock { $0.end() }
        for waiter in flushed { waiter.resume() }
        await report(&drainer)
        if !Task.isCancelled { await drainer.end(counts) }
    }

    /// Sleeps until the next tick, or until someone cannot wait so long.
    private func sleep() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if queue.withLock({ $0.sleep(waiter) }) { waiter.resume() }
            }
        } onCancel: {
            queue.withLock { $0.wake() }?.resume()
        }
    }

    /// Tells what was dropped: to the journal, to the log, and to the metrics.
    private func report(_ drainer: inout TouchDrainer) async {
        let (drops, counts, length) = queue.withLock { queue in
            (queue.takeUnreported(), queue.counts, queue.length)
        }
        drainer.measure(counts, length)
        guard drops.count > 0 else { return }
        drainer.tell(of: drops)
        // Who was cancelled has no time to wait for a journal.
        if !Task.isCancelled, await drainer.report(drops) { return }
        queue.withLock { $0.putBack(drops) }
    }
}

/// Why a To Log queue does not run.
public enum TouchLogError: Error, Hashable, Sendable {
    /// A queue runs once; make another one.
    case alreadyRan
}
