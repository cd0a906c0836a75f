internal import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal
public import CoreMetrics
public import Logging
public import ServiceLifecycle

/// Keeps the tables beside a journal near its end while it is written to, so that questions, also
/// about the past, never go through all of it.
///
/// ```swift
/// let keeper = ProjectionKeeper(journal, logger: logger)
/// let group = ServiceGroup(services: [keeper, server], logger: logger)
/// ```
///
/// A program without services has it run as long as a scope lasts:
///
/// ```swift
/// async let _ = keeper.run()
/// ```
///
/// It follows what any process appends, and brings all tables of ``KeptProjections`` up at the
/// start and whenever an interval of events has come; with them the checkpoints of requests are
/// laid. Appends never wait for it: it reads the journal in pages, writes to a file of its own, and
/// rests nine times as long as it worked, up to a minute, and at least a second where something
/// failed. Several keepers of a journal, in one process or in several, go on from each other's
/// tables; one is enough. With a removal of a request or of a session goes whatever is stored of
/// them, of other rules as well, even where who removed it ended before that was done.
///
/// What fails is told once, until it works again, and tried again with the next interval: the
/// tables are a cache, and without them answers come later and not otherwise. swift-metrics gets
/// `cairn_tables_kept` and `cairn_tables_failed`, how often all were brought up and how often one
/// was not.
///
/// What it keeps in memory is what ``KeptProjections`` keeps: entries that changed lately, at most
/// 262,144 of each of five tables; where nothing can be stored, as on a full disk, all that changed
/// since it could.
public struct ProjectionKeeper: Service {
    /// Events between two times that the tables are brought up, where nobody says: as many as lie
    /// between checkpoints, and few enough to be taken in by a question.
    public static let intervalStandard: UInt64 = 16_384

    /// How much longer than it worked it rests.
    private static let restFactor: Int64 = 9
    private static let restMax = TimeSpan.seconds(60)
    /// How long it rests at least after something failed.
    private static let failureRest = TimeSpan.seconds(1)

    private let journal: any Journal
    private let tables: KeptProjections
    private let interval: UInt64
    private let clock: ServiceClock
    private let logger: Logger
    private let kept: Counter
    private let failed: Counter

    /// Makes the keeper of one journal; nothing is read before it runs.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - pipeline: The rules that requests are read by: those of whoever asks.
    ///   - interval: Events between two times that the tables are brought up; at least 1.
    ///   - clock: What it rests by.
    ///   - logger: Where it tells what failed.
    ///   - metrics: Where it counts.
    public init(
        _ journal: any Journal,
        pipeline: PipelineDefinition = .priorAuthorization,
        interval: UInt64 = intervalStandard,
        clock: ServiceClock = .system,
        logger: Logger = Logger(label: "cairn.tables"),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(
            KeptProjections(journal, pipeline: pipeline),
            of: journal,
            interval: interval,
            clock: clock,
            logger: logger,
            metrics: metrics
        )
    }

    /// Makes the keeper of certain tables: for tests, whose checkpoints lie closer together.
    package init(
        _ tables: KeptProjections,
        of journal: any Journal,
        interval: UInt64,
        clock: ServiceClock = .system,
        logger: Logger = Logger(label: "cairn.tables"),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.journal = journal
        self.tables = tables
        self.interval = max(interval, 1)
        self.clock = clock
        self.logger = logger
        kept = Counter(label: "cairn_tables_kept", factory: metrics)
        failed = Counter(label: "cairn_tables_failed", factory: metrics)
    }

    /// Keeps the tables until a graceful shutdown or a cancellation, and ends soon after it.
    public func run() async {
        await cancelWhenGracefulShutdown { await keep() }
    }

    private func keep() async {
        /// The end of the journal with which the tables are brought up next.
        var due = Position.first
        var isFirst = true
        var isFailing = false
        while !Task.isCancelled {
            var rest = TimeSpan.zero
            var began = clock.boot()
            do throws(EngineError<Never>) {
                guard let last = try await lastPosition(from: due) else { return }
                let (next, isLast) = last.rawValue.addingReportingOverflow(interval)
                due = Position(rawValue: isLast ? .max : next)
                began = clock.boot()
                // Later, tables of other rules are those of a process that needs them.
                try await tables.catchUpUnlessCancelled(removingFormer: isFirst)
                guard !Task.isCancelled else { return }
                rest = Self.rest(after: clock.boot().since(began))
                isFirst = false
                kept.increment()
                if isFailing { logger.notice("the tables beside the journal are kept again") }
                isFailing = false
            } catch {
                guard !Task.isCancelled else { return }
                failed.increment()
                logger.log(
                    level: isFailing ? .debug : .error,
                    "the tables beside the journal could not be brought up to its end: \(error)"
                )
                isFailing = true
                // Whatever failed, tables of other rules were removed once, unless another process
                // had the file.
                if case .journal(.busy) = error {} else { isFirst = false }
                rest = max(Self.failureRest, Self.rest(after: clock.boot().since(began)))
            }
            do { try await clock.sleep(rest) } catch { return }
        }
    }

    private static func rest(after work: TimeSpan) -> TimeSpan {
        let (rest, isLong) = work.nanoseconds.multipliedReportingOverflow(by: restFactor)
        return isLong ? restMax : min(TimeSpan(nanoseconds: rest), restMax)
    }

    /// Waits for an event at a position or behind it.
    ///
    /// - Returns: Where the journal ends then; nil where the task was cancelled.
    private func lastPosition(
        from position: Position
    ) async throws(EngineError<Never>) -> Position? {
        do throws(JournalError) {
            try await journal.waitForEvent(after: position.previous)
            return Task.isCancelled ? nil : try await journal.head().lastPosition
        } catch {
            throw .journal(error)
        }
    }
}
