import CBaselines

extension Rows {
    /// Bytes of all files of the store of the whole workload.
    func disk() -> Row {
        let hash = workload.contentsHash(count: workload.count)
        let sides: [any BenchmarkSubject] = [
            LMDBBaseline.journal, LMDBBaseline.packed, LMDBBaseline.trees, SQLiteBaseline(),
            SQLiteBaseline.seed,
        ]
        return Row(
            name: "disk",
            metric: .bytesPerEvent,
            baseline: LMDBBaseline.journal.name,
            expectedHash: hash,
            goals: [
                Goal(Self.cairn, .valueAtMost(235)),
                Goal(Self.cairn, .ratioAtMost(0.5, of: SQLiteBaseline.seed.name)),
            ],
            sides: (sides + subjects).map { subject in
                Side(subject.name) { bench in
                    let directory = try await bench.store(of: subject)
                    // Loading the store compared its contents with the workload.
                    return Outcome(
                        eventCount: bench.workload.count,
                        byteCount: cb_directory_byte_count(directory),
                        hash: hash
                    )
                }
            }
        )
    }

    /// Bytes that reach the disk for an event, commits of 100 and everything up to the close
    /// included, as the system counts them for this process.
    func written() -> Row {
        let count = share(5, countMin: 4000)
        let plan = AppendPlan(measuredCount: count, eventsPerCommit: 100)
        let sides: [any BenchmarkSubject] = [
            LMDBBaseline.journal, LMDBBaseline.packed, LMDBBaseline.trees, SQLiteBaseline(),
        ]
        return Row(
            name: "written",
            metric: .bytesPerEvent,
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.contentsHash(count: count),
            sides: (sides + subjects).map { subject in
                Side(subject.name) { bench in
                    try await bench.withDirectory { directory in
                        let before = try Machine.writtenByteCount()
                        var outcome = try await subject.append(plan, of: workload, in: directory)
                        outcome.byteCount = try Machine.writtenByteCount() - before
                        return outcome
                    }
                }
            }
        )
    }

    /// Memory of its own that the engine takes while it appends the whole workload.
    ///
    /// With ids in order, and with random ones, of which the index tail keeps each by itself.
    func memory() -> Row {
        var plan = AppendPlan(measuredCount: workload.count, eventsPerCommit: 1_000)
        plan.watchesMemory = true
        var randomPlan = plan
        randomPlan.usesRandomIDs = true
        return Row(
            name: "memory",
            metric: .mebibytes,
            baseline: Self.cairn,
            expectedHash: workload.contentsHash(count: workload.count),
            goals: [
                Goal(Self.cairn, .valueAtMost(64)),
                Goal("\(Self.cairn) random ids", .valueAtMost(64)),
            ],
            sides: subjects.flatMap { subject in
                [
                    Side.appending(subject, plan),
                    Side.appending(subject, randomPlan, name: "\(subject.name) random ids"),
                ]
            }
        )
    }

    /// What packing the events of a commit into shared values saves, by the size of the commits.
    func packing() -> Row {
        let count = share(10, countMin: 4000)
        let baseline = "one per event"
        let packed = [1, 10, 50, 100, 1000].map { eventsPerCommit in
            packing(
                LMDBBaseline.packed,
                AppendPlan(measuredCount: count, eventsPerCommit: eventsPerCommit),
                name: "packed by \(eventsPerCommit)"
            )
        }
        return Row(
            name: "packing",
            metric: .bytesPerEvent,
            baseline: baseline,
            expectedHash: workload.contentsHash(count: count),
            sides: [
                packing(
                    LMDBBaseline.journal,
                    AppendPlan(measuredCount: count, eventsPerCommit: 100),
                    name: baseline
                )
            ] + packed
        )
    }

    private func packing(_ subject: LMDBBaseline, _ plan: AppendPlan, name: String) -> Side {
        Side(name) { bench in
            try await bench.withDirectory { directory in
                var outcome = try subject.append(plan, of: bench.workload, in: directory)
                outcome.byteCount = cb_directory_byte_count(directory)
                return outcome
            }
        }
    }
}
