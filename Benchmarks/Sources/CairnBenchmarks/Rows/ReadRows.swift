import CBaselines

extension Rows {
    /// The whole store folded into one state for each request, from a warm cache.
    func replay(expecting statesHash: UInt64) -> Row {
        let peers: [any BenchmarkSubject] = [
            LMDBBaseline.journal, LMDBBaseline.packed, SQLiteBaseline(),
        ]
        let sides = peers + RocksDBBaseline.peers + subjects
        let grdb = Side(GRDBBaseline.sideName) { bench in
            try await GRDBBaseline().replay(in: bench.store(of: SQLiteBaseline()))
        }
        return Row(
            name: "replay",
            metric: .eventsPerSecond,
            baseline: LMDBBaseline.journal.name,
            expectedHash: statesHash,
            warmsUp: true,
            goals: [
                Goal(Self.cairn, .ratioAtLeast(0.7, of: LMDBBaseline.journal.name)),
                Goal(Self.cairn, .ratioAtLeast(5, of: SQLiteBaseline().name)),
                Goal(Self.cairn, .ratioAtLeast(20, of: GRDBBaseline.sideName)),
            ],
            sides: sides.map { .reading($0) { try await $0.replay(in: $1) } } + [grdb]
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

    /// The same from states that were kept when a tenth of the events was yet to come.
    ///
    /// Of Cairn they are a projection, in tables beside the journal; in C a table of the same file.
    func replayFromCheckpoint() -> Row {
        let cairn = CairnCheckpoint()
        let baseline = LMDBBaseline.journal
        let kept = UInt64(workload.count - workload.count / 10)
        let fromStart = "from the start"
        return Row(
            name: "replay-checkpoint",
            metric: .milliseconds,
            baseline: baseline.name,
            expectedHash: workload.statesHash(),
            warmsUp: true,
            sides: [
                Side(baseline.name) { bench in
                    let store = try await bench.store(named: "checkpoint of \(baseline.name)") {
                        try baseline.loadWithCheckpoint(at: kept, of: bench.workload, in: $0)
                    }
                    return try Outcome(cb_lmdb_replay_from_checkpoint(store))
                },
                .reading(baseline, name: "\(baseline.name) \(fromStart)") {
                    try await $0.replay(in: $1)
                },
                Side(Self.cairn) { bench in
                    let store = try await bench.store(named: "checkpoint of \(Self.cairn)") {
                        try await cairn.load(keeping: Int(kept), of: bench.workload, in: $0)
                    }
                    return try await cairn.replay(in: store)
                },
                .reading(CairnSubject(), name: "\(Self.cairn) \(fromStart)") {
                    try await $0.replay(in: $1)
                },
            ],
            notes: ["states were kept at position \(kept) of \(workload.count)"]
        )
    }

    /// The 40 events of one request, for requests drawn at random.
    func timeline(isFirst: Bool) -> Row {
        let streams = Workload.sampledStreams(seed: workload.seed, count: workload.count)
        let hash = workload.timelinesHash(of: streams)
        return timeline(of: streams, expecting: hash, isFirst: isFirst)
    }

    /// The same for requests that are given: asked for the first time since the store was opened,
    /// or once all of them have been.
    func timeline(
        of streams: [UInt64],
        expecting timelinesHash: UInt64,
        isFirst: Bool
    ) -> Row {
        let sides: [any BenchmarkSubject] =
            [LMDBBaseline.trees, SQLiteBaseline()] + RocksDBBaseline.peers
            + PostgresBaseline.peers
        let asked = isFirst ? streams : streams + streams
        let note = "no page of a file is in the process's memory map when its store is opened"
        return Row(
            name: isFirst ? "timeline-first" : "timeline",
            metric: .latency(quantile: 0.5),
            baseline: LMDBBaseline.trees.name,
            expectedHash: isFirst ? timelinesHash : timelinesHash &* 2,
            warmsUp: true,
            goals: [
                Goal(Self.cairn, .ratioAtMost(1.3, of: LMDBBaseline.trees.name)),
                Goal(Self.cairn, .ratioAtMost(1.0 / 3, of: PostgresBaseline.sideName)),
            ],
            sides: (sides + subjects).map {
                .reading($0) { subject, store in
                    var outcome = try await subject.timelines(of: asked, in: store)
                    outcome.latenciesNanoseconds.removeFirst(asked.count - streams.count)
                    return outcome
                }
            },
            notes: isFirst ? [note] : []
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
