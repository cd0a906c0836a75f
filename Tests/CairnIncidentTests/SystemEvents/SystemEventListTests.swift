import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnLMDB
import CairnServices
import CairnTestSupport
import CairnTesting
import Testing

/// A listing is what a filter over all events gives, newest first.
struct SystemEventListTests {
    /// A journal of either kind, with system events among others.
    struct Story: CustomTestStringConvertible, Sendable {
        enum Kind: String, CaseIterable, Sendable {
            case memory, lmdb
            /// With an index flush after every few events.
            case lmdbFlushing
        }

        let folder: ScratchFolder
        let journal: any Journal
        let clock: ManualClock
        /// What was recorded, oldest first.
        private(set) var rows: [SystemEventRow] = []

        var testDescription: String { "\(rows.count) events" }
        var view: SystemEventView { SystemEventView(journal) }

        init(_ kind: Kind) throws {
            folder = try ScratchFolder()
            let clock = ManualClock()
            self.clock = clock
            if kind == .memory {
                journal = MemoryJournal(clock: { clock.now })
            } else {
                var configuration = LMDBJournal.Configuration()
                configuration.clock = { clock.now }
                if kind == .lmdbFlushing { configuration.indexSegmentEventCountMax = 7 }
                journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
            }
        }

        mutating func record(_ event: SystemEvent, at instant: Timestamp) async throws {
            let events = SystemEvents(journal: journal)
            let receipt = try await events.record(event, at: instant)
            rows.append(
                SystemEventRow(
                    position: receipt.position,
                    sequence: receipt.sequence,
                    recordedAt: receipt.recordedAt,
                    createdAt: instant,
                    event: event
                )
            )
        }

        /// Adds an event of another kind.
        func noise() async throws {
            try await journal.append(
                try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [1]),
                to: try StreamID("noise/\(rows.count % 3)")
            )
        }

        static let types = ["a.b", "a.c", "atomic_update.conflict", "whatsapp.send_failure"]

        mutating func fill(_ count: Int, _ random: inout SeededGenerator) async throws {
            for number in 0..<count {
                if random.isHit(1, outOf: 3) { try await noise() }
                clock.advance(by: .seconds(random.draw(-5...60)))
                let event = SystemEvent(
                    random.pick(SystemEventLevel.allCases),
                    try SystemEventType(random.pick(Self.types)),
                    leadID: random.isHit(1, outOf: 2)
                        ? LeadID(rawValue: random.draw(1...4)) : nil,
                    payload: random.isHit(1, outOf: 2)
                        ? try SystemEventPayload("{\"number\": \(number)}") : nil
                )
                // What is late, and what comes from a clock that is wrong, is listed as it came.
                try await record(event, at: clock.now.adding(.seconds(random.draw(-900...900))))
            }
        }

        func query(_ random: inout SeededGenerator) -> SystemEventQuery {
            func instant() -> Timestamp {
                rows.isEmpty ? .unixEpoch : random.pick(rows).createdAt
            }
            return SystemEventQuery(
                limit: random.pick([1, 2, 5, 100, 1_000]),
                leadID: random.isHit(1, outOf: 3) ? LeadID(rawValue: random.draw(1...5)) : nil,
                level: random.isHit(1, outOf: 3) ? random.pick(SystemEventLevel.allCases) : nil,
                type: random.isHit(1, outOf: 3) ? random.pick(Self.types + ["a", ""]) : nil,
                since: random.isHit(1, outOf: 3) ? instant() : nil,
                until: random.isHit(1, outOf: 3) ? instant() : nil,
                before: random.isHit(1, outOf: 3)
                    ? Position(rawValue: UInt64(random.below(rows.count * 2 + 2))) : nil
            )
        }

