import CairnCore
@testable import CairnDomains
import CairnEngine
import CairnJournal
import Testing

struct KeyGlanceTests {
    /// The stream of some facts, glanced at and folded.
    private func read(
        _ facts: [ItemEvent.Fact]
    ) async throws -> (glance: KeyGlance, state: ItemState) {
        let journal = MemoryJournal(clock: { ItemSamples.now })
        let stream = try StreamID("key/k")
        let machine = ItemMachine()
        for fact in facts {
            let event = try machine.newEvent(ItemEvent(fact, at: ItemSamples.now))
            try await journal.append(event, to: stream)
        }
        var glance = KeyGlance.fresh
        try await journal.forEachEvent(ofEach: [stream]) { glance.take($1, $2) }
        let folded = try await StreamFold.folded(machine, of: [stream], in: journal)
        return (glance, try #require(folded.first).state)
    }

    @Test func `a glance says fresh and done where the fold does, and else leaves it to the fold`()
        async throws
    {
        let request = KeyedRequest(content: ItemSamples.digest("one"), jobMark: nil)
        for (name, facts) in ItemSamples.standings {
            let (glance, state) = try await read(facts)
            let expected: KeyGlance =
                switch name {
                case "absent": .fresh
                case "open", "open for steps": .begun(request)
                case "accepted": .done(request)
                default: .other
                }
            #expect(glance == expected, "\(name)")
            if glance == .done(request) {
                #expect(state.verdict(for: request.content).word == "done", "\(name)")
            }
        }
    }

    @Test func `whatever follows an acceptance takes it out of the glance`() async throws {
        let base = [ItemSamples.began(), .accepted(ItemSamples.acceptance)]
        for (name, facts) in ItemSamples.standings {
            for fact in facts {
                let (glance, _) = try await read(base + [fact])
                #expect(glance == .other, "accepted, then one of \(name)")
            }
        }
        let (glance, _) = try await read([.accepted(ItemSamples.acceptance)])
        #expect(glance == .other, "an acceptance of nothing")
    }

    @Test func `a payload that is cut or strange is left to the fold`() throws {
        var fields = FieldWriter()
        fields.number(1, 7)
        fields.blob(8, [1, 2, 3])
        fields.blob(8, [4, 5])
        let payload = fields.finish()
        let (bytes, number) = (range(of: 8, in: payload), range(of: 1, in: payload))
        #expect(Array(payload[try #require(bytes)]) == [4, 5], "the last one counts")
        #expect(number == nil, "a number is no bytes")
        for count in 0..<payload.count {
            let found = range(of: 8, in: Array(payload[..<count]))
            #expect(found.map { $0.upperBound <= count } ?? true, "cut at \(count)")
        }
    }

    private func range(of tag: UInt8, in payload: [UInt8]) -> Range<Int>? {
        FieldReader.range(of: tag, in: payload.span.bytes)
    }
}
