import CBaselines
import Foundation

/// A second server whose flushes take a millisecond longer, as those of this process do in the rows
/// on slow flushes.
enum SlowPostgres {
    case notNamed
    case doesNotAnswer
    /// Its quickest commit, in nanoseconds.
    case tooQuick(UInt64)
    case there(server: String, commitNanoseconds: UInt64)

    /// Looks for the server that `CAIRN_POSTGRES_SLOW` names, and has it commit a few times: one
    /// that does not have the library of slow flushes before it would be measured as if it had.
    static let found: SlowPostgres = {
        guard let server = ProcessInfo.processInfo.environment["CAIRN_POSTGRES_SLOW"] else {
            return .notNamed
        }
        let schema = "cairn_probe_\(ProcessInfo.processInfo.processIdentifier)"
        let nanoseconds = cb_postgres_commit_ns(server, schema)
        if nanoseconds == 0 { return .doesNotAnswer }
        return nanoseconds < FlushDelay.nanoseconds
            ? .tooQuick(nanoseconds) : .there(server: server, commitNanoseconds: nanoseconds)
    }()

    static let sideName = "postgres slow flushes"

    /// The side where the server takes part, and none where not.
    static var peers: [any BenchmarkSubject] {
        guard case .there(let server, _) = found else { return [] }
        return [PostgresBaseline(name: sideName, server: server)]
    }

    /// What became of it, and what to do to have one.
    static var description: String {
        switch found {
        case .notNamed: "left out: CAIRN_POSTGRES_SLOW names none"
        case .doesNotAnswer: "left out: the one that CAIRN_POSTGRES_SLOW names does not answer"
        case .tooQuick(let nanoseconds):
            "left out: the one that CAIRN_POSTGRES_SLOW names commits in"
                + " \((Double(nanoseconds) / 1e6).figureText) ms, so its flushes are not slowed"
        case .there(_, let nanoseconds):
            "commits in \((Double(nanoseconds) / 1e6).figureText) ms"
        }
    }
}
