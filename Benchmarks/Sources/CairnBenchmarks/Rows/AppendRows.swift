extension Rows {
    /// Durable appends from one caller, by the number of events in a commit.
    ///
    /// One share of the workload takes each side a second or so. From 100 events a commit on, it
    /// spans index flushes of an engine that indexes late, so their cost is in the figure.
    func append(eventsPerCommit: Int) -> Row {
        let count =
            switch eventsPerCommit {
            case ..<10: share(250, countMin: 200)
            case ..<100: share(50, countMin: 1000)
            case ..<1000: share(5, countMin: 4000)
            default: share(5, countMin: 4000) * 2
            }
        let plan = AppendPlan(
            measuredCount: min(count, workload.count),
            eventsPerCommit: eventsPerCommit
        )
        let goals = [
            Goal(Self.cairn, .ratioAtLeast(0.6, of: LMDBBaseline.journal.name)),
            Goal(Self.cairn, .ratioAtLeast(8, of: SQLiteBaseline().name)),
            Goal(Self.cairn, .ratioAtLeast(4, of: RocksDBBaseline.sideName)),
            Goal(Self.cairn, .ratioAtLeast(10, of: PostgresBaseline.sideName)),
        ]
        let single = [Goal(Self.cairn, .ratioAtLeast(0.95, of: LMDBBaseline.journal.name))]
        return Row(
            name: "append-\(eventsPerCommit)",
            metric: .eventsPerSecond,
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.contentsHash(count: plan.totalCount),
            goals: eventsPerCommit == 100 ? goals : eventsPerCommit == 1 ? single : [],
            sides: [
                .appending(LMDBBaseline.journal, plan),
                .appending(LMDBBaseline.packed, plan),
                .appending(LMDBBaseline.trees, plan.measuringOne(in: 4)),
                .appending(SQLiteBaseline(), plan.measuringOne(in: 4)),
                .appending(GRDBBaseline(), plan.measuringOne(in: 4)),
            ]
                + (RocksDBBaseline.peers + PostgresBaseline.peers)
                .map { .appending($0, plan.measuringOne(in: 4)) }
                + subjects.map { .appending($0, plan) }
        )
    }

    /// The same at 100 events a commit when event ids are random and the store is not new.
    ///
    /// Written in every commit, a tree of random keys dirties a page for nearly every event.
    func appendRandomIDs() -> Row {
        let ordered = AppendPlan(
            preloadedCount: workload.count - share(5, countMin: 2000),
            measuredCount: share(5, countMin: 2000),
            eventsPerCommit: 100
        )
        var random = ordered
        random.usesRandomIDs = true
        let treesOrdered = ordered.measuringOne(in: 10)
        let treesRandom = random.measuringOne(in: 10)
        return Row(
            name: "append-random-ids",
            metric: .eventsPerSecond,
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.contentsHash(count: ordered.totalCount),
            sides: [
                .appending(LMDBBaseline.journal, ordered),
                .appending(LMDBBaseline.trees, treesOrdered, name: "lmdb-c trees ordered"),
                .appending(LMDBBaseline.trees, treesRandom, name: "lmdb-c trees random"),
            ] + subjects.map { .appending($0, random) }
        )
    }

    /// How many events of a store's last ones are measured by ``appendGrown(measuring:_:)``.
    static func grownCount(of count: Int) -> Int { min(count / 5, 200_000) }

    /// Appends at the end of a store that holds the rest of the workload already, by sides that
    /// append as `side` has them.
    func appendGrown(
        measuring measuredCount: Int,
        _ side: (any BenchmarkSubject, AppendPlan) -> Side
    ) -> Row {
        let plan = AppendPlan(
            preloadedCount: workload.count - measuredCount,
            measuredCount: measuredCount,
            eventsPerCommit: 100
        )
        return Row(
            name: "append-grown",
            metric: .eventsPerSecond,
            also: .latency(quantile: 0.999),
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.contentsHash(count: workload.count),
            sides: ([LMDBBaseline.journal] + subjects).map { side($0, plan) }
        )
    }

    /// The latency of a commit of 100 events at its worst, over several index flushes.
    func latency() -> Row {
        let plan = AppendPlan(measuredCount: workload.count, eventsPerCommit: 100)
        return Row(
            name: "latency",
            metric: .latency(quantile: 0.999),
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.contentsHash(count: plan.totalCount),
            goals: [Goal(Self.cairn, .valueAtMost(50_000))],
            sides: [.appending(LMDBBaseline.journal, plan)]
                + subjects.map { .appending($0, plan) }
        )
    }
}
