/// A store that can take part in the rows: the raw C baselines, and the engine they are for.
///
/// Every function measures only what its name says, opens what it needs before its clock starts
/// (except ``open(in:)``, where opening is the question), and closes it afterwards.
protocol BenchmarkSubject: Sendable {
    /// The side's name in the table, which goals refer to.
    var name: String { get }

    /// How a store of `count` events is made for the rows that only read.
    func loadPlan(count: Int) -> AppendPlan

    /// Appends the workload's first events to the empty directory, then reads them all back.
    ///
    /// The sides of ``Growth`` also append behind the events that come before the workload's. The
    /// outcome has the latency of each measured commit, and the ``Verifier``'s hash.
    func append(
        _ plan: AppendPlan,
        of workload: Workload,
        in directory: String
    ) async throws -> Outcome

    /// Appends the first `count` events from `callerCount` callers, then reads them all back.
    ///
    /// Each caller appends one event at a time and waits until it is durable. Caller `n` owns the
    /// streams whose number is `n` modulo `callerCount`. The hash is the ``Verifier``'s.
    func appendConcurrently(
        count: Int,
        callerCount: Int,
        of workload: Workload,
        in directory: String
    ) async throws -> Outcome

    /// Folds a loaded store into one state for each request; the hash is that of `cb_fold_hash`.
    func replay(in directory: String) async throws -> Outcome

    /// Reads all events of each stream, with one latency for each stream.
    ///
    /// The hash is the wrapping sum of `cb_records_hash` over the streams.
    func timelines(of streams: [UInt64], in directory: String) async throws -> Outcome

    /// Opens a loaded store for writing and reads its last event.
    ///
    /// The hash is `cb_records_hash` of that event.
    func open(in directory: String) async throws -> Outcome
}

extension BenchmarkSubject {
    func loadPlan(count: Int) -> AppendPlan {
        AppendPlan(measuredCount: count, eventsPerCommit: 100)
    }
}

/// How many events an append row writes, and how.
struct AppendPlan: Sendable {
    /// Events written before the clock starts, in commits of whatever size is quick.
    var preloadedCount = 0
    var measuredCount: Int
    var eventsPerCommit: Int
    /// Names events by random ids, where the side keeps ids at all.
    var usesRandomIDs = false
    /// Whether the outcome's byte count is how far memory grew; for Cairn's side alone.
    var watchesMemory = false

    var totalCount: Int { preloadedCount + measuredCount }
    var commitCount: Int { (measuredCount + eventsPerCommit - 1) / eventsPerCommit }

    /// The same events in all, of which only one in `divisor` is measured.
    ///
    /// For sides so slow that measuring every event would take minutes. The result is the same.
    func measuringOne(in divisor: Int) -> AppendPlan {
        var plan = self
        plan.measuredCount = max(eventsPerCommit, measuredCount / divisor)
        plan.preloadedCount = totalCount - plan.measuredCount
        return plan
    }
}
