public import CairnCore
public import CairnDomains

/// One job as a listing shows it.
public struct JobRow: Hashable, Sendable {
    public let name: String
    public let standing: JobStanding
    /// When its first run began.
    public let openedAt: Timestamp?
    public let runCount: UInt64
    /// The last run that said how it ended.
    public let lastEnd: JobRunEnd?
    public let lastEndedAt: Timestamp?
    /// Why no item begins, and who decided it; nil while some may.
    public let pause: JobDecision?
    public let cancellation: JobDecision?
    /// Facts about the job that came where they should not have.
    public let anomalyCount: UInt64
}

/// What a job is doing, in one word.
public enum JobStanding: String, Hashable, Sendable, CaseIterable {
    /// A run is open, and its worker lives or nobody can say.
    case running
    /// The last run is open, and its worker is gone.
    case interrupted
    case paused
    case finished
    /// Nothing runs: the last run was told to stop.
    case stopped
    case cancelled
    case deadline
    /// Nothing runs: the sequence of items ended with an error.
    case itemsFailed = "items_failed"
    /// An error ended the last run.
    case failed

    init(_ ending: JobEnding) {
        switch ending {
        case .finished: self = .finished
        case .stopped: self = .stopped
        case .cancelled: self = .cancelled
        case .deadline: self = .deadline
        case .itemsFailed: self = .itemsFailed
        case .failed: self = .failed
        }
    }
}

/// One run of a job.
public struct JobRunLine: Hashable, Sendable {
    public let number: UInt64
    public let worker: WorkerNumber
    public let beganAt: Timestamp
    public internal(set) var endedAt: Timestamp?
    /// How many items it had to go over; nil where its sequence did not know.
    public internal(set) var itemCount: Int64?
    /// How it ended and what it had seen; nil while it has not said so.
    public internal(set) var end: JobRunEnd?
    /// Whether the worker of an open run lives; nil for one that ended, or where nobody can say.
    public internal(set) var isAlive: Bool?
}

/// A decision about a job as a whole, with its instant.
public struct JobDecisionLine: Hashable, Sendable {
    /// What was decided.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case paused
        case resumed
        case cancelled
    }

    public let kind: Kind
    public let decidedAt: Timestamp
    public let decision: JobDecision
}

/// How many items came to an outcome in a span of time.
public struct JobRate: Hashable, Sendable {
    public let outcomeCount: Int
    public let span: TimeSpan

    public init(outcomeCount: Int, span: TimeSpan) {
        self.outcomeCount = outcomeCount
        self.span = span
    }

    /// Outcomes a second as a decimal number with up to three digits after the point, cut and not
    /// rounded; nil without a span.
    public var perSecondText: String? {
        guard span > .zero else { return nil }
        let thousandths = Int128(outcomeCount) * 1_000_000_000_000 / Int128(span.nanoseconds)
        return TimeSpan.milliseconds(Int64(clamping: thousandths)).secondsText
    }

    /// How long a number of items takes at this rate; nil where none came to an outcome.
    func time(for count: Int64) -> TimeSpan? {
        guard outcomeCount > 0, count >= 0, span > .zero else { return nil }
        let nanoseconds = Int128(span.nanoseconds) * Int128(count) / Int128(outcomeCount)
        return TimeSpan(nanoseconds: Int64(clamping: nanoseconds))
    }
}

/// One job with its runs and its items.
public struct JobSight: Hashable, Sendable {
    /// Most items in doubt that are shown one by one.
    public static let doubtCountMax = 100

    public let row: JobRow
    /// In the order in which they began.
    public let runs: [JobRunLine]
    public let decisions: [JobDecisionLine]
    /// Items by the word of their verdict, in the order of `KeyVerdict.words`: always those that
    /// last, the others where there are such items.
    public let itemCounts: [ItemCount]
    /// Items of which nobody knows whether they were sent, the longest in doubt first.
    public let doubts: [ItemRow]
    /// Outcomes in the last minute of a job that runs, or over the last run of one that does not.
    public let rate: JobRate?
    /// How many items the job has, by the latest run that knew.
    public let offeredCount: Int64?
    /// How long the items without an end will take at that rate, while the job runs.
    ///
    /// Items that another job or a dispatch began have an end as far as the job's runs say so.
    public let timeLeft: TimeSpan?

    /// How many items have one verdict.
    public struct ItemCount: Hashable, Sendable {
        public let verdict: String
        public let count: Int64
    }
}
