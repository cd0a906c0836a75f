internal import CairnCore
internal import CairnDomains
internal import ServiceLifecycle

/// What a run is asked for, beside its sequence of items.
struct JobPlan<Item: Sendable>: Sendable {
    let job: String
    /// What the job's items are known by in the table of keys.
    let jobMark: UInt64
    let reading: JobItems<Item>
    let policy: JobPolicy
    /// How many items the sequence has, where it knows.
    let itemCount: Int64?
    let progress: (@Sendable (JobProgress) -> Void)?
    let send: @Sendable (Item, Attempt) async throws -> SendOutcome

    init(
        _ job: String,
        _ reading: JobItems<Item>,
        _ policy: JobPolicy,
        itemCount: Int64?,
        _ progress: (@Sendable (JobProgress) -> Void)?,
        _ send: @escaping @Sendable (Item, Attempt) async throws -> SendOutcome
    ) {
        self.job = job
        jobMark = KeyedRequest.jobMark(ofJob: job)
        self.reading = reading
        self.policy = policy
        self.itemCount = itemCount
        self.progress = progress
        self.send = send
    }
}

extension JobPolicy {
    /// The policy with another number of items that are sent at once, if one is given.
    func with(_ concurrency: Int?) -> JobPolicy {
        var policy = self
        if let concurrency { policy.concurrency = concurrency }
        return policy
    }
}

extension Sequence {
    /// How many items there are, where the sequence can say so without being gone through.
    var knownCount: Int64? {
        guard self is any Collection else { return nil }
        // One that would have to be gone through, such as a joined one, says 0.
        let count = underestimatedCount
        return count > 0 ? Int64(count) : nil
    }
}

extension FeedEnd {
    /// Why the sequence that this task goes through gives no further item: one that ends when it
    /// is told to stop may have had more.
    static var whereNoneIsLeft: FeedEnd {
        Task.isCancelled || Task.isShuttingDownGracefully ? .stopped : .complete
    }
}
