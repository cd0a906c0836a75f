internal import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal
public import CoreMetrics
public import Logging

/// Runs jobs: batches of items that are each sent once, whatever happens to the process.
///
/// A run that was killed is started again with the same items and goes on where it was: nobody is
/// sent to twice, nobody is forgotten, and what is not known is said to be not known (law 5).
/// Several runners, in one process or in several on one host, share a job by running it at the
/// same time.
public struct JobRunner: Sendable {
    let journal: any Journal
    let worker: Worker
    let vocabulary: ProviderVocabulary
    let clock: ServiceClock
    let seed: @Sendable () -> UInt64
    let logger: Logger
    let metrics: ItemMetrics
    let keyTable: KeyTable
    /// Gets how many items are about to be looked at one by one, for tests of what is passed over.
    package var onLook: @Sendable (Int) -> Void = { _ in }

    /// Makes a runner.
    ///
    /// - Parameters:
    ///   - journal: Where jobs and items stand.
    ///   - worker: Who sends; each process has its own.
    ///   - vocabulary: Where providers have their names from; the same as for their reports.
    ///   - clock: All the time it knows of.
    ///   - seed: Where chance comes from: uuids, and the jitter of retries.
    ///   - logger: Where it tells what people should know.
    ///   - metrics: Where it counts, as ``Interactions`` does, all items of all its runs.
    public init(
        journal: any Journal,
        worker: Worker,
        vocabulary: ProviderVocabulary = .builtIn,
        clock: ServiceClock = .system,
        seed: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0 ... .max) },
        logger: Logger = Logger(label: "cairn.jobs"),
        metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.journal = journal
        self.worker = worker
        self.vocabulary = vocabulary
        self.clock = clock
        self.seed = seed
        self.logger = logger
        self.metrics = ItemMetrics(factory: metrics)
        keyTable = KeyTable(journal)
    }

    /// Runs a job over a sequence that may still be growing.
    ///
    /// Returns when every item has come to an end or is parked, or when the run was stopped: by
    /// the cancellation of its task, a graceful shutdown, the deadline, or a person. A sequence
    /// that ends while its task is cancelled or shutting down was cut off, and so the run was
    /// stopped.
    ///
    /// - Parameters:
    ///   - job: The job's name.
    ///   - items: What is to be done; the same items in every run, in whatever order.
    ///   - reading: What names each item, and what it stands for.
    ///   - policy: How items are sent.
    ///   - concurrency: Items that are sent at once; nil for as many as the policy says.
    ///   - progress: Gets how far the run is whenever that has changed, at most every 100 ms,
    ///     and at the run's end; must return at once.
    ///   - send: What sends one item.
    /// - Returns: What became of the items.
    /// - Throws: ``JobError``, once the sends on their way have ended, or the policy's
    ///   ``JobPolicy/drainMax`` is over. What was acknowledged stays, and another run goes on
    ///   with it.
    public func run<Items: AsyncSequence & Sendable>(
        job: String,
        items: Items,
        reading: JobItems<Items.Element>,
        policy: JobPolicy = .standard,
        concurrency: Int? = nil,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        _ send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) async throws(JobError) -> JobReport where Items.Element: Sendable {
        let plan = JobPlan(job, reading, policy.with(concurrency), itemCount: nil, progress, send)
        return try await begin(plan).run { feed in
            do {
                for try await item in items {
                    guard !Task.isCancelled, await feed.add([item]) else { return .stopped }
                }
                return .whereNoneIsLeft
            } catch {
                return error is CancellationError ? .stopped : .failed("\(error)")
            }
        }
    }

    /// Runs a job over items that are there.
    public func run<Items: Sequence & Sendable>(
        job: String,
        items: Items,
        reading: JobItems<Items.Element>,
        policy: JobPolicy = .standard,
        concurrency: Int? = nil,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        _ send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) async throws(JobError) -> JobReport where Items.Element: Sendable {
        let plan = JobPlan(
            job,
            reading,
            policy.with(concurrency),
            itemCount: items.knownCount,
            progress,
            send
        )
        return try await begin(plan).run { feed in
            // Items that lie there already need no walk one by one.
            if let array = items as? [Items.Element] { return await feed.addAll(array) }
            var chunk: [Items.Element] = []
            for item in items {
                chunk.append(item)
                guard chunk.count == ItemFeed<Items.Element>.chunkCount else { continue }
                guard !Task.isCancelled, await feed.add(chunk) else { return .stopped }
                chunk.removeAll(keepingCapacity: true)
            }
            return await feed.add(chunk) ? .whereNoneIsLeft : .stopped
        }
    }

    private func begin<Item: Sendable>(
        _ plan: JobPlan<Item>
    ) async throws(JobError) -> JobRun<Item> {
        let fold = try fold(plan.job)
        let begin = JobCommand.beginRun(
            job: plan.job,
            worker.number,
            itemCount: plan.itemCount
        )
        let state: Folded<JobState>
        do throws(EngineError<JobRefusal>) {
            let known = try await fold.folded(in: journal)
            state = try await journal.engineTurn { scope throws(EngineError<JobRefusal>) in
                var state = known
                _ = try fold.turnTellingConflicts(begin, on: &state, in: scope)
                return state
            }
        } catch {
            throw JobError(error)
        }
        let sender = ItemSender(
            journal: journal,
            worker: worker,
            clock: clock,
            policy: plan.policy.item,
            vocabulary: vocabulary,
            seed: seed,
            logger: logger,
            metrics: metrics
        )
        return JobRun(
            plan: plan,
            fold: fold,
            state: state,
            sender: sender,
            keyTable: keyTable,
            onLook: onLook
        )
    }

    /// Lets every run of a job begin no further item, until someone resumes it.
    ///
    /// - Throws: ``JobError``.
    public func pause(job: String, by: String, reason: String) async throws(JobError) {
        try await decide(.pause(JobDecision(by: by, reason: reason)), job)
    }

    /// Lets a job that was paused go on.
    public func resume(job: String, by: String, reason: String) async throws(JobError) {
        try await decide(.resume(JobDecision(by: by, reason: reason)), job)
    }

    /// Ends a job for good: its runs begin no further item, and no run is begun any more.
    public func cancel(job: String, by: String, reason: String) async throws(JobError) {
        try await decide(.cancel(JobDecision(by: by, reason: reason)), job)
    }

    private func decide(_ command: JobCommand, _ job: String) async throws(JobError) {
        let fold = try fold(job)
        do throws(EngineError<JobRefusal>) {
            let known = try await fold.folded(in: journal)
            try await journal.engineTurn { scope throws(EngineError<JobRefusal>) in
                var state = known
                _ = try fold.turnTellingConflicts(command, on: &state, in: scope)
            }
        } catch {
            throw JobError(error)
        }
    }

    private func fold(_ job: String) throws(JobError) -> StreamFold<JobMachine> {
        do throws(LimitError) {
            return StreamFold(JobMachine(), of: try JobMachine.stream(of: job))
        } catch {
            throw .journal(.limit(error))
        }
    }
}
