extension Rows {
    /// Durable appends where each flush takes a millisecond longer, by callers that each wait for
    /// their own event.
    ///
    /// How many flushes a commit takes, and how many callers one serves, is all that counts here.
    func slowFlushes(callerCount: Int) -> Row {
        let isAlone = callerCount == 1
        let count = share(isAlone ? 2_500 : 200, countMin: isAlone ? 50 : 1_000)
        let peers: [any BenchmarkSubject] =
            [SQLiteBaseline()] + RocksDBBaseline.peers + SlowPostgres.peers
        func side(_ subject: any BenchmarkSubject, flushCount: UInt64) -> Side {
            appending(subject, count, callerCount, name: subject.name)
                .withSlowFlushes(perCommit: flushCount)
        }
        return Row(
            name: "slow-flushes-\(callerCount)",
            metric: .eventsPerSecond,
            baseline: LMDBBaseline.journal.name,
            expectedHash: workload.contentsHash(count: count),
            // One caller waits for one flush, whoever makes it: there is nothing to be ahead by.
            goals: isAlone ? [] : [Goal(Self.cairn, .ratioAtLeast(1, of: SlowPostgres.sideName))],
            // LMDB flushes its pages and then its meta page.
            sides: [side(LMDBBaseline.journal, flushCount: 2)]
                + (peers + subjects).map { side($0, flushCount: 1) },
            notes: [
                "every flush takes 1 ms longer; PostgreSQL whose flushes do so"
                    + " \(SlowPostgres.description)"
            ]
        )
    }
}
