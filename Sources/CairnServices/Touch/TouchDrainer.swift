internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging

/// The side of a To Log queue that talks to the journal: encodes, appends, and waits out failures.
struct TouchDrainer {
    private typealias Fold = StreamFold<TouchQueueMachine>

    private let journal: any Journal
    private let worker: Worker
    private let bounds: TouchLogBounds
    private let clock: ServiceClock
    private let logger: Logger
    private let metrics: TouchLogMetrics
    private var known: Folded<TouchQueueMachine.State>?
    private var measured = TouchCounts()
    private var hasBegun = false
    /// How many tries are left until the journal counts as failed.
    private var retryCount: Int
    private var isFailing = false
    /// How many of the drops that no journal has were told of.
    private var toldCount: UInt64 = 0

    init(_ log: TouchLog) {
        journal = log.journal
        worker = log.worker
        bounds = log.bounds
        clock = log.clock
        logger = log.logger
        metrics = log.metrics
        retryCount = log.bounds.retryCountMax
    }

    /// Writes down that the run began, and which earlier ones ended without a word.
    mutating func begin() async {
        guard !hasBegun else { return }
        do {
            let fold = try fold()
            let folded = try await fold.folded(in: journal, from: known)
            known = folded
            var gone: [WorkerNumber] = []
            for run in folded.state.openRuns where run.worker != worker.number {
                let isAlive = try await journal.isLifeLocked(run.worker.rawValue)
                if !isAlive { gone.append(run.worker) }
            }
            try await turn(.begin(worker.number, gone: gone))
            hasBegun = true
            if !gone.isEmpty {
                logger.warning(
                    "\(gone.count) earlier runs of the touch log ended without a word: what they held may be lost"
                )
            }
        } catch {
            tell("the touch log could not write down that it began", error)
        }
    }

    /// Appends rows, and waits as long as it may while the journal fails.
    mutating func append(_ touches: [Touch]) async -> [TouchOutcome] {
        let turn = TouchTurn(touches)
        var wait = bounds.retryWait
        while true {
            do throws(JournalError) {
                let outcomes = try await journal.turn { scope throws(JournalError) in
                    try turn.run(in: scope)
                }
                retryCount = bounds.retryCountMax
                isFailing = false
                return outcomes
            } catch {
                tell("the touch log could not be appended to", error)
                guard error.isWorthAnotherTry, retryCount > 0, await sleep(wait) else {
                    return touches.map { _ in .failed }
                }
                retryCount -= 1
                wait = TimeSpan(nanoseconds: min(wait.nanoseconds, .max / 2) * 2)
            }
        }
    }

    /// Says what was dropped, once for each row.
    mutating func tell(of drops: TouchDrops) {
        guard drops.count > toldCount else { return }
        toldCount = drops.count
        logger.warning(
            "the touch log dropped \(drops.count) rows: \(drops.full) had no room, \(drops.failed) failed, \(drops.refused) were refused, \(drops.late) came after its end"
        )
    }

    /// Writes down what was dropped.
    ///
    /// - Returns: Whether that is durable.
    mutating func report(_ drops: TouchDrops) async -> Bool {
        do {
            try await turn(.drop(worker.number, drops))
            toldCount = 0
            return true
        } catch {
            tell("the touch log could not write down what it dropped", error)
            return false
        }
    }

    /// Writes down that the run ended, and what it did.
    mutating func end(_ counts: TouchCounts) async {
        do { try await turn(.end(worker.number, counts)) } catch {
            tell("the touch log could not write down that it ended", error)
        }
    }

    /// Counts what happened since the last time.
    mutating func measure(_ counts: TouchCounts, _ length: Int) {
        metrics.record(from: measured, to: counts, length: length)
        measured = counts
    }

    private mutating func turn(
        _ command: TouchQueueMachine.Command
    ) async throws(EngineError<Never>) {
        let fold = try fold()
        let start = known ?? fold.start
        known = try await journal.engineTurn { scope throws(EngineError<Never>) in
            var folded = start
            _ = try fold.turn(command, on: &folded, in: scope)
            return folded
        }
    }

    private func fold() throws(EngineError<Never>) -> Fold {
        do throws(LimitError) {
            return Fold(TouchQueueMachine(), of: try TouchQueueMachine.stream)
        } catch {
            throw .journal(.limit(error))
        }
    }

    /// Waits; false where the task was cancelled meanwhile.
    private func sleep(_ span: TimeSpan) async -> Bool {
        do { try await clock.sleep(span) } catch { return false }
        return !Task.isCancelled
    }

    /// Tells of a failure once, until the journal works again.
    private mutating func tell(_ what: String, _ error: any Error) {
        logger.log(level: isFailing ? .debug : .error, "\(what): \(error)")
        isFailing = true
    }
}
