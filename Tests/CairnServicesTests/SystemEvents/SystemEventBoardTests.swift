import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// What the tables list, beside what going through the events lists.
struct SystemEventBoardTests {
    enum Kind: CaseIterable { case memory, lmdb }

    /// A journal of either kind, to which many events come at once.
    struct Story {
        let scratch: ScratchFolder
        let journal: any Journal
        private(set) var now = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
        /// Instants to ask about.
        private(set) var instants: [Timestamp] = []

        static let types = [
            "a.b", "a.c", "atomic_update.conflict", String(repeating: "long.", count: 200) + "x",
            String(repeating: "long.", count: 200) + "y",
        ]

        init(_ kind: Kind) throws {
            scratch = try ScratchFolder()
            switch kind {
            case .memory: journal = MemoryJournal()
            case .lmdb: journal = try LMDBJournal(path: scratch.path("j"))
            }
        }

        /// Adds system events, of which some come late and some are far from their place.
        mutating func fill(_ count: Int, _ random: inout SeededGenerator) async throws {
            var new: [NewEvent] = []
            for _ in 0..<count {
                now = now.adding(.milliseconds(random.draw(0...2_000)))
                let late = random.isHit(1, outOf: 9) ? random.draw(-60...60) : 0
                let astray = random.isHit(1, outOf: 400) ? random.draw(-90_000...90_000) : 0
                let instant = now.adding(.seconds(late + astray))
                if random.isHit(1, outOf: 40) { instants.append(instant) }
                // The rule of names is for those who record; a table may hold any.
                let type = try SystemEvent(
                    random.isHit(1, outOf: 30) ? .error : random.pick([.info, .warn]),
                    SystemEventType(random.pick(["a.b", "a.c", "b.a.c"])),
                    leadID: lead(&random)
                )
                new.append(try type.newEvent(at: instant))
            }
            try await journal.append([StreamAppend(new, to: try SystemEvent.stream())])
        }

        private func lead(_ random: inout SeededGenerator) -> LeadID? {
            switch random.below(4) {
            case 0: nil
            case 1: LeadID(rawValue: 7)
            default: LeadID(rawValue: random.draw(-20...20))
            }
        }

        /// Adds events that are none of the system's.
        func noise(_ count: Int) async throws {
            var rest = count
            while rest > 0 {
                let new = try (0..<min(rest, 8_192)).map { _ in
                    try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
                }
                try await journal.append([StreamAppend(new, to: try StreamID("noise/1"))])
                rest -= new.count
            }
        }

        func query(_ random: inout SeededGenerator, _ head: Position) -> SystemEventQuery {
            func instant() -> Timestamp { instants.isEmpty ? now : random.pick(instants) }
            return SystemEventQuery(
                limit: random.pick([1, 3, 100, 1_000]),
                leadID: random.isHit(1, outOf: 3) ? LeadID(rawValue: random.draw(-21...21)) : nil,
                level: random.isHit(1, outOf: 3) ? random.pick(SystemEventLevel.allCases) : nil,
                type: random.isHit(1, outOf: 3) ? random.pick(["a.b", "a.c", "b.a.c", "a"]) : nil,
                since: random.isHit(1, outOf: 3) ? instant() : nil,
                until: random.isHit(1, outOf: 3) ? instant() : nil,
                before: random.isHit(1, outOf: 3)
                    ? Position(rawValue: UInt64(random.below(Int(head.rawValue) + 3))) : nil
            )
        }
    }

    private func expectSame(
        _ boards: [SystemEventBoard],
        _ journal: any Journal,
        _ query: SystemEventQuery
    ) async throws {
        let slow = try await SystemEventView(journal).list(query)
        for (index, board) in boards.enumerated() {
            let quick = try await board.list(query)
            #expect(quick == slow, "\(query), board \(index)")
        }
    }

