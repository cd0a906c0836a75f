import CairnCore
import CairnEngine
import CairnJournal
@testable import CairnLMDB
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Incremental equals rebuilt from zero equals rebuilt from any mark; what is stored is a cache.
struct LiveProjectionTests {
    /// A journal and what it lies in.
    struct Site {
        let scratch: ScratchFolder
        let journal: any Journal
    }

    enum Kind: String, CaseIterable { case memory, lmdb }

    private func site(_ kind: Kind) throws -> Site {
        let scratch = try ScratchFolder()
        let journal: any Journal =
            switch kind {
            case .memory: MemoryJournal()
            case .lmdb: try LMDBJournal(path: scratch.path("journal.cairn"))
            }
        return Site(scratch: scratch, journal: journal)
    }

    private func append(
        _ count: Int,
        to journal: any Journal,
        _ generator: inout SeededGenerator
    ) async throws {
        var events: [(StreamID, NewEvent)] = []
        for _ in 0..<count {
            let stream = try StreamID("s\(generator.below(3))/\(generator.below(9))")
            events.append(
                (
                    stream,
                    try NewEvent(
                        type: generator.isHit(1, outOf: 5) ? "noise" : "noted",
                        occurredAt: Timestamp(nanoseconds: generator.draw(-20...20)),
                        payload: []
                    )
                )
            )
        }
        let batch = events
        try await journal.turn { scope throws(JournalError) in
            for (stream, event) in batch {
                _ = try scope.append([event], to: stream, expecting: .any)
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func `taken in bit by bit, from any mark or at once, the tables are the same`(
        _ kind: Kind
    ) async throws {
        let site = try site(kind)
        var generator = SeededGenerator(seed: 20)
        let followed = LiveProjection(Ledger(), of: site.journal)
        for round in 0..<40 {
            try await append(1 + generator.below(30), to: site.journal, &generator)
            let expected = try await Ledger.naive(site.journal)
            #expect(try await Ledger.all(followed) == expected, "followed, round \(round)")
            // One that knows nothing goes on from whatever mark was stored last.
            let late = LiveProjection(Ledger(), of: site.journal)
            #expect(try await Ledger.all(late) == expected, "from the mark, round \(round)")
            guard generator.isHit(1, outOf: 3) else { continue }
            let mark = try #require(try await late.catchUp())
            #expect(try await Ledger.all(followed) == expected, "after another stored")
            let fresh = LiveProjection(Ledger(name: "test.fresh-\(round)"), of: site.journal)
            #expect(try await fresh.catchUp()?.stateHash == mark.stateHash, "rebuilt from zero")
            #expect(UInt64(expected.count) == mark.entryCount)
        }
    }

    @Test(arguments: Kind.allCases)
    func `two that store in turn agree`(_ kind: Kind) async throws {
        let site = try site(kind)
        var generator = SeededGenerator(seed: 21)
        let all = (0..<4).map { _ in LiveProjection(Ledger(), of: site.journal) }
        for _ in 0..<15 {
            try await append(50, to: site.journal, &generator)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for live in all {
                    group.addTask { try await live.catchUp() }
                    group.addTask { _ = try await Ledger.all(live) }
                }
                try await group.waitForAll()
            }
            let expected = try await Ledger.naive(site.journal)
            for live in all { #expect(try await Ledger.all(live) == expected) }
        }
    }

    @Test(arguments: Kind.allCases)
    func `other rules have tables of their own`(_ kind: Kind) async throws {
        let site = try site(kind)
        var generator = SeededGenerator(seed: 22)
        try await append(100, to: site.journal, &generator)
        let first = LiveProjection(Ledger(), of: site.journal)
        let second = LiveProjection(Ledger(version: 2), of: site.journal)
        let build = LiveProjection(Ledger(isKnownByVersion: false), of: site.journal)
        let tables = [first.table, second.table, build.table]
        #expect(Set(tables).count == 3)
        let marks = (try await first.catchUp(), try await second.catchUp())
        #expect(marks.0?.stateHash != marks.1?.stateHash)
        #expect(try await first.catchUp() == marks.0, "nothing came since")
        #expect(try site.journal.projectionStore?.tables().count == 2)
        try await first.reset()
        #expect(try site.journal.projectionStore?.tables().count == 1)
        let expected = try await Ledger.naive(site.journal)
        #expect(try await Ledger.all(first) == expected)
        #expect(try await first.catchUp() == marks.0, "the same tables again")
    }

    @Test(arguments: Kind.allCases)
    func `an event that cannot be read ends the fold there, and says where`(
        _ kind: Kind
    ) async throws {
        let site = try site(kind)
        var generator = SeededGenerator(seed: 23)
        try await append(20, to: site.journal, &generator)
        let strange = try NewEvent(type: "strange", occurredAt: .unixEpoch, payload: [])
        try await site.journal.append(strange, to: try StreamID("s0/0"))
        let live = LiveProjection(Ledger(), of: site.journal)
        let error = EngineError<Never>.unreadable(
            position: Position(rawValue: 21),
            error: .unknownType("strange")
        )
        for _ in 0..<2 {
            await #expect(throws: error) { try await Ledger.all(live) }
            await #expect(throws: error) { try await live.catchUp() }
        }
    }

    @Test func `a walk stops where it is told to, over stored and new entries alike`() async throws
    {
        let site = try site(.lmdb)
        var generator = SeededGenerator(seed: 24)
        let live = LiveProjection(Ledger(), of: site.journal)
        for isStored in [true, false] {
            try await append(60, to: site.journal, &generator)
            if isStored { try await live.catchUp() }
        }
        let all = try await Ledger.all(live).filter { $0.count == 3 }
        for direction in [PageDirection.forwards, .backwards] {
            let order = direction == .forwards ? all : all.reversed()
            for (index, start) in order.enumerated() {
                let key = Ledger.Key.timed(
                    Int64(bitPattern: start[0]),
                    Position(rawValue: start[1])
                )
                let found = try await live.read { view throws(EngineError<Never>) in
                    var found: [[UInt64]] = []
                    try view.forEach(inPrefix: [2], from: key, direction) { key, value in
                        guard case .timed(let time, let position) = key else { return .stop }
                        found.append([UInt64(bitPattern: time), position.rawValue, value])
                        return found.count < 7 ? .proceed : .stop
                    }
                    return found
                }
                #expect(found == Array(order[index...].prefix(7)), "\(direction) from \(index)")
            }
        }
    }
}
