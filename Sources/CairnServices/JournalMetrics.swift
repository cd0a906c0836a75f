internal import CoreMetrics
public import CairnJournal

/// What a journal's writer does, through swift-metrics.
///
/// ```swift
/// let metrics = JournalMetrics()
/// configuration.onCommit = metrics.record
/// ```
///
/// `cairn_appends` counts events, `cairn_commits` flushes, `cairn_commit_latency` times the
/// commits, flushes included, and `cairn_batch_turns` records how many callers shared each.
public struct JournalMetrics: Sendable {
    private let appends = Counter(label: "cairn_appends")
    private let commits = Counter(label: "cairn_commits")
    private let latency = Timer(label: "cairn_commit_latency")
    private let turns = Recorder(label: "cairn_batch_turns")
    private let oldestReader = Gauge(label: "cairn_oldest_reader_seconds")

    /// Makes the metrics in the system that swift-metrics was set up with.
    public init() {}

    /// Takes one commit.
    public func record(_ commit: CommitFacts) {
        appends.increment(by: commit.eventCount)
        commits.increment()
        latency.recordNanoseconds(commit.commitNanoseconds)
        turns.record(commit.turnCount)
    }

    /// Takes the age of the oldest view that another process holds open, in seconds; 0 for none:
    /// `cairn_oldest_reader_seconds`.
    public func recordOldestReader(seconds: Double) {
        oldestReader.record(seconds)
    }
}