    @Test(arguments: Kind.allCases, [1, 2] as [UInt64])
    func `tables and going through the events list the same, whatever is asked`(
        kind: Kind,
        seed: UInt64
    ) async throws {
        var random = SeededGenerator(seed: seed)
        var story = try Story(kind)
        let followed = SystemEventBoard(story.journal)
        for round in 0..<9 {
            try await story.fill(1 + random.below(900), &random)
            try await story.noise(random.below(300))
            // Now and then enough that blocks, and blocks of blocks, come to their ends.
            if round % 3 == 2 { try await story.noise(70_000) }
            let stored = SystemEventBoard(story.journal)
            if round % 2 == 1 { try await SystemEventBoard(story.journal).catchUp() }
            #expect(stored.isStored == (round > 0))
            let head = try await story.journal.head().lastPosition
            for _ in 0..<40 {
                let query = story.query(&random, head)
                try await expectSame([followed, stored], story.journal, query)
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func `pages that go on from their cursors are the whole listing, each row once`(
        kind: Kind
    ) async throws {
        var random = SeededGenerator(seed: 3)
        var story = try Story(kind)
        try await story.fill(1_500, &random)
        let board = SystemEventBoard(story.journal)
        for level in SystemEventLevel.allCases {
            var query = SystemEventQuery(limit: 70, level: level)
            var rows: [SystemEventRow] = []
            repeat {
                let page = try await board.list(query)
                rows += page.rows
                query.before = page.next
            } while query.before != nil
            let all = SystemEventQuery(limit: 1_000, level: level)
            let slow = try await SystemEventView(story.journal).list(all).rows
            #expect(Array(rows.prefix(1_000)) == slow)
        }
    }

    @Test(arguments: Kind.allCases)
    func `an event that only a newer program can read stops those listings that come to it`(
        kind: Kind
    ) async throws {
        var random = SeededGenerator(seed: 4)
        var story = try Story(kind)
        try await story.fill(40, &random)
        let rule = try NewEvent(type: "system_event.rule", occurredAt: .unixEpoch, payload: [])
        let receipt = try await story.journal.append(rule, to: try SystemEvent.stream())
        // In another stream it is no system event at all.
        let event = try SystemEvent(.error, SystemEventType("a.b")).newEvent(at: .unixEpoch)
        try await story.journal.append(event, to: try StreamID("system/others"))
        try await story.fill(40, &random)
        let board = SystemEventBoard(story.journal)
        let view = SystemEventView(story.journal)
        for limit in [1, 5, 100] {
            for level in SystemEventLevel.allCases {
                for before in [nil, receipt.position, receipt.position.next] {
                    let query = SystemEventQuery(limit: limit, level: level, before: before)
                    let slow = await Result { () async throws(IncidentError) in
                        try await view.list(query)
                    }
                    let quick = await Result { () async throws(IncidentError) in
                        try await board.list(query)
                    }
                    #expect(quick == slow, "\(query)")
                }
            }
        }
        await #expect(
            throws: IncidentError.unreadable(
                position: receipt.position,
                .unknownType("system_event.rule")
            )
        ) { try await board.list(SystemEventQuery(type: "no.such")) }
    }

    @Test func `names of any length are told apart by all of their bytes`() async throws {
        let journal = MemoryJournal()
        for type in Story.types {
            // A table that is imported may hold names that keep no rule.
            let event = try SystemEvent(.info, SystemEventType("a.b")).newEvent(at: .unixEpoch)
            let name = [UInt8](type.utf8)
            var fields = FieldWriter()
            fields.count(1, 2)
            fields.blob(2, name)
            let new = try NewEvent(
                type: event.type,
                typeVersion: event.typeVersion,
                occurredAt: .unixEpoch,
                mayBeIgnored: true,
                payload: fields.finish()
            )
            try await journal.append(new, to: try SystemEvent.stream())
        }
        let board = SystemEventBoard(journal)
        for (index, type) in Story.types.enumerated() {
            let rows = try await board.list(SystemEventQuery(level: .warn, type: type)).rows
            #expect(rows.map(\.position.rawValue) == [UInt64(index) + 1])
        }
    }

    @Test func `tables come back from what is stored as they were`() async throws {
        var random = SeededGenerator(seed: 5)
        let scratch = try ScratchFolder()
        var marks: [ProjectionMark] = []
        var story = try Story(.memory)
        try await story.fill(700, &random)
        let journal = try LMDBJournal(path: scratch.path("j"))
        let stream = try SystemEvent.stream()
        for record in try await story.journal.records(of: stream) {
            let new = try NewEvent(
                type: record.type,
                typeVersion: record.typeVersion,
                occurredAt: record.occurredAt,
                mayBeIgnored: true,
                payload: record.payload
            )
            try await journal.append(new, to: stream)
            // In steps, and at the end at once.
            if random.isHit(1, outOf: 60) { try await KeptProjections(journal).catchUp() }
        }
        func mark() async throws -> [ProjectionMark] {
            try await KeptProjections(journal).catchUp()
                .filter { $0.name == "cairn.system-events" }.map(\.mark)
        }
        marks += try await mark()
        #expect(try await KeptProjections(journal).removeDamaged().isEmpty)
        try await KeptProjections(journal).reset()
        marks += try await mark()
        #expect(marks.count == 2)
        #expect(Set(marks).count == 1)
        journal.close()
    }

    @Test(
        .enabled(if: RealData.folder != nil, "no folder shared/data beside the package"),
        arguments: Kind.allCases
    )
    func `the events of a real log as system events are listed as going through them does`(
        kind: Kind
    ) async throws {
        let path = try #require(RealData.folder) + "/process-logs/helpdesk.xes.gz"
        var random = SeededGenerator(seed: 6)
        let story = try Story(kind)
        let journal = story.journal
        try await PipelineImporter(into: journal).run([ImportInput(path: path)])
        var types: Set<String> = []
        var instants: [Timestamp] = []
        var new: [NewEvent] = []
        var failure: (any Error)?
        try await journal.forEachEvent { header, frame in
            do {
                let row = try PipelineEvent(header, frame: frame)
                let type = "step.n" + String(row.stage.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 63)
                types.insert(type)
                if new.count % 100 == 0 { instants.append(row.createdAt) }
                let event = SystemEvent(
                    row.isRetryable ? .warn : .info,
                    try SystemEventType(type),
                    leadID: LeadID(rawValue: Int64(header.streamNumber.rawValue))
                )
                new.append(try event.newEvent(at: row.createdAt))
                return .proceed
            } catch {
                failure = error
                return .stop
            }
        }
        if let failure { throw failure }
        #expect(new.count == 21_348)
        try await journal.append([StreamAppend(new, to: try SystemEvent.stream())])
        let board = SystemEventBoard(journal)
        for _ in 0..<20 {
            let lead = LeadID(rawValue: random.draw(1...21_000))
            try await expectSame(
                [board],
                journal,
                SystemEventQuery(
                    leadID: random.isHit(1, outOf: 4) ? lead : nil,
                    level: random.isHit(1, outOf: 2) ? .warn : nil,
                    type: random.isHit(1, outOf: 2) ? random.pick(types.sorted()) : nil,
                    since: random.isHit(1, outOf: 2) ? random.pick(instants) : nil,
                    until: random.isHit(1, outOf: 2) ? random.pick(instants) : nil
                )
            )
        }
    }
}

extension Result where Success: Sendable {
    fileprivate init(_ body: () async throws(Failure) -> Success) async {
        do throws(Failure) { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
