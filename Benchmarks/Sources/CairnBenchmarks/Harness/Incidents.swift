/// System events of a service: most of normal operation, few errors, one lead that has very many.
struct Incidents: Sendable {
    struct Event: Sendable {
        /// 1 for normal operation, 2 for a warning, 3 for an error, as in the journal.
        let level: UInt8
        let type: UInt8
        /// Nil for an event of no lead.
        let lead: Int64?
    }

    /// Which events a page is asked for.
    enum Filter: String, CaseIterable {
        case plain, level, type, lead, leadLevel = "lead-level"

        func takes(_ event: Event) -> Bool {
            switch self {
            case .plain: true
            case .level: event.level == Incidents.rareLevel
            case .type: event.type == Incidents.type
            case .lead: event.lead == Incidents.heavyLead
            case .leadLevel:
                event.lead == Incidents.heavyLead && event.level == Incidents.rareLevel
            }
        }
    }

    let events: [Event]
    static let rareLevel: UInt8 = 3
    static let type: UInt8 = 5
    static let typeCount: UInt64 = 12
    static let heavyLead: Int64 = 7
    /// Events that a page has.
    static let pageCount = 100

    init(count: Int, seed: UInt64) {
        var state = seed | 1
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let leadCount = UInt64(max(count / 100, 1))
        events = (0..<count).map { _ in
            let (draw, lead) = (next(), next())
            return Event(
                level: draw % 200 == 0 ? 3 : draw % 20 == 0 ? 2 : 1,
                type: UInt8((draw >> 32) % Self.typeCount),
                lead: Self.lead(lead, of: leadCount)
            )
        }
    }

    /// A quarter has none, an eighth is of one lead, and the others are spread.
    private static func lead(_ draw: UInt64, of count: UInt64) -> Int64? {
        switch draw % 8 {
        case 0, 1: nil
        case 2: heavyLead
        default: Int64(100 + (draw >> 32) % count)
        }
    }

    /// Where pages end: positions from the last one back, spread over the later half.
    func cursors(count: Int) -> [UInt64] {
        (0..<count).map { index in
            let spread = UInt64(index &* 2_654_435_761) & 0xFFFF_FFFF
            return UInt64(events.count) + 1 - (spread &* UInt64(events.count / 2)) >> 32
        }
    }

    /// The positions of a page, found by going through the events from the newest on.
    func page(_ filter: Filter, before cursor: UInt64) -> [UInt64] {
        var found: [UInt64] = []
        var position = Int(cursor) - 1
        while position >= 1, found.count < Self.pageCount {
            if filter.takes(events[position - 1]) { found.append(UInt64(position)) }
            position -= 1
        }
        return found
    }

    static func hash(_ positions: [UInt64]) -> UInt64 {
        positions.reduce(17) { ($0 &* 1_000_003) &+ $1 }
    }
}
