internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging

/// The books of a run: what is ready, what waits, what is on its way, and what came of the rest.
struct JobBooks<Item: Sendable> {
    typealias Group = TaskGroup<JobRun<Item>.Signal>

    let run: JobRun<Item>
    let feed: ItemFeed<Item>
    var report: JobReport
    var failure: JobError?
    /// The job as it was seen last.
    var state: Folded<JobState>
    var blocks: JobBlocks
    /// Items that wait for the rest of their block.
    var held: [Item] = []
    /// Offered keys, for saying which known ones are missing; only where there was a run before.
    var offered: [Int] = []
    var itemNumber: Int64 = 0

    /// Items that nobody has looked at yet.
    var unlooked: ArraySlice<JobEntry<Item>> = []
    private var isLooking = false
    private var ready: ArraySlice<JobEntry<Item>> = []
    /// Items whose holders were lost more than once: each is sent alone, so that one which kills
    /// its worker is told from those that were on their way beside it.
    private var suspects: ArraySlice<JobEntry<Item>> = []
    private var isAlone = false
    var waits = JobWaits<Item>()
    private var timer: JobTimer?
    private var timerCount: UInt64 = 0
    private(set) var runningCount = 0
    var feedEnd: FeedEnd?
    private(set) var isTaking = false
    private(set) var stop: JobEnding?
    private var isDraining = false
    private var toldProgress: JobProgress?
    /// How many items had come when the job was looked at last.
    private var offeredCount: Int64 = -1

    init(_ run: JobRun<Item>, _ feed: ItemFeed<Item>) {
        self.run = run
        self.feed = feed
        state = run.state
        report = JobReport(
            job: run.job,
            run: run.state.state.runCount,
            ending: .finished,
            counts: JobCounts()
        )
        blocks = JobBlocks(
            run.state.state,
            seen: run.state.sequence,
            rule: run.policy.item.skip
        )
    }

    var clock: ServiceClock { run.sender.clock }
    private var isPaused: Bool { state.state.pause != nil }

    /// Whether nothing is left to do, or to wait for.
    private var isOver: Bool {
        guard runningCount == 0 else { return false }
        if stop != nil { return true }
        guard feedEnd != nil, unlooked.isEmpty, !isLooking else { return false }
        return ready.isEmpty && suspects.isEmpty && waits.count == 0
    }

    /// Starts what can be started and takes what comes, until the run is over.
    mutating func keep(_ group: inout Group) async {
        watch(&group)
        while true {
            if Task.isCancelled { halt(.stopped) }
            start(&group)
            guard !isOver, let signal = await group.next() else { return }
            take(signal, &group)
        }
    }

    private mutating func start(_ group: inout Group) {
        guard stop == nil else { return }
        if let deadline = run.policy.deadline, clock.now() >= deadline { return halt(.deadline) }
        let now = clock.boot().nanoseconds
        while let entry = waits.take(dueAt: now) { makeReady(entry) }
        while !isPaused, let entry = next() {
            runningCount += 1
            let run = run
            group.addTask { await run.move(entry) }
        }
        lookFurther(&group)
        takeFurther(&group)
        setTimer(now, &group)
    }

    /// The item to send next, as far as there is room for one.
    private mutating func next() -> JobEntry<Item>? {
        if isAlone { return nil }
        guard suspects.isEmpty else {
            guard runningCount == 0 else { return nil }
            isAlone = true
            return suspects.popFirst()
        }
        return runningCount < run.policy.concurrency ? ready.popFirst() : nil
    }

    /// Has a few items looked at, so that what can be sent is not kept waiting by the others.
    private mutating func lookFurther(_ group: inout Group) {
        guard !isLooking, !unlooked.isEmpty,
            ready.count + suspects.count < run.policy.concurrency
        else { return }
        isLooking = true
        let entries = Array(unlooked.prefix(JobRun<Item>.lookCountMax))
        unlooked.removeFirst(entries.count)
        let run = run
        group.addTask { await run.look(at: entries) }
    }

    private mutating func takeFurther(_ group: inout Group) {
        guard !isTaking, feedEnd == nil, !isPaused, unlooked.isEmpty,
            ready.count < run.policy.concurrency, waits.count < JobRun<Item>.waitingCountMax
        else { return }
        isTaking = true
        let feed = feed
        group.addTask {
            let (items, end) = await feed.take()
            return .taken(items, end)
        }
    }

    /// Waits for the first of the items that wait, instead of for whatever it was before.
    private mutating func setTimer(_ now: Int64, _ group: inout Group) {
        guard let first = waits.first, timer.map({ first < $0.at }) ?? true else { return }
        timer?.task.cancel()
        timerCount += 1
        let number = timerCount
        let clock = clock
        let wait = TimeSpan(nanoseconds: max(first - now, 1))
        let task = Task { _ = try? await clock.sleep(wait) }
        timer = JobTimer(number: number, at: first, task: task)
        group.addTask {
            await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            return .tick(number)
        }
    }

