import CBaselines

/// SQLite through its C interface, with the original system's table.
struct SQLiteBaseline: BenchmarkSubject {
    /// With all indexes that the original system's table has, but for the one of metadata.
    static let seed = SQLiteBaseline(name: "sqlite-c seed indexes", keepsEveryIndex: true)

    /// With the unique index and the timeline's, which are what Cairn keeps of every event.
    init() { self.init(name: "sqlite-c", keepsEveryIndex: false) }

    private init(name: String, keepsEveryIndex: Bool) {
        self.name = name
        self.keepsEveryIndex = keepsEveryIndex
    }

    let name: String
    private let keepsEveryIndex: Bool

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
            options.every_index = keepsEveryIndex
            return workload.withCWorkload { cb_sqlite_append($0, directory, options) }
        }
    }

    func appendConcurrently(
        count: Int,
        callerCount: Int,
        of workload: Workload,
        in directory: String
    ) throws -> Outcome {
        try Outcome.ofSingles(count: count) { latencies in
            workload.withCWorkload {
                cb_sqlite_group($0, directory, UInt64(count), UInt64(callerCount), latencies)
            }
        }
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
