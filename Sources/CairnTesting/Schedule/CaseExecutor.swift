internal import Dispatch
internal import Synchronization

/// Runs the tasks of one case, one job at a time, on the thread that asks for it.
final class CaseExecutor: TaskExecutor {
    private let schedule: Schedule
    private let tape: Tape
    private let queue = Mutex(JobQueue())
    private let bell = DispatchSemaphore(value: 0)
    private let names = Mutex(JobNames())

    /// How many jobs a case that was cancelled may use to clean up.
    private static let cleanupJobCountMax = 10_000

    init(_ schedule: Schedule, tape: Tape) {
        self.schedule = schedule
        self.tape = tape
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // As long as it is in no queue, nothing runs it, and what it is called can be asked.
        if tape.isDescribed { names.withLock { $0.meet(job) } }
        let (phase, isAwaited) = queue.withLock { queue in
            defer { queue.isAwaited = false }
            if case .open = queue.phase { queue.ready.append(job) }
            return (queue.phase, queue.isAwaited)
        }
        switch phase {
        case .open: if isAwaited { bell.signal() }
        case .over: leave(job)
        case .abandoned: break
        }
    }

    /// Runs one case from its beginning to its end.
    func run(_ body: @escaping @Sendable (inout Draw) async throws -> Void) -> CaseRecord {
        let tape = tape
        let (task, firstFinding) = CaseFindings.gather(starting: {
            Task(executorPreference: self) {
                var draw = Draw(tape)
                do {
                    try tape.beginCase()
                    try await body(&draw)
                    self.end(.success(()))
                } catch {
                    self.end(.failure(error))
                }
            }
        })
        do throws(ScheduleFailure) {
            guard let end = try runToEnd() else {
                // What any job did next would end this process as well.
                close(.abandoned)
                tape.endAtCrash()
                return tape.finish(nil)
            }
            let record = tape.finish(firstFinding() ?? end.failure)
            // What follows the end of a task belongs to no one.
            _ = runInOrder(jobCountMax: Self.cleanupJobCountMax)
            close(.over)
            return record
        } catch {
            let record = tape.finish(error)
            task.cancel()
            close(runInOrder(jobCountMax: Self.cleanupJobCountMax) ? .over : .abandoned)
            return record
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        queue.withLock { $0.end = result }
    }

    /// Runs jobs until the property has ended.
    ///
    /// - Returns: How it ended; nil where it ended a copy of the process.
    private func runToEnd() throws(ScheduleFailure) -> Result<Void, any Error>? {
        var order: JobOrder? = JobOrder(schedule.kind, tape: tape)
        var jobCount = 0
        while true {
            // What the last job drew may say so, or the choice of the next one.
            if tape.isAtCrash { return nil }
            if let end = queue.withLock({ $0.end }) { return end }
            let job = takeNext(&order, jobCount)
            if tape.isAtCrash { return nil }
            guard let job else {
                guard waitForJob() else { throw .deadlock(jobCount: jobCount) }
                continue
            }
            guard jobCount < schedule.jobCountMax else {
                queue.withLock { $0.ready.append(job) }
                throw .endless(jobCountMax: schedule.jobCountMax)
            }
            jobCount += 1
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    /// The job to run next; nil where none is ready.
    private func takeNext(_ order: inout JobOrder?, _ jobCount: Int) -> UnownedJob? {
        while true {
            let count = queue.withLock { $0.ready.count }
            guard count > 1 else { break }
            let turn: JobOrder.Turn
            do throws(CaseStop) {
                turn = try order?.next(readyCount: count) ?? .run
            } catch {
                // Nothing more can be drawn; the property hears of it when it draws.
                order = nil
                turn = .run
            }
            let (job, passed) = queue.withLock { $0.take(turn) }
            if turn != .run { note(turn, job, passed, jobCount) }
            if let job { return job }
        }
        return queue.withLock { $0.takeOldest() }
    }

    /// Waits for a job from elsewhere.
    private func waitForJob() -> Bool {
        let isIdle = queue.withLock { queue in
            queue.isAwaited = queue.ready.isEmpty && queue.end == nil
            return queue.isAwaited
        }
        guard isIdle else { return true }
        // A day is as good as for ever, and fits into any number.
        let patience = min(max(schedule.patience, .zero), .seconds(86_400)).components
        let time = DispatchTimeInterval.nanoseconds(
            Int(patience.seconds) * 1_000_000_000 + Int(patience.attoseconds / 1_000_000_000)
        )
        if bell.wait(timeout: .now() + time) == .success { return true }
        // One that came in between has rung, or has not asked whether to.
        let wasRung = queue.withLock { queue in
            defer { queue.isAwaited = false }
            return !queue.isAwaited
        }
        if wasRung { bell.wait() }
        return wasRung
    }

    /// Runs what is ready in the order of arrival.
    ///
    /// - Returns: Whether the property has ended.
    private func runInOrder(jobCountMax: Int) -> Bool {
        for _ in 0..<jobCountMax {
            guard let job = queue.withLock({ $0.takeOldest() }) else { break }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
        return queue.withLock { $0.end != nil }
    }

    /// Lets a job that is nobody's run elsewhere; in a copy of the process nothing would run it.
    private func leave(_ job: UnownedJob) {
        if !tape.isInCopy { globalConcurrentExecutor.enqueue(job) }
    }

    private func close(_ phase: JobQueue.Phase) {
        let rest = queue.withLock { queue in
            queue.phase = phase
            return queue.takeAll()
        }
        if case .over = phase { for job in rest { leave(job) } }
    }
}

extension CaseExecutor {
    private func note(
        _ turn: JobOrder.Turn,
        _ job: UnownedJob?,
        _ passed: UnownedJob?,
        _ jobCount: Int
    ) {
        tape.note {
            names.withLock { names in
                let passed = passed.map { names.name(of: $0) } ?? ""
                guard let job else { return "schedule: job \(jobCount + 1): \(passed) is delayed" }
                return "schedule: job \(jobCount + 1): \(names.name(of: job)) before \(passed)"
            }
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
