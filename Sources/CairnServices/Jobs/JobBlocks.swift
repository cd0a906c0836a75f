internal import CairnCore
internal import CairnDomains

/// The blocks of a run's items: which are settled, and which are becoming so.
///
/// A block that an earlier run has settled is passed over if its items are the same again, at the
/// cost of one digest and without a look at their keys. What failed after its block was settled
/// is known to the job and is looked at all the same.
struct JobBlocks<Item: Sendable> {
    /// What to do with an item.
    enum Taking {
        /// Look at its key.
        case look
        /// Wait for the rest of its block.
        case hold
        /// The block is as it was settled: all of its items are passed over.
        case pass(JobBlock)
        /// The block is another than the one that was settled; its items from a number on.
        case lookAtAll(first: Int64, [Item])
    }

    private struct Open {
        var digest: ContentDigest?
        var unsettledCount = JobBlock.itemCount
        var doneCount: Int64 = 0
        var failedCount: Int64 = 0
        var isLeft = false
    }

    private let settled: [Int64: JobBlock]
    private let reopened: Set<ItemKey>
    private var open: [Int64: Open] = [:]
    /// Items that wait for the rest of their block, and the number of the first.
    private var held: [Item] = []
    private var heldFirst: Int64 = 0
    private var holdsReopened = false
    private var bytes = ByteWriter()

    init(_ state: JobState, rule: SkipRule) {
        // Under a rule that tries failures again, blocks that have some are looked at.
        settled = state.blocks.filter { rule != .unlessFailed || $0.value.failedCount == 0 }
        reopened = state.reopened
    }

    /// Takes the next item of the sequence.
    mutating func take(
        _ item: Item,
        _ number: Int64,
        _ key: ItemKey,
        _ content: [UInt8]
    ) -> Taking {
        let place = number % Int64(JobBlock.itemCount)
        if place == 0 { bytes.removeAll() }
        bytes.text(key.name)
        bytes.blob(content)
        let isLast = place + 1 == Int64(JobBlock.itemCount)
        guard let block = settled[number / Int64(JobBlock.itemCount)] else {
            if isLast {
                open[number / Int64(JobBlock.itemCount), default: Open()].digest = digest()
            }
            return .look
        }
        if held.isEmpty { (heldFirst, holdsReopened) = (number, false) }
        held.append(item)
        if !reopened.isEmpty, reopened.contains(key) { holdsReopened = true }
        guard isLast else { return .hold }
        let isKnown = block.digest == digest()
        let (first, items) = takeHeld()
        if isKnown, !holdsReopened { return .pass(block) }
        // Settled blocks are not settled anew: what is in them is looked at in each run.
        return .lookAtAll(first: first, items)
    }

    /// Hands over the items that waited for the rest of their block, and the first one's number.
    mutating func takeHeld() -> (first: Int64, items: [Item]) {
        defer {
            held = []
            held.reserveCapacity(JobBlock.itemCount)
        }
        return (heldFirst, held)
    }

    /// Counts an item whose outcome is known; the block, if that was the last of it.
    mutating func settle(_ number: Int64, isDone: Bool) -> JobBlock? {
        let block = number / Int64(JobBlock.itemCount)
        guard settled[block] == nil else { return nil }
        var counts = open[block, default: Open()]
        counts.unsettledCount -= 1
        if isDone { counts.doneCount += 1 } else { counts.failedCount += 1 }
        open[block] = counts
        guard counts.unsettledCount == 0, !counts.isLeft, let digest = counts.digest else {
            return nil
        }
        open[block] = nil
        return JobBlock(
            number: block,
            digest: digest,
            doneCount: counts.doneCount,
            failedCount: counts.failedCount
        )
    }

    /// Leaves an item's block open: its outcome is not known.
    mutating func leave(_ number: Int64) {
        open[number / Int64(JobBlock.itemCount), default: Open()].isLeft = true
    }

    private func digest() -> ContentDigest {
        ContentDigest(type: "block", content: bytes.bytes.span.bytes)
    }
}
