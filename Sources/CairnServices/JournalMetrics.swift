public import CairnJournal
public import CoreMetrics

/// What a journal's writer does, through swift-metrics.
///
/// ```swift
/// let metrics = JournalMetrics()
/// configuration.onCommit = metrics.record
/// configuration.onReaders = metrics.record
/// ```
///
/// `cairn_appends` counts events, `cairn_commits` flushes, `cairn_commit_latency` times the
/// commits, flushes included, and `cairn_batch_turns` records how many callers shared each.
/// `cairn_oldest_reader_seconds` is how long the oldest view of another process has been seen to
/// keep the file from using its pages again; 0 where none does.
///
/// Three more gauges take what an ``OperatingBoard`` looked up, as ``OperatingGauges`` does it by the
/// clock: `cairn_events_last_day`, `cairn_metadata_bytes` and `cairn_stuck_requests`.
public struct JournalMetrics: Sendable {
    private let appends: Counter
    private let commits: Counter
    private let latency: Timer
    private let turns: Recorder
    private let oldestReader: Gauge
    private let eventsOfLastDay: Gauge
    private let metadataBytes: Gauge
    private let stuckRequests: Gauge

    /// Makes the metrics; by default in the system that swift-metrics was set up with.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        appends = Counter(label: "cairn_appends", factory: factory)
        commits = Counter(label: "cairn_commits", factory: factory)
        latency = Timer(label: "cairn_commit_latency", factory: factory)
        turns = Recorder(label: "cairn_batch_turns", factory: factory)
        oldestReader = Gauge(label: "cairn_oldest_reader_seconds", factory: factory)
        eventsOfLastDay = Gauge(label: "cairn_events_last_day", factory: factory)
        metadataBytes = Gauge(label: "cairn_metadata_bytes", factory: factory)
        stuckRequests = Gauge(label: "cairn_stuck_requests", factory: factory)
    }

    /// Takes one commit.
    public func record(_ commit: CommitFacts) {
        appends.increment(by: commit.eventCount)
        commits.increment()
        latency.recordNanoseconds(commit.commitNanoseconds)
        turns.record(commit.turnCount)
    }

    /// Takes what a writer saw of the views of other processes.
    public func record(_ readers: ReaderFacts) {
        oldestReader.record(Double(readers.oldestNanoseconds) / 1e9)
    }

    /// Takes what someone has looked up of the journal as a whole.
    public func record(_ numbers: OperatingNumbers) {
        eventsOfLastDay.record(Double(numbers.eventCountOfLastDay))
        if let count = numbers.metadataByteCount { metadataBytes.record(Double(count)) }
        if let count = numbers.stuckCount { stuckRequests.record(Double(count)) }
    }
}
