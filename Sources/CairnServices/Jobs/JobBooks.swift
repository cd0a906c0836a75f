internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import HeapModule
internal import Logging

/// The books of a run: what is ready, what waits, what is on its way, and what came of the rest.
struct JobBooks<Item: Sendable> {
    typealias Group = TaskGroup<JobRun<Item>.Signal>

    let run: JobRun<Item>
    let feed: ItemFeed<Item>
    var report: JobReport
    var failure: JobError?
    var state: Folded<JobState>
    var blocks: JobBlocks<Item>
    /// Offered keys, for saying which known ones are missing; only where there was a run before.
    private var offered: [UInt64] = []

    private var ready: ArraySlice<JobEntry<Item>> = []
    /// Items whose holders were lost more than once: each is sent alone, so that one which kills
    /// its worker is told from those that were on their way beside it.
    private var suspects: [JobEntry<Item>] = []
    private var isAlone = false
    private var waiting = Heap<WaitingEntry>()
    private var waitingEntries: [Int64: JobEntry<Item>] = [:]
    private var runningCount = 0
    private var feedEnd: FeedEnd?
    private var isTaking = false
    private var nextTick: Int64?
    private var stop: JobEnding?
    private var itemNumber: Int64 = 0

    /// An item by when to look at it again, in nanoseconds of the boot clock.
    private struct WaitingEntry: Comparable {
        let at: Int64
        let number: Int64

