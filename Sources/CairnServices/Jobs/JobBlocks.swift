internal import CairnCore
internal import CairnDomains

/// The blocks of a run's items: which are settled, and which are becoming so.
///
/// A block that an earlier run has settled is passed over if its items are the same again, at the
/// cost of one digest and without a look at their keys. One that has changed, or of which an item
/// failed after it was settled, is looked at item by item and settled anew.
struct JobBlocks<Item: Sendable> {
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

    private var settled: [Int64: JobBlock]
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
    /// Items that wait for the rest of their block, and the number of the first.
    private var held: [Item] = []
    private var heldFirst: Int64 = 0

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

    /// Whether items wait for the rest of their block.
    var isHolding: Bool { !held.isEmpty }

    /// Takes the next item of the sequence.
    mutating func take(
        _ item: Item,
        _ number: Int64,
        _ key: ItemKey,
        _ content: ItemContent
    ) -> Taking {
        let (block, place) = number.quotientAndRemainder(dividingBy: Int64(JobBlock.itemCount))
        if place == 0 {
            bytes.removeAll()
            currentReopened = []
            current = settled[block]
            heldFirst = number
        }
        bytes.add(key, content)
        if !reopened.isEmpty, reopened.contains(key) { currentReopened.append(key) }
        let isLast = place + 1 == Int64(JobBlock.itemCount)
        if current == nil {
            if isLast { close(block) }
            return .look
        }
        held.append(item)
        guard isLast else { return .hold }
        if let known = current, currentReopened.isEmpty, known.digest == digest() {
            held.removeAll(keepingCapacity: true)
            return .pass(known)
        }
        close(block)
        return .lookAtHeld
    }

    /// Hands over the items that wait for the rest of their block, and the first one's number;
    /// what comes of the block from now on is looked at, too.
    mutating func takeHeld() -> (first: Int64, items: [Item]) {
        defer { held.removeAll(keepingCapacity: true) }
        if let current, !held.isEmpty { settled[current.number] = nil }
        current = nil
        return (heldFirst, held)
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

extension ByteWriter {
    /// Adds an item; a digest stands behind a length that no short content has.
    fileprivate mutating func add(_ key: ItemKey, _ content: ItemContent) {
        text(key.name)
        switch content {
        case .short(let bytes): blob(bytes)
        case .long(let byteCount, let digest):
            variable(UInt64(byteCount))
            raw(digest.bytes)
        }
    }
}
