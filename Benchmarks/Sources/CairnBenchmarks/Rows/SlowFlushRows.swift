extension Rows {
    /// Durable appends where each flush takes a millisecond longer, by callers that each wait for
    /// their own event.
    ///
    /// How many flushes a commit takes, and how many callers one serves, is all that counts here.
    func slowFlushes(callerCount: Int) -> Row {
        let isAlone = callerCount == 1
        let count = share(isAlone ? 2_500 : 200, countMin: isAlone ? 50 : 1_000)
        let peers: [any BenchmarkSubject] = [LMDBBaseline.journal, SQLiteBaseline()]
        return Row(
            name: "slow-flushes-\(callerCount)",
            metric: .eventsPerSecond,
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.contentsHash(count: count),
            // One caller waits for two flushes of LMDB where the others need one.
            goals: isAlone ? [] : [Goal(Self.cairn, .ratioAtLeast(1, of: SlowPostgres.sideName))],
            sides: (peers + RocksDBBaseline.peers + SlowPostgres.peers + subjects).map {
                appending($0, count, callerCount, name: $0.name).withSlowFlushes()
            },
            notes: [
                "every flush takes 1 ms longer; PostgreSQL whose flushes do so"
                    + " \(SlowPostgres.description)"
            ]
        )
    }
}
