import CBaselines

/// Raw LMDB in C, in one of its shapes.
struct LMDBBaseline: BenchmarkSubject {
    /// The journal alone, one value for each event: what the engine's goals are set against.
    static let journal = LMDBBaseline(
        name: "lmdb-c",
        layout: CB_LAYOUT_ONE_PER_EVENT,
        trees: CB_TREES_NONE
    )
    /// The journal alone, the events of one commit sharing values of four pages.
    static let packed = LMDBBaseline(
        name: "lmdb-c packed",
        layout: CB_LAYOUT_PACKED,
        trees: CB_TREES_NONE
    )
    /// The journal, a stream tree and an event id tree, all written in every commit.
    static let trees = LMDBBaseline(
        name: "lmdb-c trees",
        layout: CB_LAYOUT_ONE_PER_EVENT,
        trees: CB_TREES_ORDERED_IDS
    )

    let name: String
    let layout: cb_layout
    let trees: cb_trees

    func loadPlan(count: Int) -> AppendPlan {
        // The journal's bytes depend on the commit size when it is packed; the trees only take
        // longer to load.
        trees == CB_TREES_NONE
            ? AppendPlan(measuredCount: count, eventsPerCommit: 100)
            : AppendPlan(preloadedCount: count, measuredCount: 0, eventsPerCommit: 100)
    }

    func append(
        _ plan: AppendPlan,
        of workload: Workload,
        in directory: String
    ) throws -> Outcome {
        let randomTrees = plan.usesRandomIDs && trees != CB_TREES_NONE
        return try plan.measuringCommits { options in
            options.layout = layout
            options.trees = randomTrees ? CB_TREES_RANDOM_IDS : trees
            return workload.withCWorkload { cb_lmdb_append($0, directory, options) }
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
                cb_lmdb_group_commit(
                    $0,
                    directory,
                    UInt64(count),
                    UInt64(callerCount),
                    latencies
                )
            }
        }
    }

    func replay(in directory: String) throws -> Outcome {
        try Outcome(cb_lmdb_replay(directory, layout))
    }

    /// Loads the workload, and keeps the states as they are after a position.
    func loadWithCheckpoint(
        at position: UInt64,
        of workload: Workload,
        in directory: String
    ) throws {
        let plan = AppendPlan(
            preloadedCount: workload.count,
            measuredCount: 0,
            eventsPerCommit: 100
        )
        _ = try append(plan, of: workload, in: directory)
        _ = try Outcome(cb_lmdb_checkpoint(directory, position))
    }

    func timelines(of streams: [UInt64], in directory: String) throws -> Outcome {
        var latencies = [UInt64](repeating: 0, count: streams.count)
        let result = cb_lmdb_timelines(directory, streams, UInt64(streams.count), &latencies)
        return try Outcome(result, latenciesNanoseconds: latencies)
    }

    func open(in directory: String) throws -> Outcome {
        try Outcome(cb_lmdb_open(directory))
    }
}

extension Outcome {
    /// Runs C appends of single events that fill in one latency for each of them.
    static func ofSingles(
        count: Int,
        _ append: (UnsafeMutablePointer<UInt64>?) -> cb_result
    ) throws(BenchmarkError) -> Outcome {
        var latencies = [UInt64](repeating: 0, count: count)
        let result = latencies.withUnsafeMutableBufferPointer { append($0.baseAddress) }
        return try Outcome(result, latenciesNanoseconds: latencies)
    }
}

extension AppendPlan {
    /// Runs a C append that fills in one latency for each commit.
    func measuringCommits(
        _ append: (inout cb_append_options) -> cb_result
    ) throws(BenchmarkError) -> Outcome {
        var latencies = [UInt64](repeating: 0, count: commitCount)
        let result = latencies.withUnsafeMutableBufferPointer { latencies in
            var options = cb_append_options()
            options.preloaded_count = UInt64(preloadedCount)
            options.measured_count = UInt64(measuredCount)
            options.events_per_commit = UInt64(eventsPerCommit)
            options.commit_ns = latencies.baseAddress
            return append(&options)
        }
        return try Outcome(result, latenciesNanoseconds: latencies)
    }
}
