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
    let job: String
    let fold: StreamFold<JobMachine>
    let state: Folded<JobState>
    let reading: JobItems<Item>
    let policy: JobPolicy
    let sender: ItemSender
    let send: @Sendable (Item, Attempt) async throws -> SendOutcome

    /// Items that wait before no new one is begun.
    static var waitingCountMax: Int { 16_384 }
    /// How often a run looks for what people decided about its job.
    static var controlInterval: TimeSpan { .milliseconds(100) }

    /// What a child task of a run ends with.
    enum Signal: Sendable {
        case fed
        case taken([Item], FeedEnd?)
        case moved(JobEntry<Item>, Result<ItemSender.Move, EngineError<ItemRefusal>>)
        case tick
        case control(Folded<JobState>)
        case settled
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
            do throws(JobError) {
                try await books.keep(&group)
            } catch {
                books.failure = error
            }
            feed.finish(.stopped)
            group.cancelAll()
            while let signal = await group.next() { books.takeLast(signal) }
            return await books.close()
        }
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
    let content: [UInt8]
    /// The item as it was seen last; nil for one that was not looked at.
    var known: KnownItem?
    /// Whether its holders were lost more than once, so that it is sent alone until it is over.
    var isSuspect = false
    /// The retry's instant that it has waited for.
    var waitedFor: Timestamp?

    init(item: Item, number: Int64, key: ItemKey, content: [UInt8]) {
        self.item = item
        self.number = number
        self.key = key
        self.content = content
    }

    /// What the key stands for.
    var digest: ContentDigest { ContentDigest(type: "item", content: content.span.bytes) }

    /// The key as a number, for sets of many: FNV-1a over its bytes.
    static func number(of key: ItemKey) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}

/// What was seen of an item: a class, so that items which are only passed over stay small.
final class KnownItem: Sendable {
    let folded: Folded<ItemState>

    init(_ folded: Folded<ItemState>) {
        self.folded = folded
    }
}
