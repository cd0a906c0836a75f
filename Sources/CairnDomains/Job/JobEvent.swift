public import CairnCore

/// Something that happened to a job as a whole.
public struct JobEvent: Hashable, Sendable {
    public let at: Timestamp
    public let fact: Fact

    public init(_ fact: Fact, at: Timestamp) {
        self.fact = fact
        self.at = at
    }

    /// What happened.
    public enum Fact: Hashable, Sendable {
        case runBegan(JobRun)
        case runEnded(JobRunEnd)
        /// A block was settled, by a run that has looked at what of it had been reopened.
        case blockSettled(JobBlock, JobReopenings = JobReopenings())
        case itemReopened(ItemKey)
        case paused(JobDecision)
        case resumed(JobDecision)
        case cancelled(JobDecision)
    }
}

/// One worker's pass over the items of a job.
public struct JobRun: Hashable, Sendable {
    /// Counted from 1 within the job.
    public var number: UInt64
    public var worker: WorkerNumber
    public var job: String
    /// How many items it is to go over; nil where the sequence did not know.
    public var itemCount: Int64?

    public init(number: UInt64, worker: WorkerNumber, job: String, itemCount: Int64? = nil) {
        self.number = number
        self.worker = worker
        self.job = job
        self.itemCount = itemCount
    }
}

/// How a run ended, and what it had seen by then.
public struct JobRunEnd: Hashable, Sendable {
    public var number: UInt64
    public var ending: JobEnding
    public var counts: JobCounts
    /// How many items the sequence has; nil where it did not know and was not read to its end.
    public var itemCount: Int64?

    public init(
        number: UInt64,
        ending: JobEnding,
        counts: JobCounts,
        itemCount: Int64? = nil
    ) {
        self.number = number
        self.ending = ending
        self.counts = counts
        self.itemCount = itemCount
    }
}

/// Why a run ended.
public enum JobEnding: UInt8, Hashable, Sendable, CaseIterable {
    /// Every item was offered and looked at to its end.
    case finished = 1
    /// The service that runs it was told to stop; the rest is for another run.
    case stopped
    case cancelled
    case deadline
    /// The sequence of items ended with an error.
    case itemsFailed
    /// An error of the journal, or of the items' rules, ended it; what was begun may be in doubt.
    case failed

    /// The ending in one word.
    public var word: String {
        switch self {
        case .finished: "finished"
        case .stopped: "stopped"
        case .cancelled: "cancelled"
        case .deadline: "deadline"
        case .itemsFailed: "items_failed"
        case .failed: "failed"
        }
    }
}

/// The items of a run by what became of them.
public struct JobCounts: Hashable, Sendable {
    /// Items that the sequence gave.
    public var offered: Int64 = 0
    /// Taken by the provider in this run.
    public var sent: Int64 = 0
    /// Taken by the provider before it.
    public var done: Int64 = 0
    /// Failed for good, in this run or before it.
    public var failed: Int64 = 0
    /// In doubt, and parked for a person.
    public var parked: Int64 = 0
    /// Known under the same key with other content, and not sent.
    public var changed: Int64 = 0
    /// Known from earlier runs, and not offered by this one.
    public var missing: Int64 = 0
    /// Offered, and left for another run.
    public var left: Int64 = 0
    /// Of those that were offered, the ones under whose keys nothing had ever begun; they are
    /// counted once more by what became of them.
    public var new: Int64 = 0

    public init() {}
}

/// A person's or a policy's decision about a job.
public struct JobDecision: Hashable, Sendable {
    public var by: String
    public var reason: String

    public init(by: String, reason: String) {
        self.by = by
        self.reason = reason
    }
}

/// A run of items, in the order they were offered, whose outcomes are all known.
///
/// A cache of what the items' own streams say: a later run that is offered the same items again
/// passes over them at the cost of one digest.
public struct JobBlock: Hashable, Sendable {
    /// Counted from 0; block `n` begins with item `n` times ``itemCount``.
    public var number: Int64
    /// SHA-256 over the keys and contents of its items.
    public var digest: ContentDigest
    public var doneCount: Int64
    public var failedCount: Int64
    /// Items of it that this job did not begin.
    ///
    /// Nobody tells this job when one of them fails after all, so a block that has some is looked
    /// at in every run.
    public var foreignCount: Int64

    /// Items in a block.
    public static let itemCount = 1_024

    public init(
        number: Int64,
        digest: ContentDigest,
        doneCount: Int64,
        failedCount: Int64,
        foreignCount: Int64 = 0
    ) {
        self.number = number
        self.digest = digest
        self.doneCount = doneCount
        self.failedCount = failedCount
        self.foreignCount = foreignCount
    }
}

/// Items of a block that were known to be reopened when a run began, which has looked at them
/// since then.
public struct JobReopenings: Hashable, Sendable {
    public var keys: [ItemKey]
    /// The last event of the job that the run knew when it began.
    public var seen: SequenceNumber

    public init(keys: [ItemKey] = [], seen: SequenceNumber = .zero) {
        self.keys = keys
        self.seen = seen
    }
}
