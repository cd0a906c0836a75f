internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal

/// What the index finds for a query.
struct SystemEventHits: Sendable {
    /// Where the events stand, the newest first.
    var positions: [Position] = []
    /// Whether an event that cannot be read is among those that were passed.
    var meetsUnreadable = false
}

extension ProjectionView<SystemEventProjection> {
    /// Finds the newest events of a query, up to a position.
    ///
    /// - Complexity: The entries of 1,024 positions each in which there are some; with a lead, its
    ///   events one by one or those of the level and type, whichever is less; stretches of other
    ///   times are passed over in O(log n).
    func hits(
        _ query: SystemEventQuery,
        upTo end: Position,
        limit: Int
    ) throws(Failure) -> SystemEventHits {
        let end = min(end, position)
        var hits = SystemEventHits()
        guard end > .zero else { return hits }
        let times = EventTimes(since: query.since, until: query.until)
        var type: UInt64?
        var isUnknownType = false
        if let name = query.type {
            if case .number(let known)? = try value(of: .type(EventTypeName(name))) {
                type = known
            } else {
                isUnknownType = true
            }
        }
        if isUnknownType {
            // There are none.
        } else {
            let term: SystemEventTerm =
                switch (type, query.level?.rawValue) {
                case (let type?, let level?): .both(type: type, level: level)
                case (let type?, nil): .type(type)
                case (nil, let level?): .level(level)
                case (nil, nil): .all
                }
            if let lead = query.leadID?.rawValue {
                hits.positions = try positions(
                    ofLead: lead,
                    and: term,
                    times,
                    upTo: end,
                    limit: limit
                )
            } else {
                hits.positions = try positions(of: term, times, upTo: end, limit: limit)
            }
        }
        let isFull = hits.positions.count >= limit
        let first = isFull ? hits.positions.last ?? .first : .first
        hits.meetsUnreadable = try hasUnreadable(from: first, upTo: end)
        return hits
    }

    private func hasUnreadable(
        from first: Position,
        upTo end: Position
    ) throws(Failure) -> Bool {
        try positions(
            of: .unreadable,
            EventTimes(since: nil, until: nil),
            upTo: end,
            limit: 1
        ).first.map { $0 >= first } ?? false
    }

    // MARK: leads

    /// Goes along the lead's events and along the term's by turns, in steps that double: whichever
    /// is there first has the answer, in at most some times what the quicker way takes alone.
    private func positions(
        ofLead lead: Int64,
        and term: SystemEventTerm,
        _ times: EventTimes,
        upTo end: Position,
        limit: Int
    ) throws(Failure) -> [Position] {
        var byLead = LeadWalk(next: end)
        var byTerm = LeadWalk(next: end)
        var stepCount = term == .all ? Int.max : 256
        while true {
            try goOn(&byLead, lead, term, times, limit: limit, stepCount: stepCount)
            if byLead.isDone(limit) { return byLead.found }
            try goOn(&byTerm, ofTerm: term, lead, times, limit: limit, stepCount: stepCount)
            if byTerm.isDone(limit) { return byTerm.found }
            stepCount = min(2 * stepCount, 1 << 20)
        }
    }

    /// Tests the next events of a lead.
    private func goOn(
        _ walk: inout LeadWalk,
        _ lead: Int64,
        _ term: SystemEventTerm,
        _ times: EventTimes,
        limit: Int,
        stepCount: Int
    ) throws(Failure) {
        let prefix = rules.prefix(ofLead: lead)
        var rest = stepCount
        while let start = walk.next {
            var found: [Position] = []
            var pause: Position?
            var isOutOfTime = false
            let entered = walk.entered
            let missing = limit - walk.found.count
            try forEach(inPrefix: prefix, from: .lead(lead, start), .backwards) { key, value in
                guard case .lead(_, let position) = key, case .lead(let glance) = value else {
                    return .stop
                }
                guard rest > 0 else {
                    pause = position
                    return .stop
                }
                rest -= 1
                guard times.contains(glance.createdAt) else {
                    if EventBlock(containing: position) == entered { return .proceed }
                    pause = position
                    isOutOfTime = true
                    return .stop
                }
                guard term.holds(glance) else { return .proceed }
                found.append(position)
                return found.count < missing ? .proceed : .stop
            }
            walk.found += found
            walk.next = pause
            guard let pause, isOutOfTime else { return }
            // A block in which there are such times is gone through.
            walk.entered = try newestBlock(in: times, upTo: EventBlock(containing: pause))
            walk.next = walk.entered.map { min(pause, $0.last) }
        }
    }

    /// Looks up which of the next events of a term are the lead's.
    private func goOn(
        _ walk: inout LeadWalk,
        ofTerm term: SystemEventTerm,
        _ lead: Int64,
        _ times: EventTimes,
        limit: Int,
        stepCount: Int
    ) throws(Failure) {
        guard let start = walk.next else { return }
        let candidates = try positions(of: term, times, upTo: start, limit: stepCount)
        for position in candidates where walk.found.count < limit {
            if try value(of: .lead(lead, position)) != nil { walk.found.append(position) }
        }
        walk.next = candidates.count < stepCount ? nil : candidates.last?.previous
    }

    // MARK: levels and types

