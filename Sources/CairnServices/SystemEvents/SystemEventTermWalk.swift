internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

/// A walk along the positions in some lists, the newest first, that can be gone on with.
struct TermWalk {
    typealias View = ProjectionView<SystemEventProjection>
    typealias Failure = EngineError<Never>

    private struct Block {
        let block: EventBlock
        let members: BlockMembers
    }

    /// The next blocks of one list.
    private struct List {
        let term: SystemEventTerm
        /// The newest is the last.
        var blocks: [Block] = []
        /// Where to read on; nil at the end.
        var next: EventBlock?
        var blockCount = 4
    }

    private var lists: [List]
    /// The last position of interest.
    private var end: Position
    private var spans = SpanMemory()
    private static let blockCountMax = 1_024

    init(_ terms: [SystemEventTerm], upTo end: Position) {
        self.end = end
        lists = terms.map { List(term: $0, next: EventBlock(containing: end)) }
    }

    /// The next positions, as many as there are of what is asked for.
    mutating func next(
        _ limit: Int,
        in times: EventTimes,
        _ view: View
    ) throws(Failure) -> [Position] {
        var found: [Position] = []
        while limit > found.count, end > .zero, let block = try newest(view) {
            var chosen: [Int64]?
            if times.isBounded {
                let span = try spans.span(of: block, in: view)
                if let span, !times.touches(span) {
                    guard let next = try view.newestBlock(in: times, upTo: block) else {
                        end = .zero
                        break
                    }
                    skip(behind: next)
                    continue
                }
                if span.map(times.covers) != true { chosen = try view.times(of: block) }
            }
            var members = takeMembers(of: block)
            // What was put back may be behind the end by now.
            guard block <= EventBlock(containing: end) else { continue }
            if block == EventBlock(containing: end) {
                members.cut(after: EventBlock.place(of: end))
            }
            let all = chosen == nil ? BlockMembers() : try view.members(of: block)
            members.forEachBackwards { place in
                if let chosen {
                    let rank = all.rank(of: place)
                    guard rank < chosen.count, times.contains(chosen[rank]) else { return true }
                }
                found.append(block[place])
                return found.count < limit
            }
            if found.count >= limit {
                end = found.last?.previous ?? .zero
                putBack(members, block)
            }
        }
        return found
    }

    /// The newest block that any of the lists has.
    private mutating func newest(_ view: View) throws(Failure) -> EventBlock? {
        var newest: EventBlock?
        for index in lists.indices {
            if lists[index].blocks.isEmpty { try Self.read(&lists[index], view) }
            if let block = lists[index].blocks.last?.block { newest = max(newest ?? block, block) }
        }
        return newest
    }

    private static func read(_ list: inout List, _ view: View) throws(Failure) {
        guard let start = list.next else { return }
        let term = list.term
        let countMax = list.blockCount
        var blocks: [Block] = []
        try view.forEach(
            inPrefix: view.rules.prefix(of: term),
            from: .members(term, start),
            .backwards
        ) { key, value in
            guard case .members(_, let block) = key, case .members(let members) = value else {
                return .stop
            }
            blocks.append(Block(block: block, members: members))
            return blocks.count < countMax ? .proceed : .stop
        }
        list.blockCount = min(2 * countMax, blockCountMax)
        list.next = nil
        if blocks.count == countMax, let last = blocks.last?.block, last.rawValue > 0 {
            list.next = EventBlock(rawValue: last.rawValue - 1)
        }
        list.blocks = blocks.reversed()
    }

    private mutating func takeMembers(of block: EventBlock) -> BlockMembers {
        var all = BlockMembers()
        for index in lists.indices where lists[index].blocks.last?.block == block {
            if let taken = lists[index].blocks.popLast() { all.formUnion(taken.members) }
        }
        return all
    }

    /// What is left of a block is gone on with, as if one of the lists had all of it.
    private mutating func putBack(_ members: BlockMembers, _ block: EventBlock) {
        lists[0].blocks.append(Block(block: block, members: members))
    }

    /// Leaves out all blocks behind one.
    private mutating func skip(behind block: EventBlock) {
        for index in lists.indices {
            while let last = lists[index].blocks.last, last.block > block {
                lists[index].blocks.removeLast()
            }
            if lists[index].blocks.isEmpty, let next = lists[index].next {
                lists[index].next = min(next, block)
            }
        }
    }
}

/// The node of spans that was looked into last.
private struct SpanMemory {
    private var node: UInt64?
    private var spans: [ChildSpan] = []

    /// The span of a block; nil for the one that events come to.
    mutating func span(
        of block: EventBlock,
        in view: ProjectionView<SystemEventProjection>
    ) throws(EngineError<Never>) -> EventSpan? {
        let parent = block.rawValue >> SystemEventProjection.fanoutBitCount
        if node != parent {
            spans = []
            if case .spans(let known)? = try view.value(of: .spans(level: 1, parent)) {
                spans = known
            }
            node = parent
        }
        let child = UInt8(block.rawValue & (1 << SystemEventProjection.fanoutBitCount - 1))
        return spans.last { $0.child == child }?.span
    }
}

extension ProjectionView<SystemEventProjection> {
    /// The newest positions of one list, at whatever times.
    func newest(
        _ limit: Int,
        of term: SystemEventTerm,
        upTo end: Position
    ) throws(Failure) -> [Position] {
        var found: [Position] = []
        found.reserveCapacity(limit)
        let last = EventBlock(containing: end)
        func take(_ block: EventBlock, _ place: Int) -> Bool {
            found.append(block[place])
            return found.count < limit
        }
        func lastPlace(of block: EventBlock) -> Int {
            EventBlock.place(of: block == last ? end : block.last)
        }
        try forEach(
            inPrefix: rules.prefix(of: term),
            from: .members(term, last),
            .backwards
        ) { key, value throws(TruncatedBytes) in
            guard case .members(var members) = value else { return .stop }
            let block = EventBlock(rawValue: try Rules.blockNumber(ofKey: key))
            members.cut(after: lastPlace(of: block))
            members.forEachBackwards { take(block, $0) }
            return found.count < limit ? .proceed : .stop
        } stored: { key, bytes throws(TruncatedBytes) in
            let block = EventBlock(rawValue: try Rules.blockNumber(ofKey: key))
            try Rules.forEachMember(of: bytes, upTo: lastPlace(of: block)) { take(block, $0) }
            return found.count < limit ? .proceed : .stop
        }
        return found
    }

    /// The instants of a block's events, in the order of their positions.
    fileprivate func times(of block: EventBlock) throws(Failure) -> [Int64] {
        guard case .times(let times)? = try value(of: .times(block)) else { return [] }
        return times
    }

    /// All events of a block.
    fileprivate func members(of block: EventBlock) throws(Failure) -> BlockMembers {
        var all = BlockMembers()
        for level in SystemEventLevel.allCases {
            if case .members(let some)? = try value(of: .members(.level(level.rawValue), block)) {
                all.formUnion(some)
            }
        }
        return all
    }
}
