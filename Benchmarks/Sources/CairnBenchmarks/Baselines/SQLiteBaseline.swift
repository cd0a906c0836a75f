import CBaselines

/// SQLite through its C interface, with the original system's table and indexes.
struct SQLiteBaseline: BenchmarkSubject {
    let name = "sqlite-c"

    func loadPlan(count: Int) -> AppendPlan {
        // Its bytes hardly depend on the size of the commits, and small ones take a minute.
        AppendPlan(preloadedCount: count, measuredCount: 0, eventsPerCommit: 100)
    }

    func append(
        _ plan: AppendPlan,
        of workload: Workload,
        in directory: String
    ) throws -> Outcome {
        try plan.measuringCommits { options in
            workload.withCWorkload { cb_sqlite_append($0, directory, options) }
        }
    }

    func appendConcurrently(
        count: Int,
        callerCount: Int,
        of workload: Workload,
        in directory: String
    ) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "group commit")
    }

    func replay(in directory: String) throws -> Outcome {
        try Outcome(cb_sqlite_replay(directory))
    }

    func timelines(of streams: [UInt64], in directory: String) throws -> Outcome {
        var latencies = [UInt64](repeating: 0, count: streams.count)
        let result = cb_sqlite_timelines(directory, streams, UInt64(streams.count), &latencies)
        return try Outcome(result, latenciesNanoseconds: latencies)
    }

    func open(in directory: String) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "open row")
    }
}