    private func positions(
        of term: SystemEventTerm,
        _ times: EventTimes,
        upTo end: Position,
        limit: Int
    ) throws(Failure) -> [Position] {
        var found: [Position] = []
        var spans = SpanMemory()
        var start = EventBlock(containing: end)
        var blockCountMax = 16
        walk: while true {
            let blocks = try blocks(
                of: term,
                from: start,
                upTo: end,
                blockCountMax: blockCountMax,
                memberCountMax: limit - found.count
            )
            for (block, members) in blocks {
                var chosen: [Int64]?
                if times.isBounded {
                    let span = try spans.span(of: block, in: self)
                    if let span, !times.touches(span) {
                        guard let next = try newestBlock(in: times, upTo: block) else {
                            return found
                        }
                        start = next
                        continue walk
                    }
                    if span.map(times.covers) != true { chosen = try self.times(of: block) }
                }
                let all = chosen == nil ? BlockMembers() : try self.members(of: block)
                members.forEachBackwards { place in
                    if let chosen {
                        let rank = all.rank(of: place)
                        guard rank < chosen.count, times.contains(chosen[rank]) else {
                            return true
                        }
                    }
                    found.append(block[place])
                    return found.count < limit
                }
                if found.count >= limit { return found }
            }
            guard let last = blocks.last?.block, last.rawValue > 0 else { return found }
            start = EventBlock(rawValue: last.rawValue - 1)
            blockCountMax = min(2 * blockCountMax, 1_024)
        }
    }

    /// The next blocks with members of a term, the newest first.
    private func blocks(
        of term: SystemEventTerm,
        from start: EventBlock,
        upTo end: Position,
        blockCountMax: Int,
        memberCountMax: Int
    ) throws(Failure) -> [(block: EventBlock, members: BlockMembers)] {
        var blocks: [(block: EventBlock, members: BlockMembers)] = []
        var memberCount = 0
        try forEach(
            inPrefix: rules.prefix(of: term),
            from: .members(term, start),
            .backwards
        ) { key, value in
            guard case .members(_, let block) = key, case .members(var members) = value else {
                return .stop
            }
            if block == EventBlock(containing: end) {
                members.cut(after: EventBlock.place(of: end))
            }
            blocks.append((block, members))
            memberCount += members.count
            return blocks.count < blockCountMax && memberCount < memberCountMax ? .proceed : .stop
        }
        return blocks
    }

    private func times(of block: EventBlock) throws(Failure) -> [Int64] {
        guard case .times(let times)? = try value(of: .times(block)) else { return [] }
        return times
    }

    private func members(of block: EventBlock) throws(Failure) -> BlockMembers {
        guard case .members(let members)? = try value(of: .members(.all, block)) else {
            return BlockMembers()
        }
        return members
    }

    // MARK: times

    /// The newest block, up to one, in which there may be such times.
    private func newestBlock(
        in times: EventTimes,
        upTo block: EventBlock
    ) throws(Failure) -> EventBlock? {
        guard case .number(let last)? = try value(of: .last) else { return nil }
        let bound = min(block.rawValue, last)
        let top = SystemEventProjection.topLevel
        var root = bound >> (SystemEventProjection.fanoutBitCount * UInt64(top))
        while true {
            if let found = try newest(in: times, top, root, upTo: bound, last) {
                return EventBlock(rawValue: found)
            }
            guard root > 0 else { return nil }
            root -= 1
        }
    }

    /// Looks into a node of a level; of the block that events come to, the last one, nothing is
    /// known yet.
    private func newest(
        in times: EventTimes,
        _ level: UInt8,
        _ index: UInt64,
        upTo bound: UInt64,
        _ last: UInt64
    ) throws(Failure) -> UInt64? {
        let fanoutBitCount = SystemEventProjection.fanoutBitCount
        let shift = fanoutBitCount * UInt64(level - 1)
        func lookInto(_ child: UInt64) throws(Failure) -> UInt64? {
            level == 1
                ? child : try newest(in: times, level - 1, child, upTo: bound, last)
        }
        let open = last >> shift
        if open >> fanoutBitCount == index, open <= bound >> shift,
            let found = try lookInto(open)
        {
            return found
        }
        guard case .spans(let spans)? = try value(of: .spans(level: level, index)) else {
            return nil
        }
        for entry in spans.reversed() {
            let child = index << fanoutBitCount | UInt64(entry.child)
            guard child <= bound >> shift, times.touches(entry.span) else { continue }
            if let found = try lookInto(child) { return found }
        }
        return nil
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

/// A walk along the events of a lead that can be gone on with.
private struct LeadWalk {
    var found: [Position] = []
    /// The newest position that was not tested yet; nil at the end.
    var next: Position?
    /// The block that is gone through, whatever the times of its events.
    var entered: EventBlock?

    init(next: Position) { self.next = next }

    func isDone(_ limit: Int) -> Bool { next == nil || found.count >= limit }
}

extension SystemEventTerm {
    /// Whether a lead's event is one of those.
    fileprivate func holds(_ glance: LeadGlance) -> Bool {
        switch self {
        case .all: true
        case .unreadable: false
        case .level(let level): glance.level == level
        case .type(let type): glance.type == type
        case .both(let type, let level): glance.type == type && glance.level == level
        }
    }
}
