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
    /// - Complexity: The entries of 1,024 positions each in which there are some; with a lead and
    ///   a type, the lead's or the type's, whichever are less; stretches of other times are passed
    ///   over in O(log n).
    func hits(
        _ query: SystemEventQuery,
        upTo end: Position,
        limit: Int
    ) throws(Failure) -> SystemEventHits {
        let end = min(end, position)
        var hits = SystemEventHits()
        guard end > .zero else { return hits }
        let times = EventTimes(since: query.since, until: query.until)
        let levels = query.level.map { [$0.rawValue] } ?? SystemEventLevel.allCases.map(\.rawValue)
        var terms = levels.map(SystemEventTerm.level)
        var type: UInt64?
        if let name = query.type {
            // A name without a number has no events.
            terms = []
            if case .number(let known)? = try value(of: .type(EventTypeName(name))) {
                type = known
                terms = levels.map { .both(type: known, level: $0) }
            }
        }
        if terms.isEmpty {
            hits.positions = []
        } else if terms.count == 1, !times.isBounded, type == nil || query.leadID == nil {
            // One list has them all, as they are asked for.
            hits.positions =
                if let lead = query.leadID?.rawValue {
                    try newest(limit, ofLead: lead, levels[0], upTo: end)
                } else {
                    try newest(limit, of: terms[0], upTo: end)
                }
        } else if let lead = query.leadID?.rawValue {
            let leads = LeadWalk(lead, levels, type, upTo: end)
            hits.positions = try positions(of: leads, and: terms, times, upTo: end, limit: limit)
        } else {
            var walk = TermWalk(terms, upTo: end)
            hits.positions = try walk.next(limit, in: times, self)
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
        try newest(1, of: .unreadable, upTo: end).first.map { $0 >= first } ?? false
    }

    /// The events of a lead, and of a type where one is asked for.
    ///
    /// The lead's own lists have all there is of a lead and a level. A type may be rare among them,
    /// so then the type's lists are gone along, too, by turns in steps that double: whichever is
    /// there first has the answer, in at most some times what the quicker way takes alone.
    private func positions(
        of leads: LeadWalk,
        and terms: [SystemEventTerm],
        _ times: EventTimes,
        upTo end: Position,
        limit: Int
    ) throws(Failure) -> [Position] {
        var byLead = leads
        var found: [Position] = []
        guard leads.type != nil else {
            try byLead.goOn(limit, in: times, self, stepCount: .max, to: &found)
            return found
        }
        var byTerm = TermWalk(terms, upTo: end)
        var foundByTerm: [Position] = []
        var memory = LeadMemory(leads)
        var stepCount = 256
        while true {
            try byLead.goOn(limit, in: times, self, stepCount: stepCount, to: &found)
            if byLead.isAtEnd || found.count >= limit { return found }
            let candidates = try byTerm.next(stepCount, in: times, self)
            for position in candidates where foundByTerm.count < limit {
                if try memory.holds(position, self) { foundByTerm.append(position) }
            }
            if candidates.count < stepCount || foundByTerm.count >= limit { return foundByTerm }
            stepCount = min(2 * stepCount, 1 << 20)
        }
    }

    // MARK: times

    /// The newest block, up to one, in which there may be such times.
    func newestBlock(
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
