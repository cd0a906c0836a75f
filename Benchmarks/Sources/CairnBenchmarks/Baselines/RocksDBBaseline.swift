import CBaselines

/// RocksDB through its interface for C, where the library is installed.
struct RocksDBBaseline: BenchmarkSubject {
    static let sideName = "rocksdb"
    let name = Self.sideName

    static let isThere = cb_rocksdb_is_there() == 1

    /// The side where there is a library, and none where not.
    static var peers: [any BenchmarkSubject] { isThere ? [Self()] : [] }

    /// What library that is, or what to do to have one.
    static var description: String {
        isThere
            ? "RocksDB (\(String(cString: cb_rocksdb_library()))) WriteBatch sync=true"
            : "RocksDB left out: no librocksdb is found (Debian: librocksdb-dev)"
    }

    func loadPlan(count: Int) -> AppendPlan {
        AppendPlan(preloadedCount: count, measuredCount: 0, eventsPerCommit: 100)
    }

    func append(
        _ plan: AppendPlan,
        of workload: Workload,
        in directory: String
    ) throws -> Outcome {
        try plan.measuringCommits { options in
            workload.withCWorkload { cb_rocksdb_append($0, directory, options) }
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
                cb_rocksdb_group($0, directory, UInt64(count), UInt64(callerCount), latencies)
            }
        }
    }

    func replay(in directory: String) throws -> Outcome {
        try Outcome(cb_rocksdb_replay(directory))
    }

    func timelines(of streams: [UInt64], in directory: String) throws -> Outcome {
        var latencies = [UInt64](repeating: 0, count: streams.count)
        let result = cb_rocksdb_timelines(directory, streams, UInt64(streams.count), &latencies)
        return try Outcome(result, latenciesNanoseconds: latencies)
    }

    func open(in directory: String) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "open row")
    }
}
