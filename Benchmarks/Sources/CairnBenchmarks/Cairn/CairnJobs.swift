import CBaselines
import Cairn
import Logging
import Synchronization

/// Cairn's own jobs, keys and steps, through what an embedder calls.
struct CairnJobs: JobSubject {
    let name = Rows.cairn
    private static let job = "batch"
    /// Keys that one question has: as many as are looked up in one view.
    private static let askedCount = 4_096

    private static let logger: Logger = {
        var logger = Logger(label: "benchmarks")
        logger.logLevel = .error
        return logger
    }()

    private static let reading = JobItems<Batch.Message>(
        key: { $0.key },
        content: { Array($0.body.utf8) }
    )

    func fill(_ batch: Batch, in directory: String) async throws {
        let journal = try LMDBJournal(path: directory)
        let worker = try await Worker.join(journal)
        let runner = JobRunner(journal: journal, worker: worker, logger: Self.logger)
        _ = try await runner.run(
            job: Self.job,
            items: Array(batch.messages[..<batch.doneCount]),
            reading: Self.reading,
            policy: JobPolicy(concurrency: 1_024)
        ) { _, _ in .accepted }
        worker.leave()
        journal.close()
    }

    func checkKeys(
        _ batch: Batch,
        _ order: [UInt32],
        in directory: String
    ) async throws -> Outcome {
        try await check(batch, order, atOnce: Self.askedCount, in: directory)
    }

    /// Asks for every key of an order by a question of its own, as a program does that has one.
    func checkKeysAlone(
        _ batch: Batch,
        _ order: [UInt32],
        in directory: String
    ) async throws -> Outcome {
        try await check(batch, order, atOnce: 1, in: directory)
    }

    /// There is no question for a range: its keys are asked for together.
    func checkRanges(
        _ batch: Batch,
        length: Int,
        in directory: String
    ) async throws -> Outcome {
        try await check(batch, batch.order(seed: nil), atOnce: length, in: directory)
    }

    private func check(
        _ batch: Batch,
        _ order: [UInt32],
        atOnce count: Int,
        in directory: String
    ) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        let worker = try await Worker.join(journal)
        let interactions = Interactions(journal: journal, worker: worker)
        let clock = ContinuousClock()
        var hash: UInt64 = 0
        var seconds = 0.0
        var latencies: [UInt64] = []
        for first in stride(from: 0, to: order.count, by: count) {
            let began = clock.now
            let keys = try order[first..<min(first + count, order.count)].map {
                try ItemKey(batch.messages[Int($0)].key)
            }
            let standings = try await interactions.standings(of: keys)
            for (key, standing) in zip(keys, standings) {
                if case .done = standing { hash &+= Batch.hash(of: key.name) }
            }
            let took = clock.now - began
            seconds += took / .seconds(1)
            latencies.append(UInt64(took / .nanoseconds(1)))
        }
        worker.leave()
        journal.close()
        return Outcome(
            eventCount: order.count,
            seconds: seconds,
            latenciesNanoseconds: latencies,
            hash: hash
        )
    }

    /// Folds what all keys stand at, in memory or into a table beside the journal.
    func rebuildKeys(
        _ batch: Batch,
        isStored: Bool,
        in directory: String
    ) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        defer { journal.close() }
        let kept = KeptProjections(journal)
        try await kept.reset()
        let worker = try await Worker.join(journal)
        defer { worker.leave() }
        // A reader finds no tables and makes none.
        let asked =
            isStored ? journal : try LMDBJournal(path: directory, configuration: .readOnly)
        defer { asked.close() }
        let interactions = Interactions(journal: asked, worker: worker)
        let eventCount = Int(try journal.head().lastPosition.rawValue)
        let clock = ContinuousClock()
        let began = clock.now
        // All kept tables: those of other sources find nothing in a journal of jobs.
        if isStored { try await kept.catchUp() }
        _ = try await interactions.standings(of: [ItemKey(batch.messages[0].key)])
        let seconds = (clock.now - began) / .seconds(1)
        let keys = try batch.messages.map { try ItemKey($0.key) }
        var hash: UInt64 = 0
        for (key, standing) in zip(keys, try await interactions.standings(of: keys)) {
            if case .done = standing { hash &+= Batch.hash(of: key.name) }
        }
        return Outcome(eventCount: eventCount, seconds: seconds, hash: hash)
    }

    func resume(_ batch: Batch, in directory: String) async throws -> Outcome {
        let clock = ContinuousClock()
        let began = clock.now
        let first = Mutex<(message: Batch.Message, at: ContinuousClock.Instant)?>(nil)
        let journal = try LMDBJournal(path: directory)
        let worker = try await Worker.join(journal)
        let runner = JobRunner(journal: journal, worker: worker, logger: Self.logger)
        // One new message, so that the run ends there; all that were done are offered again.
        let report = try await runner.run(
            job: Self.job,
            items: Array(batch.messages[...batch.doneCount]),
            reading: Self.reading
        ) { message, _ in
            first.withLock { $0 = (message, clock.now) }
            return .accepted
        }
        worker.leave()
        journal.close()
        guard let first = first.withLock({ $0 }) else { throw BenchmarkError.storeIsEmpty }
        return Outcome(
            eventCount: batch.doneCount,
            seconds: (first.at - began) / .seconds(1),
            hash: batch.resumeHash(doneCount: Int(report.counts.done), first: first.message)
        )
    }

    func steps(_ load: StepLoad, in directory: String) async throws -> Outcome {
        let journal = try LMDBJournal(path: directory)
        let worker = try await Worker.join(journal)
        let runner = JobRunner(journal: journal, worker: worker, logger: Self.logger)
        let waits = Mutex<[Duration]>([])
        let clock = ContinuousClock()
        let began = clock.now
        _ = try await runner.run(
            job: Self.job,
            items: Array(0..<load.itemCount),
            reading: JobItems(key: { "item-\($0)" }, content: { _ in [] }),
            policy: JobPolicy(
                item: ItemPolicy(worksInSteps: true),
                concurrency: load.itemCount
            )
        ) { _, attempt in
            var own: [Duration] = []
            for step in 0..<load.stepCount {
                let asked = clock.now
                _ = try await attempt.step("step") { step }
                own.append(clock.now - asked)
            }
            waits.withLock { $0 += own }
            return .accepted
        }
        let seconds = (clock.now - began) / .seconds(1)
        var hash: UInt64 = 0
        for item in 0..<load.itemCount {
            let fold = StreamFold(ItemMachine(), of: try ItemKey("item-\(item)").stream)
            let steps = try await fold.folded(in: journal).state.steps
            for (number, step) in steps.enumerated() {
                guard case .done(let result) = step.standing,
                    let value = UInt64(String(decoding: result, as: UTF8.self).filter(\.isNumber))
                else { continue }
                hash &+= cb_step_hash(UInt64(item), UInt64(number), value)
            }
        }
        worker.leave()
        journal.close()
        return Outcome(
            eventCount: load.totalCount,
            seconds: seconds,
            latenciesNanoseconds: waits.withLock { $0 }.map { UInt64($0 / .nanoseconds(1)) },
            hash: hash
        )
    }
}
