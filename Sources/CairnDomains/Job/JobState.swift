public import CairnCore

/// What the events of a job amount to.
public struct JobState: Hashable, Sendable {
    public internal(set) var name: String?
    public internal(set) var openedAt: Timestamp?
    public internal(set) var runCount: UInt64 = 0
    /// Runs that have not said that they ended, at most the latest ``openRunCountMax``; their
    /// workers may be gone.
    public internal(set) var openRuns: [JobRun] = []
    /// The latest run that was open and is not kept any more; 0 for none.
    public internal(set) var forgottenRun: UInt64 = 0
    public internal(set) var lastEnd: JobRunEnd?
    public internal(set) var lastEndedAt: Timestamp?
    public internal(set) var pause: JobDecision?
    public internal(set) var cancellation: JobDecision?
    /// Blocks of items whose outcomes are all known, by their number.
    public internal(set) var blocks: [Int64: JobBlock] = [:]
    /// Keys of items that failed after they were done, with the sequence of the event that said
    /// so, until a run has looked at them and settled their block.
    public internal(set) var reopened: [ItemKey: SequenceNumber] = [:]
    /// Facts that came where they should not have: kept, and otherwise without effect (law 6).
    public internal(set) var anomalyCount: UInt64 = 0
    public internal(set) var eventCount: UInt64 = 0

    /// Most open runs that are kept: each run that is killed leaves one.
    public static let openRunCountMax = 256

    public init() {}

    func requireKnown() throws(JobRefusal) {
        guard name != nil else { throw .unknown }
    }

    /// Whether a run may say that it ended: one that is open, or that may be and is not kept.
    func mayEnd(_ number: UInt64) -> Bool {
        if number > 0, number <= forgottenRun { return true }
        return openRuns.contains { $0.number == number }
    }

    /// Whether any of the keys is still reopened as it was when the run began.
    func isReopened(in looked: JobReopenings) -> Bool {
        looked.keys.contains { key in reopened[key].map { $0 <= looked.seen } ?? false }
    }

    mutating func take(_ run: JobRun, at instant: Timestamp) {
        if run.number != runCount &+ 1 { anomalyCount &+= 1 }
        name = name ?? run.job
        openedAt = openedAt ?? instant
        runCount = max(runCount, run.number)
        openRuns.append(run)
        guard openRuns.count > Self.openRunCountMax else { return }
        forgottenRun = max(forgottenRun, openRuns.removeFirst().number)
    }

    /// Strikes out what a run knew to be reopened and has looked at; what was reopened since
    /// then stays.
    mutating func close(_ looked: JobReopenings) {
        for key in looked.keys {
            guard let place = reopened[key], place <= looked.seen else { continue }
            reopened[key] = nil
        }
    }
}
