public import CairnCore
internal import CairnDomains
internal import CoreMetrics
public import ServiceLifecycle
internal import Synchronization

/// Writes the warnings and errors of swift-log into a journal as system events, without ever
/// making those wait who log them.
///
/// ```swift
/// let log = SystemEventLog(SystemEvents(journal: journal))
/// LoggingSystem.bootstrap { label in
///     MultiplexLogHandler([StreamLogHandler.standardError(label: label), log.handler(label: label)])
/// }
/// let group = ServiceGroup(services: [log, server], logger: logger)
/// ```
///
/// A message goes into a queue of bounded length and is written by ``run()``; first in its group,
/// that service is the last to be shut down and gets what the others log at their end. A message
/// that finds the queue full is dropped and counted, and so is one that the journal refuses; the
/// next batch that is written tells of them as `log.events_lost`, and `cairn_log_events_lost`
/// counts them. A crash loses what is still queued.
///
/// What is logged by the code that writes the queue is not written, so that a failing journal
/// does not report itself for ever; other handlers get it.
///
/// > Warning: A closure that a journal calls after each commit must not log warnings through
/// > this: each of them would be one more commit.
public final class SystemEventLog: Service {
    let events: SystemEvents
    let clock: ServiceClock
    let retryInterval: TimeSpan
    let queue: Mutex<SystemEventQueue>
    let lost = Counter(label: "cairn_log_events_lost")
    private let hasRun = Mutex(false)
    private let bells: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// Makes the log of one journal.
    ///
    /// - Parameters:
    ///   - events: Where they are written.
    ///   - clock: What `created_at` is taken from.
    ///   - queueCountMax: Most events that wait, of at most 24 KiB each; at least 1.
    ///   - retryInterval: How long to wait where the journal has no room or is busy.
    public init(
        _ events: SystemEvents,
        clock: ServiceClock = .system,
        queueCountMax: Int = 1_024,
        retryInterval: TimeSpan = .seconds(1)
    ) {
        self.events = events
        self.clock = clock
        self.retryInterval = retryInterval
        queue = Mutex(SystemEventQueue(countMax: queueCountMax))
        // One bell is enough: whoever hears it writes all that waits.
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A handler that writes here, for `LoggingSystem.bootstrap`.
    public func handler(label: String) -> SystemEventLogHandler {
        SystemEventLogHandler(label: label, log: self)
    }

    /// Writes what is logged until a graceful shutdown or a cancellation, and then what is left.
    ///
    /// - Throws: ``SystemEventLogError/ranBefore`` for all calls but the first.
    public func run() async throws {
        let isFirst = hasRun.withLock { hasRun in
            defer { hasRun = true }
            return !hasRun
        }
        guard isFirst else { throw SystemEventLogError.ranBefore }
        await withGracefulShutdownHandler {
            for await _ in bells { await writeAll(isLast: false) }
        } onGracefulShutdown: {
            self.bell.finish()
        }
        queue.withLock { $0.close() }
        await writeAll(isLast: true)
    }

    /// What became of everything that was logged so far.
    public var counts: SystemEventLogCounts {
        queue.withLock { queue in
            SystemEventLogCounts(
                written: queue.writtenCount,
                waiting: UInt64(queue.waitingCount),
                dropped: queue.loss.droppedCount,
                failed: queue.loss.failedCount
            )
        }
    }

    /// Takes an event, unless the queue is full; never waits for the journal.
    ///
    /// - Parameter event: Made only where there is room for it: what a flood drops costs little.
    func offer(_ event: () -> SystemEvent) {
        guard queue.withLock({ $0.admit() }) else { return lost.increment() }
        let timed = TimedSystemEvent(event: event(), at: clock.now())
        guard queue.withLock({ $0.offer(timed) }) else { return lost.increment() }
        bell.yield()
    }
}

/// What became of messages that were logged.
public struct SystemEventLogCounts: Hashable, Sendable {
    /// Durable in the journal.
    public let written: UInt64
    /// Not written yet.
    public let waiting: UInt64
    /// Found the queue full, or came after the end.
    public let dropped: UInt64
    /// Refused by the journal.
    public let failed: UInt64

    public init(written: UInt64, waiting: UInt64, dropped: UInt64, failed: UInt64) {
        self.written = written
        self.waiting = waiting
        self.dropped = dropped
        self.failed = failed
    }
}

/// Why a log of system events does not run.
public enum SystemEventLogError: Error, Hashable, Sendable {
    /// It runs, or ran; a journal may have a second log.
    case ranBefore
}

extension SystemEventLogError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .ranBefore: "a log of system events runs once"
        }
    }
}
