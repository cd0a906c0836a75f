extension Rows {
    /// The whole store folded into one state for each request, from a warm cache.
    func replay() -> Row {
        let sides: [any BenchmarkSubject] = [
            LMDBBaseline.journal, LMDBBaseline.packed, SQLiteBaseline(),
        ]
        return Row(
            name: "replay",
            metric: .eventsPerSecond,
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.statesHash(),
            warmsUp: true,
            goals: [
                Goal(Self.cairn, .ratioAtLeast(0.7, of: LMDBBaseline.journal.name)),
                Goal(Self.cairn, .ratioAtLeast(5, of: SQLiteBaseline().name)),
            ],
            sides: (sides + subjects).map { .reading($0) { try await $0.replay(in: $1) } }
        )
    }

    /// The same in two halves of the positions at once, whose states are then joined.
    func replayInHalves() -> Row {
        let cairn = CairnSubject()
        return Row(
            name: "replay-2",
            metric: .eventsPerSecond,
            baseline: Self.cairn,
            expectedHash: workload.statesHash(),
            warmsUp: true,
            goals: [Goal("\(Self.cairn) 2 cores", .ratioAtLeast(1.7, of: Self.cairn))],
            sides: [
                .reading(cairn) { try await $0.replay(in: $1) },
                Side("\(Self.cairn) 2 cores") { bench in
                    try await cairn.replayInHalves(in: bench.store(of: cairn))
                },
            ]
        )
    }

    /// The 40 events of one request, for requests drawn at random.
    func timeline() -> Row {
        let streams = workload.sampledStreams(countMax: 2000)
        let sides: [any BenchmarkSubject] =
            [LMDBBaseline.trees, SQLiteBaseline()] + PostgresBaseline.peers
        return Row(
            name: "timeline",
            metric: .latency(quantile: 0.5),
            baseline: LMDBBaseline.trees.name,
            expectedHash: workload.timelinesHash(of: streams),
            warmsUp: true,
            goals: [
                Goal(Self.cairn, .ratioAtMost(1.3, of: LMDBBaseline.trees.name)),
                Goal(Self.cairn, .ratioAtMost(1.0 / 3, of: PostgresBaseline.sideName)),
            ],
            sides: (sides + subjects).map {
                .reading($0) { try await $0.timelines(of: streams, in: $1) }
            }
        )
    }

    /// Opening the store of the whole workload for writing.
    func open() -> Row {
        let sides: [any BenchmarkSubject] = [LMDBBaseline.journal]
        return Row(
            name: "open",
            metric: .milliseconds,
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.lastRecordHash(),
            warmsUp: true,
            goals: [Goal(Self.cairn, .valueAtMost(50))],
            sides: (sides + subjects).map { .reading($0) { try await $0.open(in: $1) } }
        )
    }
}
