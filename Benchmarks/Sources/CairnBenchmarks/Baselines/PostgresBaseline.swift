import CBaselines
import Foundation

/// PostgreSQL with the original system's table and all of its indexes, out of the box.
///
/// A schema of the server stands for each directory.
struct PostgresBaseline: BenchmarkSubject {
    var name = Self.sideName
    /// The server that appends of single events go to.
    var server = Self.server

    private static let server = ProcessInfo.processInfo.environment["CAIRN_POSTGRES"] ?? ""

    static let sideName =
        isThere && cb_postgres_flushes() == 0 ? "postgres (fsync off)" : "postgres"
    static let isThere = cb_postgres_is_there() == 1

    /// The side where a server answers, and none where not.
    static var peers: [any BenchmarkSubject] { isThere ? [Self()] : [] }

    /// What server that is, or what to do to have one.
    static var description: String {
        var text = [CChar](repeating: 0, count: 64)
        guard isThere, cb_postgres_version(&text, UInt64(text.count)) == 0 else {
            return "PostgreSQL left out: CAIRN_POSTGRES names no server that answers"
        }
        let version = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return "PostgreSQL \(version) fsync \(cb_postgres_flushes() == 1 ? "on" : "off")"
    }

    /// The schema in place of a directory: of the run's own name, as others may use the server.
    static func schema(_ directory: String) -> String {
        let url = URL(fileURLWithPath: directory)
        let run = url.deletingLastPathComponent().lastPathComponent.suffix(12).lowercased()
        return "cairn_store_\(run)_\(url.lastPathComponent)"
    }

    /// Removes the schema in place of a directory, if there is one.
    static func remove(_ directory: String) {
        if isThere { _ = cb_postgres_drop(server, schema(directory)) }
        if case .there(let server, _) = SlowPostgres.found {
            _ = cb_postgres_drop(server, schema(directory))
        }
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
            workload.withCWorkload { cb_postgres_append($0, Self.schema(directory), options) }
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
                cb_postgres_group(
                    $0,
                    server,
                    Self.schema(directory),
                    UInt64(count),
                    UInt64(callerCount),
                    latencies
                )
            }
        }
    }

    func replay(in directory: String) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "replay row")
    }

    func timelines(of streams: [UInt64], in directory: String) throws -> Outcome {
        var latencies = [UInt64](repeating: 0, count: streams.count)
        let result = cb_postgres_timelines(
            Self.schema(directory),
            streams,
            UInt64(streams.count),
            &latencies
        )
        return try Outcome(result, latenciesNanoseconds: latencies)
    }

    func open(in directory: String) throws -> Outcome {
        throw BenchmarkError.notSupported(side: name, operation: "open row")
    }
}
