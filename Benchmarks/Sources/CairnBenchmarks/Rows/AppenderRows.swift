extension Rows {
    /// Durable appends from several callers, each waiting for its own event.
    func appenders(callerCount: Int) -> Row {
        let count = callerCount == 1 ? share(250, countMin: 200) : share(20, countMin: 2000)
        let threads = "lmdb-c \(callerCount) threads"
        // What the same number of events costs when nobody has to be woken.
        let batches = "lmdb-c \(callerCount) a commit"
        let plan = AppendPlan(measuredCount: count, eventsPerCommit: callerCount)
        // A server takes 100 clients unless it is told otherwise.
        let servers = callerCount <= 64 ? PostgresBaseline.peers : []
        let peers: [any BenchmarkSubject] = [SQLiteBaseline()] + RocksDBBaseline.peers + servers
        let goals = [
            Goal(Self.cairn, .ratioAtLeast(2, of: threads)),
            Goal(Self.cairn, .ratioAtLeast(0.7, of: batches)),
            Goal(Self.cairn, .ratioAtLeast(3, of: PostgresBaseline.sideName)),
        ]
        return Row(
            name: "appenders-\(callerCount)",
            metric: .eventsPerSecond,
            baseline: threads,
            expectedHash: workload.contentsHash(count: count),
            goals: callerCount == 64 ? goals : [],
            sides: [
                appending(LMDBBaseline.journal, count, callerCount, name: threads),
                .appending(LMDBBaseline.journal, plan, name: batches),
            ] + (peers + subjects).map { appending($0, count, callerCount, name: $0.name) },
            notes: servers.isEmpty && PostgresBaseline.isThere
                ? ["PostgreSQL takes no part, as a server takes 100 clients unless told otherwise"]
                : []
        )
    }

    /// A side whose callers wait for their own events, each of which has a latency.
    func appending(
        _ subject: any BenchmarkSubject,
        _ count: Int,
        _ callerCount: Int,
        name: String
    ) -> Side {
        Side(name) { bench in
            try await bench.withDirectory {
                try await subject.appendConcurrently(
                    count: count,
                    callerCount: callerCount,
                    of: bench.workload,
                    in: $0
                )
            }
        }
    }
}