        /// The filter as anyone would write it.
        func naive(_ query: SystemEventQuery, upTo bound: Position? = nil) -> [SystemEventRow] {
            Array(
                rows.reversed().filter { row in
                    (query.leadID == nil || row.event.leadID == query.leadID)
                        && (query.level == nil || row.event.level == query.level)
                        && (query.type == nil || row.event.type.name == query.type)
                        && (query.since.map { row.createdAt >= $0 } ?? true)
                        && (query.until.map { row.createdAt < $0 } ?? true)
                        && (query.before.map { row.position < $0 } ?? true)
                        && (bound.map { row.position <= $0 } ?? true)
                }
                .prefix(query.limit)
            )
        }
    }

    @Test(arguments: Story.Kind.allCases, [1, 2, 3] as [UInt64])
    func `a listing is a filter over all events, newest first`(
        kind: Story.Kind,
        seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        var story = try Story(kind)
        try await story.fill(120, &random)
        let head = try await story.journal.head().lastPosition
        for _ in 0..<150 {
            let query = story.query(&random)
            let page = try await story.view.list(query)
            #expect(page.rows == story.naive(query), "\(query), seed \(seed)")
            let asOf = Position(rawValue: UInt64(random.below(Int(head.rawValue) + 2)))
            let past = try await SystemEventView(story.journal, asOf: asOf).list(query)
            #expect(past.rows == story.naive(query, upTo: asOf), "\(query), seed \(seed)")
        }
    }

    @Test(arguments: Story.Kind.allCases, [4, 5] as [UInt64])
    func `pages that go on from their cursors are the whole listing, each row once`(
        kind: Story.Kind,
        seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        var story = try Story(kind)
        try await story.fill(60, &random)
        for limit in [1, 7, 60, 61] {
            for level in [nil] + SystemEventLevel.allCases {
                var query = SystemEventQuery(limit: limit, level: level)
                var rows: [SystemEventRow] = []
                var pageCount = 0
                repeat {
                    let page = try await story.view.list(query)
                    #expect(page.rows.count <= limit)
                    rows += page.rows
                    pageCount += 1
                    query.before = page.next
                    // What is recorded meanwhile is newer than every cursor.
                    if pageCount == 2 { try await story.fill(1, &random) }
                } while query.before != nil && pageCount < 200
                let all = story.naive(SystemEventQuery(limit: 1_000, level: level))
                let added = pageCount >= 2 ? 1 : 0
                #expect(rows == all.suffix(rows.count), "seed \(seed)")
                #expect(all.count - rows.count <= added, "seed \(seed)")
            }
        }
    }

    @Test(arguments: Story.Kind.allCases)
    func `a page has 100 rows where nobody says, and never more than 1000`(
        kind: Story.Kind
    ) async throws {
        let story = try Story(kind)
        let event = SystemEvent(.info, try SystemEventType("a.b"))
        var new: [NewEvent] = []
        for number in 0..<1_003 {
            new.append(try event.newEvent(at: Timestamp(nanoseconds: Int64(number))))
        }
        try await story.journal.append([StreamAppend(new, to: try SystemEvent.stream())])
        #expect(try await story.view.list().rows.count == 100)
        let most = try await story.view.list(SystemEventQuery(limit: .max))
        #expect(most.rows.count == 1_000)
        #expect(most.next == Position(rawValue: 4))
        let least = try await story.view.list(SystemEventQuery(limit: .min))
        #expect(least.rows.map(\.createdAt.nanoseconds) == [1_002])
        let rest = try await story.view.list(SystemEventQuery(limit: 3, before: most.next))
        #expect(rest.rows.map(\.createdAt.nanoseconds) == [2, 1, 0])
        #expect(rest.next == nil)
    }

    @Test(arguments: Story.Kind.allCases)
    func `a journal without system events has none to list`(kind: Story.Kind) async throws {
        let story = try Story(kind)
        #expect(try await story.view.list() == SystemEventPage(rows: [], next: nil))
        try await story.noise()
        #expect(try await story.view.list() == SystemEventPage(rows: [], next: nil))
        for before in [0, 1, UInt64.max] {
            let query = SystemEventQuery(before: Position(rawValue: before))
            #expect(try await story.view.list(query).rows.isEmpty)
        }
    }

    @Test func `an event that only a newer program can read stops a listing and is named`()
        async throws
    {
        var story = try Story(.lmdb)
        var random = SeededGenerator(seed: 6)
        try await story.fill(3, &random)
        let rule = try NewEvent(type: "system_event.rule", occurredAt: .unixEpoch, payload: [])
        let receipt = try await story.journal.append(rule, to: try SystemEvent.stream())
        await #expect(
            throws: IncidentError.unreadable(
                position: receipt.position,
                .unknownType("system_event.rule")
            )
        ) { try await story.view.list() }
        let older = try await story.view.list(SystemEventQuery(before: receipt.position))
        #expect(older.rows.count == 3)
    }
}
