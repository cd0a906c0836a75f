import Cairn

/// Every row of the table, by name, in the order it is printed.
struct Rows {
    let workload: Workload
    /// The engines measured against the C baselines; each takes part in every row.
    let subjects: [any BenchmarkSubject]

    /// The name the goals refer to.
    static let cairn = "cairn"

    static let names =
        [
            "append-1", "append-10", "append-100", "append-1000", "append-random-ids",
            "append-grown",
            "appenders-1", "appenders-8", "appenders-64", "appenders-512",
            "slow-flushes-1", "slow-flushes-64", "latency", "replay", "replay-2",
            "replay-checkpoint", "timeline", "timeline-first", "open", "disk", "written", "memory",
            "packing", "keys", "keys-shuffled", "keys-range", "resume", "steps-1", "steps-64",
            "prompt-total", "rebuild", "events-plain", "events-level", "events-type", "events-lead",
            "events-lead-level", "rebuild-events", "rebuild-summary", "rebuild-keys",
            "as-of", "as-of-list", "rebuild-requests", "to-log", "to-log-p99", "import-csv",
            "import-xes",
        ] + Questions.Kind.allCases.map { "query-\($0.rawValue)" }

    /// The row of a name, or nil when there is none.
    func row(named name: String) -> Row? {
        switch name {
        case "append-1": append(eventsPerCommit: 1)
        case "append-10": append(eventsPerCommit: 10)
        case "append-100": append(eventsPerCommit: 100)
        case "append-1000": append(eventsPerCommit: 1000)
        case "append-random-ids": appendRandomIDs()
        case "append-grown":
            appendGrown(measuring: Self.grownCount(of: workload.count)) { .appending($0, $1) }
        case "appenders-1": appenders(callerCount: 1)
        case "appenders-8": appenders(callerCount: 8)
        case "appenders-64": appenders(callerCount: 64)
        case "appenders-512": appenders(callerCount: 512)
        case "slow-flushes-1": slowFlushes(callerCount: 1)
        case "slow-flushes-64": slowFlushes(callerCount: 64)
        case "latency": latency()
        case "replay": replay(expecting: workload.statesHash())
        case "replay-2": replayInHalves()
        case "replay-checkpoint": replayFromCheckpoint()
        case "timeline": timeline(isFirst: false)
        case "timeline-first": timeline(isFirst: true)
        case "open": open()
        case "disk": disk()
        case "written": written()
        case "memory": memory()
        case "packing": packing()
        case "keys": keys(isShuffled: false)
        case "keys-shuffled": keys(isShuffled: true)
        case "keys-range": keysByRange()
        case "resume": resume()
        case "steps-1": steps(itemCount: 1)
        case "steps-64": steps(itemCount: 64)
        case "prompt-total": promptTotals()
        case "rebuild": rebuild()
        case "events-plain": eventsPage(.plain)
        case "events-level": eventsPage(.level)
        case "events-type": eventsPage(.type)
        case "events-lead": eventsPage(.lead)
        case "events-lead-level": eventsPage(.leadLevel)
        case "rebuild-events": rebuildEvents()
        case "rebuild-summary": rebuildSummary()
        case "rebuild-keys": rebuildKeys()
        case "as-of": asOf(.open)
        case "as-of-list": asOf(.all)
        case "rebuild-requests": rebuildRequests()
        case "import-csv": importing(.csv)
        case "import-xes": importing(.xes)
        case "to-log": toLog(quantile: 0.5)
        case "to-log-p99": toLog(quantile: 0.99)
        default: Questions.Kind(row: name).map(question)
        }
    }

    /// A share of the workload, but at least `countMin` events where it has them.
    func share(_ divisor: Int, countMin: Int) -> Int {
        min(workload.count, max(workload.count / divisor, countMin))
    }
}

extension Side {
    /// A side that appends to an empty store.
    static func appending(
        _ subject: any BenchmarkSubject,
        _ plan: AppendPlan,
        name: String? = nil
    ) -> Side {
        Side(name ?? subject.name) { bench in
            try await bench.withDirectory {
                try await subject.append(plan, of: bench.workload, in: $0)
            }
        }
    }

    /// A side that appends the whole workload to its store, behind what that holds already.
    static func growing(_ subject: any BenchmarkSubject, _ plan: AppendPlan) -> Side {
        Side(subject.name) { try await $0.extendStore(of: subject, plan) }
    }

    /// A side that reads the store of the whole workload.
    static func reading(
        _ subject: any BenchmarkSubject,
        name: String? = nil,
        _ read: @escaping (any BenchmarkSubject, String) async throws -> Outcome
    ) -> Side {
        Side(name ?? subject.name) { bench in
            try await read(subject, bench.store(of: subject))
        }
    }
}
