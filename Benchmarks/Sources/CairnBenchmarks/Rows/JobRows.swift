extension Rows {
    private static let lmdb = LMDBJobBaseline().name

    /// 100,000 messages where the workload is large enough.
    var batch: Batch { Batch(count: min(100_000, max(workload.count / 10, 2_000))) }

    /// The peers that are there, slowest last, and Cairn.
    static var jobSubjects: [any JobSubject] {
        let postgres: [any JobSubject] = PostgresBaseline.isThere ? [PostgresJobBaseline()] : []
        return [LMDBJobBaseline(), GRDBJobBaseline()] + postgres + [CairnJobs()]
    }

    /// The verdict of every key of a batch, one by one.
    func keys(isShuffled: Bool) -> Row {
        let batch = batch
        let order = batch.order(seed: isShuffled ? workload.seed : nil)
        return Row(
            name: isShuffled ? "keys-shuffled" : "keys",
            metric: .eventsPerSecond,
            baseline: Self.lmdb,
            expectedHash: batch.keysHash,
            warmsUp: true,
            goals: [Goal(Self.cairn, .ratioAtLeast(1 / 1.5, of: Self.lmdb))],
            sides: Self.jobSubjects.map { subject in
                Side(subject.name) { bench in
                    let store = try await bench.store(of: subject, batch)
                    return try await subject.checkKeys(batch, order, in: store)
                }
            } + [
                Side("\(Self.cairn) one a question") { bench in
                    let jobs = CairnJobs()
                    let store = try await bench.store(of: jobs, batch)
                    return try await jobs.checkKeysAlone(batch, order, in: store)
                }
            ],
            notes: [
                "LMDB and SQLite look keys up one after another in one transaction, \(Self.cairn)"
                    + " is given 4,096 in a question, which it looks up in one view"
            ]
        )
    }

    /// The verdicts of all keys of a batch, a thousand neighbours at a time.
    func keysByRange() -> Row {
        let batch = batch
        return Row(
            name: "keys-range",
            metric: .eventsPerSecond,
            baseline: Self.lmdb,
            expectedHash: batch.keysHash,
            warmsUp: true,
            goals: [Goal(Self.cairn, .ratioAtLeast(1 / 1.5, of: Self.lmdb))],
            sides: Self.jobSubjects.map { subject in
                Side(subject.name) { bench in
                    let store = try await bench.store(of: subject, batch)
                    return try await subject.checkRanges(batch, length: 1_000, in: store)
                }
            },
            notes: [
                "\(Self.cairn) has no question for a range: it is given the 1,000 keys of one in one question"
            ]
        )
    }

    /// The table of what all keys stand at, built from the first event on.
    func rebuildKeys() -> Row {
        let batch = batch
        let jobs = CairnJobs()
        func side(_ name: String, isStored: Bool) -> Side {
            Side(name) { bench in
                let store = try await bench.store(named: "keys, \(name)") {
                    try await jobs.fill(batch, in: $0)
                }
                return try await jobs.rebuildKeys(batch, isStored: isStored, in: store)
            }
        }
        return Row(
            name: "rebuild-keys",
            metric: .eventsPerSecond,
            baseline: "bare fold",
            expectedHash: batch.keysHash,
            goals: [Goal(Self.cairn, .ratioAtLeast(0.5, of: "bare fold"))],
            sides: [side("bare fold", isStored: false), side(Self.cairn, isStored: true)]
        )
    }

    /// From opening the store of a batch that was cut off to its first new message, in a process
    /// that has just begun.
    func resume() -> Row {
        let batch = batch
        return Row(
            name: "resume",
            metric: .milliseconds,
            baseline: Self.lmdb,
            expectedHash: batch.resumeHash,
            // Half a microsecond for each message that is done, and twenty milliseconds.
            goals: [Goal(Self.cairn, .valueAtMost(Double(batch.doneCount) / 2_000 + 20))],
            sides: Self.jobSubjects.map { subject in
                Side(subject.name) { bench in
                    try await bench.withDirectory { directory in
                        try await subject.fill(batch, in: directory)
                        return try Restart(subject.name, batch.messages.count).run(in: directory)
                    }
                }
            }
        )
    }

    /// Durable steps of items that all run at once.
    func steps(itemCount: Int) -> Row {
        let load = StepLoad(
            itemCount: itemCount,
            stepCount: max(share(itemCount == 1 ? 200 : 20, countMin: 400) / itemCount, 1)
        )
        // A step is one of 7,500 commits a second alone, and one of 64 in a commit together.
        let ratio = itemCount == 1 ? 3_000.0 / 7_500 : 40_000.0 / (7_500 * 64)
        return Row(
            name: "steps-\(itemCount)",
            metric: .eventsPerSecond,
            baseline: Self.lmdb,
            expectedHash: load.hash,
            goals: [Goal(Self.cairn, .ratioAtLeast(ratio, of: Self.lmdb))],
            sides: Self.jobSubjects.map { subject in
                Side(subject.name) { bench in
                    try await bench.withDirectory { try await subject.steps(load, in: $0) }
                }
            }
        )
    }
}
