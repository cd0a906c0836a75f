import CairnCore
import CairnEngine
import CairnJournal
import CairnTesting
import Synchronization
import Testing

/// What names an entry, and who waits for it.
struct ProjectionKeyTests {
    @Test func `two spellings of one letter are two keys, in memory as in the store`() async throws
    {
        let journal = MemoryJournal()
        let spellings = ["caf\u{E9}", "cafe\u{301}"]
        #expect(spellings[0] == spellings[1], "as texts they are one")
        for (index, spelling) in spellings.enumerated() {
            for _ in 0...index {
                let event = try NewEvent(type: spelling, occurredAt: .unixEpoch, payload: [])
                try await journal.append(event, to: try StreamID("s/1"))
            }
        }
        let inMemory = LiveProjection(EventsPerType(), of: journal)
        for isStored in [false, true] {
            if isStored { try await LiveProjection(EventsPerType(), of: journal).catchUp() }
            for live in [inMemory, LiveProjection(EventsPerType(), of: journal)] {
                let counts = try await live.read { view throws(EngineError<Never>) in
                    var walked: [UInt64] = []
                    try view.forEach { _, count in
                        walked.append(count)
                        return .proceed
                    }
                    let first = try view.value(of: spellings[0]) ?? 0
                    return [first, try view.value(of: spellings[1]) ?? 0] + walked
                }
                // The decomposed letter begins with a smaller byte.
                #expect(counts == [1, 2, 2, 1], "stored: \(isStored)")
            }
        }
    }

    @Test func `keys of all lengths are found again among very many`() async throws {
        let journal = MemoryJournal()
        var generator = SeededGenerator(seed: 31)
        var expected: [String: UInt64] = [:]
        var batch: [NewEvent] = []
        for _ in 0..<4_000 {
            let digits = (0...generator.below(40)).map { _ in generator.below(2) }
            let type = "t" + digits.map(String.init).joined()
            expected[type, default: 0] += 1
            batch.append(try NewEvent(type: type, occurredAt: .unixEpoch, payload: []))
        }
        try await journal.append([StreamAppend(batch, to: try StreamID("s/1"))])
        let live = LiveProjection(EventsPerType(), of: journal)
        let wanted = expected
        try await live.read { view throws(EngineError<Never>) in
            var last = ""
            var count = 0
            try view.forEach { type, number in
                #expect(number == wanted[type])
                #expect(last.utf8.lexicographicallyPrecedes(type.utf8))
                last = type
                count += 1
                return .proceed
            }
            #expect(count == wanted.count)
            for (type, number) in wanted {
                let found = try view.value(of: type)
                #expect(found == number)
                #expect(try view.value(of: type + "x") == nil)
            }
        }
    }

    @Test func `who was cancelled does not wait until all events are taken in`() async throws {
        let journal = MemoryJournal()
        let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
        try await journal.append(event, to: try StreamID("s/1"))
        let live = LiveProjection(EventsPerType(), of: journal)
        func ask() async throws -> UInt64? {
            try await live.readUnlessCancelled { view throws(EngineError<Never>) in
                try view.value(of: "noted") ?? 0
            }
        }
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await live.storeIfBehind(by: 1)
            return try await ask()
        }
        #expect(try await cancelled.value == nil)
        #expect(try journal.projectionStore?.tables().isEmpty == true)
        #expect(try await ask() == 1)
        await live.storeIfBehind(by: 1)
        #expect(try journal.projectionStore?.tables().count == 1)
    }
}