        static func < (left: WaitingEntry, right: WaitingEntry) -> Bool {
            (left.at, left.number) < (right.at, right.number)
        }
    }

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
        blocks = JobBlocks(run.state.state, rule: run.policy.item.skip)
    }

    private var clock: ServiceClock { run.sender.clock }
    private var isPaused: Bool { state.state.pause != nil }

    /// Whether nothing is left to do, or to wait for.
    private var isOver: Bool {
        guard runningCount == 0 else { return false }
        if stop != nil { return true }
        return feedEnd != nil && ready.isEmpty && waiting.isEmpty && suspects.isEmpty
    }

    /// Starts what can be started and takes what comes, until the run is over.
    mutating func keep(_ group: inout Group) async throws(JobError) {
        watch(&group)
        while !isOver {
            start(&group)
            guard let signal = await group.next() else { return }
            try await take(signal, &group)
        }
    }

    private mutating func start(_ group: inout Group) {
        guard stop == nil else { return }
        if let deadline = run.policy.deadline, clock.now() >= deadline { return halt(.deadline) }
        let now = clock.boot().nanoseconds
        while let first = waiting.min, first.at <= now {
            waiting.removeMin()
            if let entry = waitingEntries.removeValue(forKey: first.number) { makeReady(entry) }
        }
        while !isPaused, let entry = next() {
            runningCount += 1
            let run = run
            group.addTask { await run.move(entry) }
        }
        if !isTaking, feedEnd == nil, ready.count < run.policy.concurrency,
            waiting.count < JobRun<Item>.waitingCountMax, !isPaused
        {
            isTaking = true
            let feed = feed
            group.addTask {
                let (items, end) = await feed.take()
                return .taken(items, end)
            }
        }
        if let first = waiting.min, nextTick.map({ first.at < $0 }) ?? true {
            nextTick = first.at
            let clock = clock
            let wait = TimeSpan(nanoseconds: max(first.at - now, 1))
            group.addTask {
                do { try await clock.sleep(wait) } catch { return .cancelled }
                return .tick
            }
        }
    }

    /// The item to send next, as far as there is room for one.
    private mutating func next() -> JobEntry<Item>? {
        if isAlone { return nil }
        guard suspects.isEmpty else {
            guard runningCount == 0 else { return nil }
            isAlone = true
            return suspects.removeFirst()
        }
        return runningCount < run.policy.concurrency ? ready.popFirst() : nil
    }

    private mutating func take(
        _ signal: JobRun<Item>.Signal,
        _ group: inout Group
    ) async throws(JobError) {
        switch signal {
        case .fed, .settled: break
        case .taken(let items, let end):
            isTaking = false
            try await take(items, &group)
            guard let end, feedEnd == nil else { return }
            feedEnd = end
            try await takeRest(&group)
            if case .failed(let reason) = end {
                failure = failure ?? .items(reason)
                report.ending = .itemsFailed
            }
        case .moved(let entry, let result):
            runningCount -= 1
            isAlone = false
            switch result {
            case .success(let move): take(move, of: entry, &group)
            case .failure(.journal(.limit(let limit))): refuse(entry, limit)
            case .failure(let error): throw JobError(error)
            }
        case .tick: nextTick = nil
        case .control(let state):
            self.state = state
            if state.state.cancellation != nil { halt(.cancelled) }
            watch(&group)
        case .failed(let error): throw error
        case .shutdown:
            halt(.stopped)
            let (clock, drainMax) = (clock, run.policy.drainMax)
            group.addTask {
                do { try await clock.sleep(drainMax) } catch { return .cancelled }
                return .drained
            }
        case .drained: group.cancelAll()
        case .cancelled: if Task.isCancelled { halt(.stopped) }
        }
    }

    /// Begins no further item.
    private mutating func halt(_ ending: JobEnding) {
        stop = stop ?? ending
        report.ending = stop ?? ending
        feed.finish(.stopped)
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

    /// Takes items that the sequence gave.
    private mutating func take(_ items: [Item], _ group: inout Group) async throws(JobError) {
        let (entries, error) = passOver(items)
        for entry in entries { try await look(at: entry, &group) }
        guard let error else { return }
        // Nothing after it is taken; what came before it is done all the same.
        failure = failure ?? error
        report.ending = .itemsFailed
        feed.finish(.stopped)
        feedEnd = .stopped
        try await takeRest(&group)
    }

    /// Books the items of settled blocks and makes entries of the others, up to one that is none.
    ///
    /// Of a job that goes on nearly all items end here: nothing in it is done for each that can
    /// be done for a block.
    private mutating func passOver(
        _ items: [Item]
    ) -> (entries: [JobEntry<Item>], error: JobError?) {
        var entries: [JobEntry<Item>] = []
        do throws(JobError) {
            for item in items {
                let number = itemNumber
                itemNumber += 1
                let key = try run.key(of: item, number)
                let content = run.reading.content(item)
                report.counts.offered += 1
                if report.run > 1 { offered.append(JobEntry<Item>.number(of: key)) }
                switch blocks.take(item, number, key, content) {
                case .look:
                    entries.append(
                        JobEntry(item: item, number: number, key: key, content: content)
                    )
                case .hold: break
                case .pass(let block):
                    report.counts.done += block.doneCount
                    report.counts.failed += block.failedCount
                case .lookAtAll(let first, let items):
                    try entries += run.entries(for: items, from: first)
                }
            }
            return (entries, nil)
        } catch {
            return (entries, error)
        }
    }

    /// Looks at what is left of a block that the sequence did not fill.
    private mutating func takeRest(_ group: inout Group) async throws(JobError) {
        let (first, items) = blocks.takeHeld()
        for entry in try run.entries(for: items, from: first) { try await look(at: entry, &group) }
    }

    /// Settles at once what needs no work, and puts the rest where it belongs.
    private mutating func look(
        at entry: JobEntry<Item>,
        _ group: inout Group
    ) async throws(JobError) {
        var entry = entry
        let folded: Folded<ItemState>
        do throws(EngineError<ItemRefusal>) {
            let fold = StreamFold(ItemMachine(), of: try entry.stream())
            folded = try await fold.folded(in: run.sender.journal)
        } catch {
            throw JobError(error)
        }
        entry.known = KnownItem(folded)
        switch folded.state.verdict(for: entry.digest) {
        case .done(let acceptance): take(.done(acceptance, isNew: false), of: entry, &group)
        case .conflict(let stored, let given):
            take(.changed(stored: stored, given: given), of: entry, &group)
        case .failedFinal(let reason) where run.policy.item.skip != .unlessFailed:
            take(.failed(reason: reason), of: entry, &group)
        case .failedRetryable(let reason, let retryAt):
            take(run.sender.retry(reason, at: retryAt, folded.state), of: entry, &group)
        case .fresh, .failedFinal: makeReady(entry)
        case .inFlight, .inDoubt:
            entry.isSuspect = folded.state.lossCountWithOpen >= 2
            makeReady(entry)
        }
    }

    private mutating func makeReady(_ entry: JobEntry<Item>) {
        if entry.isSuspect { suspects.append(entry) } else { ready.append(entry) }
    }

    /// Books what a move led to.
    private mutating func take(
        _ move: ItemSender.Move,
        of entry: JobEntry<Item>,
        _ group: inout Group
    ) {
        let key = entry.key.name
        switch move {
        case .done(_, let isNew):
            if isNew { report.counts.sent += 1 } else { report.counts.done += 1 }
            settle(entry, isDone: true, &group)
        case .failed(let reason), .skipped(let reason):
            report.counts.failed += 1
            if report.failed.count < JobReport.listCountMax { report.failed[key] = reason }
            settle(entry, isDone: false, &group)
            if run.policy.pausesWhenGivenUp { pause(entry, reason, &group) }
        case .parked(let doubt, _):
            report.counts.parked += 1
            blocks.leave(entry.number)
            let why = "\(doubt.cause)" + (doubt.detail.map { ": \($0)" } ?? "")
            if report.parked.count < JobReport.listCountMax { report.parked[key] = why }
        case .changed:
            report.counts.changed += 1
            blocks.leave(entry.number)
            if report.changed.count < JobReport.listCountMax { report.changed.append(key) }
        case .retry(_, _, let wait), .waiting(_, let wait):
            var entry = entry
            entry.known = nil
            if case .retry(_, let instant, _) = move { entry.waitedFor = instant }
            let at = clock.boot().adding(wait).nanoseconds
            waiting.insert(WaitingEntry(at: at, number: entry.number))
            waitingEntries[entry.number] = entry
        }
    }

    /// Books an item that no journal takes; nothing of it was sent, and the others go on.
    private mutating func refuse(_ entry: JobEntry<Item>, _ limit: LimitError) {
        report.counts.failed += 1
        blocks.leave(entry.number)
        guard report.failed.count < JobReport.listCountMax else { return }
        report.failed[entry.key.name] = limit.description
    }

    private mutating func settle(
        _ entry: JobEntry<Item>,
        isDone: Bool,
        _ group: inout Group
    ) {
        guard let block = blocks.settle(entry.number, isDone: isDone) else { return }
        let (run, state) = (run, state)
        group.addTask { await run.write(.settleBlock(block), from: state) }
    }

    private func pause(_ entry: JobEntry<Item>, _ reason: String, _ group: inout Group) {
        let key = entry.key.name
        let decision = JobDecision(by: "policy", reason: "item '\(key)' failed: \(reason)")
        let (run, state) = (run, state)
        group.addTask { await run.write(.pause(decision), from: state) }
    }

    /// Books what came after the run was over.
    mutating func takeLast(_ signal: JobRun<Item>.Signal) {
        if case .failed(let error) = signal { failure = failure ?? error }
    }

    /// Writes the run's end down and makes its report.
    mutating func close() async -> Result<JobReport, JobError> {
        // Whatever else had been noted by then, an error is no way to have finished.
        if failure != nil, report.ending == .finished { report.ending = .failed }
        report.counts.left =
            report.counts.offered - report.counts.sent - report.counts.done
            - report.counts.failed - report.counts.parked - report.counts.changed
        do throws(JobError) {
            if report.ending == .finished, failure == nil, report.run > 1 {
                let missing = try await run.missing(Set(offered))
                report.counts.missing = missing.count
                report.missing = missing.keys
            }
            let end = JobCommand.endRun(report.run, report.ending, report.counts)
            if case .failed(let error) = await run.write(end, from: state) { throw error }
        } catch {
            failure = failure ?? error
        }
        if let failure { return .failure(failure) }
        return .success(report)
    }
}

extension ItemState {
    /// Losses of holders, with the one that an open attempt may turn out to be.
    fileprivate var lossCountWithOpen: Int64 {
        guard case .open = current?.standing else { return lossCount }
        return lossCount + 1
    }
}
