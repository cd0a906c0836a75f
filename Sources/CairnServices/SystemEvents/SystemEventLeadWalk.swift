internal import CairnCore
internal import CairnEngine
internal import CairnJournal

/// A walk along the events of a lead, the newest first, that can be gone on with.
struct LeadWalk {
    typealias View = ProjectionView<SystemEventProjection>
    typealias Failure = EngineError<Never>

    private struct Event {
        let position: Position
        let glance: LeadGlance
    }

    /// The next events of one level.
    private struct List {
        let level: UInt8
        /// The newest is the last.
        var events: [Event] = []
        /// Where to read on; nil at the end.
        var next: LeadBlock?
        /// How many are read at least: at first those of one block, for of some levels there are few.
        var eventCount = 1
    }

    let lead: Int64
    let levels: [UInt8]
    /// Only events of this type.
    let type: UInt64?
    private var lists: [List]
    private var end: Position
    /// The block that is gone through, whatever the times of its events.
    private var entered: EventBlock?
    private(set) var isAtEnd = false
    private static let eventCountMax = 65_536

    init(_ lead: Int64, _ levels: [UInt8], _ type: UInt64?, upTo end: Position) {
        self.lead = lead
        self.levels = levels
        self.type = type
        self.end = end
        lists = levels.map { List(level: $0, next: LeadBlock(containing: end)) }
    }

    /// Tests the next events, until there are as many as asked for or enough were tested.
    mutating func goOn(
        _ limit: Int,
        in times: EventTimes,
        _ view: View,
        stepCount: Int,
        to found: inout [Position]
    ) throws(Failure) {
        var rest = stepCount
        while !isAtEnd, rest > 0, found.count < limit {
            guard let event = try takeNewest(view) else {
                isAtEnd = true
                return
            }
            let (position, glance) = (event.position, event.glance)
            rest -= 1
            guard times.contains(glance.createdAt) else {
                let block = EventBlock(containing: position)
                if block == entered { continue }
                // A block in which there are such times is gone through; others are passed over.
                entered = try view.newestBlock(in: times, upTo: block)
                guard let entered else {
                    isAtEnd = true
                    return
                }
                skip(behind: min(position, entered.last))
                continue
            }
            if let type, glance.type != type { continue }
            found.append(position)
        }
    }

    private mutating func takeNewest(_ view: View) throws(Failure) -> Event? {
        var newest: Int?
        var position = Position.zero
        for index in lists.indices {
            while lists[index].events.isEmpty, lists[index].next != nil {
                try Self.read(&lists[index], of: lead, upTo: end, view)
            }
            guard let last = lists[index].events.last, last.position > position else { continue }
            newest = index
            position = last.position
        }
        return newest.flatMap { lists[$0].events.popLast() }
    }

    private static func read(
        _ list: inout List,
        of lead: Int64,
        upTo end: Position,
        _ view: View
    ) throws(Failure) {
        guard let start = list.next else { return }
        let countMax = list.eventCount
        var events: [Event] = []
        var last: LeadBlock?
        try view.forEachBlock(ofLead: lead, list.level, from: start) { block, glances in
            for glance in glances.reversed() {
                let position = block[glance.place]
                if position <= end { events.append(Event(position: position, glance: glance)) }
            }
            last = events.count < countMax ? nil : block
            return events.count < countMax ? .proceed : .stop
        }
        list.eventCount = min(2 * countMax, eventCountMax)
        list.next = last?.previous
        list.events = events.reversed()
    }

    /// Leaves out all events behind a position.
    private mutating func skip(behind position: Position) {
        end = min(end, position)
        let block = LeadBlock(containing: end)
        for index in lists.indices {
            while let last = lists[index].events.last, last.position > end {
                lists[index].events.removeLast()
            }
            if lists[index].events.isEmpty, let next = lists[index].next {
                lists[index].next = min(next, block)
            }
        }
    }
}

extension ProjectionView<SystemEventProjection> {
    /// The newest positions of one lead and level, of whatever type and at whatever times.
    func newest(
        _ limit: Int,
        ofLead lead: Int64,
        _ level: UInt8,
        upTo end: Position
    ) throws(Failure) -> [Position] {
        var found: [Position] = []
        found.reserveCapacity(limit)
        try forEachBlock(ofLead: lead, level, from: LeadBlock(containing: end)) { block, glances in
            for glance in glances.reversed() where found.count < limit {
                let position = block[glance.place]
                if position <= end { found.append(position) }
            }
            return found.count < limit ? .proceed : .stop
        }
        return found
    }

    /// Goes through the entries of one lead and level, the newest first.
    fileprivate func forEachBlock(
        ofLead lead: Int64,
        _ level: UInt8,
        from start: LeadBlock,
        _ body: (LeadBlock, [LeadGlance]) -> PageFlow
    ) throws(Failure) {
        // One room for the events of all entries.
        var glances: [LeadGlance] = []
        try forEach(
            inPrefix: rules.prefix(ofLead: lead, level: level),
            from: .lead(lead, level: level, start),
            .backwards
        ) { key, value throws(TruncatedBytes) in
            guard case .lead(let glances) = value else { return .stop }
            return body(LeadBlock(rawValue: try Rules.blockNumber(ofKey: key)), glances)
        } stored: { key, bytes throws(TruncatedBytes) in
            glances.removeAll(keepingCapacity: true)
            try Rules.readGlances(bytes, into: &glances)
            return body(LeadBlock(rawValue: try Rules.blockNumber(ofKey: key)), glances)
        }
    }
}

/// Whether single events are a lead's, asked from the newest on.
struct LeadMemory {
    private let lead: Int64
    private let levels: [UInt8]
    private var block: LeadBlock?
    private var places: Set<UInt16> = []

    init(_ walk: LeadWalk) {
        lead = walk.lead
        levels = walk.levels
    }

    mutating func holds(
        _ position: Position,
        _ view: ProjectionView<SystemEventProjection>
    ) throws(EngineError<Never>) -> Bool {
        let wanted = LeadBlock(containing: position)
        if block != wanted {
            block = wanted
            places = []
            for level in levels {
                let key = SystemEventProjection.Key.lead(lead, level: level, wanted)
                guard case .lead(let glances)? = try view.value(of: key) else { continue }
                places.formUnion(glances.map(\.place))
            }
        }
        return places.contains(LeadBlock.place(of: position))
    }
}
