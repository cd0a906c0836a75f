internal import CairnCore
internal import CairnDomains

/// The blocks of a run's items: which are settled, and which are becoming so.
///
/// A block that an earlier run has settled is passed over if its items are the same again, at the
/// cost of one digest and without a look at their keys. One that has changed, or of which an item
/// failed after it was settled, is looked at item by item and settled anew.
struct JobBlocks: Sendable {
    /// What to do with an item.
    enum Taking {
        /// Look at its key.
        case look
        /// Wait for the rest of its block.
        case hold
        /// The block is as it was settled: all of its items are passed over.
        case pass(JobBlock)
        /// The block is another than the one that was settled: all items that waited are looked at.
        case lookAtHeld
    }

    private struct Open {
        var digest: ContentDigest?
        var unsettledCount = JobBlock.itemCount
        var doneCount: Int64 = 0
        var failedCount: Int64 = 0
        var foreignCount: Int64 = 0
        var isLeft = false
        var reopened: [ItemKey] = []
    }

    /// Bytes of a block that are kept before they make place for their digest.
    private static var byteCountMax: Int { 65_536 }

    private let settled: [Int64: JobBlock]
    /// What was reopened when the run began; the blocks that are settled from then on say that
    /// it was looked at.
    private let reopened: Set<ItemKey>
    private let seen: SequenceNumber
    private var open: [Int64: Open] = [:]

    /// The block of the item taken last, as it was settled; nil for one that is looked at.
    private var current: JobBlock?
    /// What of it was reopened.
    private var currentReopened: [ItemKey] = []
    private var bytes = ByteWriter()
    /// The first item that waits for the rest of its block; nil where none does.
    private(set) var heldFirst: Int64?

    init(_ state: JobState, seen: SequenceNumber, rule: SkipRule) {
        settled = state.blocks.filter { _, block in
            // Of what another began this job is not told when it fails; and under a rule that
            // tries failures again they are looked at.
            block.foreignCount == 0 && (rule != .unlessFailed || block.failedCount == 0)
                && block.isWhole
        }
        reopened = Set(state.reopened.keys)
        self.seen = seen
    }

    /// Takes the next item of the sequence.
    mutating func take(_ number: Int64, _ key: ItemKey, _ content: [UInt8]) -> Taking {
        let (block, place) = number.quotientAndRemainder(dividingBy: Int64(JobBlock.itemCount))
        if place == 0 { begin(block, number) }
        add(key, content)
        if !reopened.isEmpty, reopened.contains(key) { currentReopened.append(key) }
        let isLast = place + 1 == Int64(JobBlock.itemCount)
        guard heldFirst != nil else {
            if isLast { close(block) }
            return .look
        }
        guard isLast else { return .hold }
        heldFirst = nil
        if let known = current, currentReopened.isEmpty, known.digest == digest() {
            return .pass(known)
        }
        close(block)
        return .lookAtHeld
    }

    /// Lets no further item of the block wait: what comes of it from now on is looked at, too.
    mutating func release() { heldFirst = nil }

    private mutating func begin(_ block: Int64, _ number: Int64) {
        bytes.removeAll()
        currentReopened = []
        current = settled[block]
        heldFirst = current == nil ? nil : number
    }

    private mutating func add(_ key: ItemKey, _ content: [UInt8]) {
        bytes.text(key.name)
        bytes.blob(content)
        guard bytes.byteCount >= Self.byteCountMax else { return }
        let digest = digest()
        bytes.removeAll()
        // No item begins like this, because no key is empty.
        bytes.text("")
        bytes.raw(digest.bytes)
    }

    /// Counts an item of which it is known what became; the block, if that was the last of it.
    mutating func settle(
        _ number: Int64,
        _ end: ItemEnd
    ) -> (block: JobBlock, looked: JobReopenings)? {
        let block = number / Int64(JobBlock.itemCount)
        var counts = open[block, default: Open()]
        counts.unsettledCount -= 1
        if end.isDone { counts.doneCount += 1 } else { counts.failedCount += 1 }
        if !end.isOwn { counts.foreignCount += 1 }
        open[block] = counts
        guard counts.unsettledCount == 0, !counts.isLeft, let digest = counts.digest else {
            return nil
        }
        open[block] = nil
        let settled = JobBlock(
            number: block,
            digest: digest,
            doneCount: counts.doneCount,
            failedCount: counts.failedCount,
            foreignCount: counts.foreignCount
        )
        guard !counts.reopened.isEmpty else { return (settled, JobReopenings()) }
        return (settled, JobReopenings(keys: counts.reopened, seen: seen))
    }

    /// Leaves an item's block open: its own events do not say that nothing is to be done for it.
    mutating func leave(_ number: Int64) {
        open[number / Int64(JobBlock.itemCount), default: Open()].isLeft = true
    }

    /// Notes what the items of a block are, once all of them are there.
    private mutating func close(_ block: Int64) {
        open[block, default: Open()].digest = digest()
        open[block, default: Open()].reopened = currentReopened
    }

    private func digest() -> ContentDigest {
        ContentDigest(type: "block", content: bytes.bytes.span.bytes)
    }
}

extension JobBlock {
    /// Whether its counts are those of a block; stored ones may be anything.
    fileprivate var isWhole: Bool {
        let count = Int64(Self.itemCount)
        return (0...count).contains(doneCount) && failedCount == count - doneCount
    }
}

/// What an item's own events say became of it.
struct ItemEnd: Sendable {
    /// Whether the provider has it; or else it failed for good.
    let isDone: Bool
    /// Whether the job of the run began it.
    let isOwn: Bool
}