    private mutating func take(_ signal: JobRun<Item>.Signal, _ group: inout Group) {
        switch signal {
        case .fed, .written, .cancelled: break
        case .taken(let items, let end):
            isTaking = false
            take(items, end)
        case .looked(let entries, let error):
            isLooking = false
            for entry in entries { book(entry, &group) }
            if let error { fail(error, &group) }
        case .moved(let entry, let result):
            runningCount -= 1
            isAlone = false
            switch result {
            case .success(let move): take(move, of: entry, &group)
            case .failure(.journal(.limit(let limit))): refuse(entry, limit)
            case .failure(let error): fail(JobError(error), &group)
            }
        case .tick(let number): if timer?.number == number { timer = nil }
        case .control(let state): take(state, &group)
        case .failed(let error): fail(error, &group)
        case .shutdown:
            halt(.stopped)
            drain(&group)
        case .drained: group.cancelAll()
        }
    }

    /// Begins no further item.
    mutating func halt(_ ending: JobEnding) {
        stop = stop ?? ending
        report.ending = stop ?? ending
        feed.finish(.stopped)
    }

    /// Begins no further item because of an error; what is on its way is not to suffer from it.
    private mutating func fail(_ error: JobError, _ group: inout Group) {
        // What is on its way may meet the same error one by one; people are told once.
        run.sender.logger.log(
            level: failure == nil ? .error : .debug,
            "a run begins no further item",
            metadata: ["job": "\(run.job)", "error": "\(error)"]
        )
        failure = failure ?? error
        halt(.failed)
        drain(&group)
    }

    /// Gives what is on its way its time to end.
    private mutating func drain(_ group: inout Group) {
        guard !isDraining else { return }
        isDraining = true
        let (clock, drainMax) = (clock, run.policy.drainMax)
        group.addTask {
            do { try await clock.sleep(drainMax) } catch { return .cancelled }
            return .drained
        }
    }

    /// Looks again, after a while, at what people decided.
    private func watch(_ group: inout Group) {
        let (run, state) = (run, state)
        group.addTask {
            do { try await run.sender.clock.sleep(JobRun<Item>.controlInterval) } catch {
                return .cancelled
            }
            do throws(EngineError<JobRefusal>) {
                return .control(try await run.fold.folded(in: run.sender.journal, from: state))
            } catch {
                return .failed(JobError(error))
            }
        }
    }

    private mutating func take(_ state: Folded<JobState>, _ group: inout Group) {
        self.state = state
        if state.state.cancellation != nil { halt(.cancelled) }
        // No item waits for the rest of its block longer than it would for what people decide.
        if isTaking, !held.isEmpty, offeredCount == report.counts.offered {
            lookAtHeldOrBreakOff()
        }
        offeredCount = report.counts.offered
        tell()
        watch(&group)
    }

    mutating func makeReady(_ entry: JobEntry<Item>) {
        if entry.isSuspect { suspects.append(entry) } else { ready.append(entry) }
    }

    /// Says how far the run is, if that is anything new.
    private mutating func tell(_ ending: JobEnding? = nil) {
        guard let tell = run.plan.progress else { return }
        var counts = report.counts
        counts.left = counts.rest
        let progress = JobProgress(
            job: run.job,
            run: report.run,
            counts: counts,
            itemCount: itemCount,
            runningCount: runningCount,
            waitingCount: waits.count,
            isPaused: isPaused,
            ending: ending
        )
        guard progress != toldProgress else { return }
        toldProgress = progress
        tell(progress)
    }

    /// How many items the sequence has, where that is known.
    private var itemCount: Int64? {
        feedEnd == .complete ? report.counts.offered : run.plan.itemCount
    }

    /// Books what came after the run was over.
    mutating func takeLast(_ signal: JobRun<Item>.Signal) {
        if case .failed(let error) = signal { failure = failure ?? error }
    }

    /// Writes the run's end down and makes its report.
    mutating func close() async -> Result<JobReport, JobError> {
        report.counts.left = report.counts.rest
        if report.ending == .finished, failure == nil, report.run > 1 {
            do throws(JobError) {
                let missing = try await run.missing(Set(offered))
                report.counts.missing = missing.count
                report.missing = missing.keys
            } catch {
                failure = error
            }
        }
        // Whatever else had been noted by then, an error is no way to have finished.
        if failure != nil, report.ending == .finished { report.ending = .failed }
        do throws(JobError) {
            try await run.write(
                .endRun(report.run, report.ending, report.counts, itemCount: itemCount),
                from: state
            )
        } catch {
            failure = failure ?? error
        }
        tell(report.ending)
        if let failure { return .failure(failure) }
        return .success(report)
    }
}
