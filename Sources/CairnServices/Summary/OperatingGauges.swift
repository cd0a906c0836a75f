public import CairnCore
public import CairnDomains
internal import CairnIncident
public import CairnJournal
public import CoreMetrics
public import Logging
public import ServiceLifecycle

/// Tells swift-metrics, again and again, what an ``OperatingBoard`` knows of a journal: how fast it
/// grows, how much metadata it holds, and how many requests are stuck.
///
/// ```swift
/// let gauges = OperatingGauges(journal, logger: logger)
/// let group = ServiceGroup(services: [keeper, gauges, server], logger: logger)
/// ```
///
/// A request gets stuck because nothing happens, so it looks by the clock and not when something is
/// appended: at its start, and a span of time after each look has ended. Beside a
/// ``ProjectionKeeper`` a look costs the open requests; without one it goes through the journal.
/// The gauges are those of ``JournalMetrics``: `cairn_events_last_day`, `cairn_metadata_bytes` and
/// `cairn_stuck_requests`. A look that fails leaves them as they were, counts in
/// `cairn_gauges_failed`, and is logged once, until one succeeds again.
public struct OperatingGauges: Service {
    /// How long it rests between two looks, where nobody says.
    public static let restStandard: TimeSpan = .seconds(60)
    /// How long it rests at least.
    private static let restMin: TimeSpan = .seconds(1)

    private let board: OperatingBoard
    private let olderThan: TimeSpan
    private let rest: TimeSpan
    private let clock: ServiceClock
    private let logger: Logger
    private let metrics: JournalMetrics
    private let failed: Counter

    /// Makes the gauges of one journal; nothing is read before they run.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - pipeline: The rules that requests are read by.
    ///   - olderThan: How long a request may rest before it counts as stuck.
    ///   - rest: The span between the end of a look and the next one; at least a second.
    ///   - clock: What is taken for now, and what it rests by.
    ///   - logger: Where it tells what failed.
    ///   - metrics: Where it tells the numbers.
    public init(
        _ journal: any Journal,
        pipeline: PipelineDefinition = .priorAuthorization,
        olderThan: TimeSpan = OperatingBoard.restMax,
        every rest: TimeSpan = restStandard,
        clock: ServiceClock = .system,
        logger: Logger = Logger(label: "cairn.gauges"),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        board = OperatingBoard(journal, definition: pipeline)
        self.olderThan = olderThan
        self.rest = max(rest, Self.restMin)
        self.clock = clock
        self.logger = logger
        self.metrics = JournalMetrics(factory: metrics)
        failed = Counter(label: "cairn_gauges_failed", factory: metrics)
    }

    /// Looks and rests until a graceful shutdown or a cancellation, and ends after the look that it
    /// may be at.
    public func run() async {
        await cancelWhenGracefulShutdown { await look() }
    }

    private func look() async {
        var isFailing = false
        while !Task.isCancelled {
            do throws(IncidentError) {
                metrics.record(try await board.numbers(at: clock.now(), olderThan: olderThan))
                if isFailing { logger.notice("the numbers of the journal are told again") }
                isFailing = false
            } catch {
                guard !Task.isCancelled else { return }
                failed.increment()
                logger.log(
                    level: isFailing ? .debug : .error,
                    "the numbers of the journal could not be looked up: \(error)"
                )
                isFailing = true
            }
            do { try await clock.sleep(rest) } catch { return }
        }
    }
}
