internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging
internal import ServiceLifecycle

/// One worker's pass over the items of a job.
///
/// One task keeps the books; each item that is sent has a task of its own, of which at most the
/// policy's number run at once. Items that wait, for a retry or for another holder, are kept by
/// when to look again, and no more than ``waitingCountMax`` of them before new ones are taken.
struct JobRun<Item: Sendable>: Sendable {
    let plan: JobPlan<Item>
    let fold: StreamFold<JobMachine>
    /// The job right after the run began.
    let state: Folded<JobState>
    let sender: ItemSender
    let keyTable: KeyTable
    let onLook: @Sendable (Int) -> Void

    var job: String { plan.job }
    var policy: JobPolicy { plan.policy }

    /// Items that wait before no new one is begun.
    static var waitingCountMax: Int { 16_384 }
    /// Items that are looked at before it is seen again what can be sent.
    static var lookCountMax: Int { 64 }
    /// How often a run looks for what people decided about its job, and says how far it is.
    static var controlInterval: TimeSpan { .milliseconds(100) }

    /// What a child task of a run ends with.
    enum Signal: Sendable {
        case fed
        case taken([Item], FeedEnd?)
        /// Items that were looked at, and why those behind them were not.
        case looked([JobEntry<Item>], JobError?)
        case moved(JobEntry<Item>, Result<ItemSender.Move, EngineError<ItemRefusal>>)
        /// A wait is over, known by its number.
        case tick(UInt64)
        case control(Folded<JobState>)
        /// What was to be written down is, or need not be.
        case written
        case failed(JobError)
        case shutdown
        /// The time that a shutdown leaves for sends on their way is over.
        case drained
        case cancelled
    }

    /// Runs to the end.
    ///
    /// - Parameter supply: Puts the items into a feed, and says how the sequence ended.
    /// - Returns: What became of the items.
    /// - Throws: ``JobError``.
    func run(
        _ supply: @escaping @Sendable (ItemFeed<Item>) async -> FeedEnd
    ) async throws(JobError) -> JobReport {
        let feed = ItemFeed<Item>()
        let result = await withTaskGroup(of: Signal.self) {
            group -> Result<JobReport, JobError> in
            group.addTask {
                feed.finish(await supply(feed))
                return .fed
            }
            group.addTask {
                do { try await gracefulShutdown() } catch { return .cancelled }
                return .shutdown
            }
            var books = JobBooks(self, feed)
            await books.keep(&group)
            feed.finish(.stopped)
            group.cancelAll()
            while let signal = await group.next() { books.takeLast(signal) }
            return await books.close()
        }
        await keyTable.store()
        return try result.get()
    }
}

/// An item of a run that is not over.
struct JobEntry<Item: Sendable>: Sendable {
    let item: Item
    /// Counted from 0, in the order the sequence gave them.
    let number: Int64
    let key: ItemKey
    /// What the item says beside its key.
    let content: ItemContent
    /// The item as it was seen last; nil for one that was not looked at.
    var known: KnownItem?
    /// Whether it was seen to be done, with the content that it has here.
    var isKnownDone = false
    /// What its own events say became of it, as far as they say it.
    var end: ItemEnd?
    /// Whether this run has sent it.
    var isTried = false
    /// Whether its holders were lost more than once, so that it is sent alone until it is over.
    var isSuspect = false
    /// The retry's instant that it has waited for.
    var waitedFor: Timestamp?

    init(item: Item, number: Int64, key: ItemKey, _ content: [UInt8]) {
        self.item = item
        self.number = number
        self.key = key
        self.content = ItemContent(content)
    }
}

/// What was seen of an item: a class, so that items which are only passed over stay small.
final class KnownItem: Sendable {
    let folded: Folded<ItemState>

    init(_ folded: Folded<ItemState>) {
        self.folded = folded
    }

    /// Of which nothing is known: also where something came since, never wrong but old.
    static let fresh = KnownItem(Folded(state: ItemMachine().initial))
}
