public import CairnCore

/// How a job treats its items, and when it stops.
public struct JobPolicy: Sendable {
    public var item: ItemPolicy
    /// Items that are sent at once; at least 1, whatever is set.
    public var concurrency: Int { didSet { concurrency = max(concurrency, 1) } }
    /// When no further item is begun; nil for never.
    public var deadline: Timestamp?
    /// Whether the job waits for a person once an item fails in its run and is not tried again,
    /// instead of going on.
    public var pausesWhenGivenUp: Bool
    /// How long a run that ends by a graceful shutdown, or by an error, waits for sends that are
    /// on their way, before it cancels them and leaves them in doubt.
    public var drainMax: TimeSpan

    public static let standard = JobPolicy()

    public init(
        item: ItemPolicy = .standard,
        concurrency: Int = 64,
        deadline: Timestamp? = nil,
        pausesWhenGivenUp: Bool = false,
        drainMax: TimeSpan = .seconds(30)
    ) {
        self.item = item
        self.concurrency = max(concurrency, 1)
        self.deadline = deadline
        self.pausesWhenGivenUp = pausesWhenGivenUp
        self.drainMax = drainMax
    }
}
