public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnJournal

/// How a job treats its items, and when it stops.
public struct JobPolicy: Sendable {
    public var item: ItemPolicy
    /// Items that are sent at once.
    public var concurrency: Int
    /// When no further item is begun; nil for never.
    public var deadline: Timestamp?
    /// Whether the job waits for a person once an item's tries are used up, instead of going on.
    public var pausesWhenGivenUp: Bool
    /// How long a graceful shutdown waits for sends that are on their way, before it cancels
    /// them and leaves them in doubt.
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

/// How a job's items are read: what names each, and what it stands for.
public struct JobItems<Item: Sendable>: Sendable {
    let key: @Sendable (Item) -> String
    let content: @Sendable (Item) -> [UInt8]
    let message: (@Sendable (Item) -> InteractionMessage)?

    /// Describes items.
    ///
    /// - Parameters:
    ///   - key: The idempotency key of an item, the same in every run.
    ///   - content: What the item says beside its key, in bytes that are the same in every run;
    ///     an item of a known key and another content was changed, and is not sent. By default
    ///     nothing is compared.
    ///   - message: For items that are interactions: what is said, and to whom.
    public init(
        key: @escaping @Sendable (Item) -> String,
        content: @escaping @Sendable (Item) -> [UInt8] = { _ in [] },
        message: (@Sendable (Item) -> InteractionMessage)? = nil
    ) {
        self.key = key
        self.content = content
        self.message = message
    }
}

/// What a run of a job came to.
public struct JobReport: Hashable, Sendable {
    public var job: String
    public var run: UInt64
    public var ending: JobEnding
    public var counts: JobCounts
    /// Keys of items in doubt that are parked, with why; at most ``listCountMax``.
    public var parked: [String: String] = [:]
    /// Keys of items that failed for good, with why; at most ``listCountMax``.
    public var failed: [String: String] = [:]
    /// Keys whose content is another than before; at most ``listCountMax``.
    public var changed: [String] = []
    /// Keys that earlier runs knew and this one was not offered; at most ``listCountMax``.
    public var missing: [String] = []

    /// Most keys in each list; the counts have all.
    public static let listCountMax = 1_000
}

/// Why a job was not run, or not to its end.
public enum JobError: Error, Hashable, Sendable {
    /// The job's rules refuse it: above all a job that was cancelled.
    case refused(JobRefusal)
    /// An item's text cannot be a key; items before it were taken.
    case key(itemNumber: Int64, ItemKeyError)
    /// The sequence of items ended with an error; items before it were taken.
    case items(String)
    /// An item's rules refused what should not be.
    case item(ItemRefusal)
    case journal(JournalError)
    case unreadable(position: Position, error: EventCodecError)
}

extension JobError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .key(let number, let error): "item \(number): \(error)"
        case .items(let reason): "the items ended with an error: \(reason)"
        case .item(let refusal): refusal.description
        case .journal(let error): error.description
        case .unreadable(let position, let error): "position \(position): \(error)"
        }
    }

    init(_ error: EngineError<JobRefusal>) {
        self =
            switch error {
            case .refused(let refusal): .refused(refusal)
            case .journal(let error): .journal(error)
            case .unreadable(let position, let error): .unreadable(position: position, error: error)
            }
    }

    init(_ error: EngineError<ItemRefusal>) {
        self =
            switch error {
            case .refused(let refusal): .item(refusal)
            case .journal(let error): .journal(error)
            case .unreadable(let position, let error): .unreadable(position: position, error: error)
            }
    }
}
