import CairnCore
@testable import CairnDomains
import CairnEngine
import CairnJournal
import Testing

/// What is kept under a provider's name before anybody has it, and what is not.
struct ReferenceMachineTests {
    private func callback(
        _ id: Int,
        _ meaning: CallbackMeaning,
        bodyByteCount: Int = 0
    ) -> InteractionCallback {
        InteractionCallback(
            provider: "p",
            reference: "r",
            eventID: "e-\(id)",
            word: meaning.word,
            meaning: meaning,
            body: Array(repeating: 1, count: bodyByteCount)
        )
    }

    private func holder() throws -> ItemHolder<ReferenceMachine> {
        ItemHolder(
            ReferenceMachine(),
            of: try ReferenceMachine.stream(provider: "p", reference: "r"),
            in: MemoryJournal(clock: { ItemSamples.now })
        )
    }

    @Test func `beyond a number of reports only what is new in them is kept`() async throws {
        var name = try holder()
        let countMax = ReferenceMachine.earlyCountMax
        for id in 0..<3 * countMax { _ = try await name.give(.keep(callback(id, .note))) }
        #expect(name.known.state.early.count == countMax)
        #expect(name.known.state.droppedCount == UInt64(2 * countMax))
        for (id, meaning) in CallbackMeaning.allCases.enumerated() {
            _ = try await name.give(.keep(callback(1_000 + id, meaning, bodyByteCount: 10)))
        }
        let early = name.known.state.early
        #expect(early.count == countMax + CallbackMeaning.allCases.count - 1)
        #expect(Set(early.map(\.meaning)) == Set(CallbackMeaning.allCases))
        #expect(early.dropFirst(countMax).allSatisfy { $0.body == nil })
        // What came beyond the bound is a fact all the same, and told again it is the same one.
        let before = name.known
        for id in [0, countMax + 1, 1_001] {
            let meaning = id < 1_000 ? .note : CallbackMeaning.allCases[1]
            #expect(try await name.give(.keep(callback(id, meaning))) == [])
        }
        #expect(name.known == before)
        #expect(try await name.fold.folded(in: name.journal) == name.known)
        _ = try await name.give(.link(try StreamID("key/k")))
        #expect(name.known.state.early.isEmpty)
        #expect(name.known.state.earlyByteCount == 0)
    }

    @Test func `what is too large for an item to take is kept without its body`() async throws {
        var name = try holder()
        let half = ReferenceMachine.earlyByteCountMax
        _ = try await name.give(.keep(callback(1, .sent, bodyByteCount: half / 2)))
        _ = try await name.give(.keep(callback(2, .delivered, bodyByteCount: half / 2)))
        #expect(name.known.state.early.map(\.meaning) == [.sent, .delivered])
        #expect(name.known.state.early.map { ($0.body ?? []).count } == [half / 2, 0])
        #expect(name.known.state.droppedCount == 1)
    }

    @Test func `a report that is dropped keeps no text that is longer than any provider's`()
        async throws
    {
        var name = try holder()
        var large = callback(1, .opened)
        large.detail = String(repeating: "x", count: ReferenceMachine.earlyByteCountMax)
        large.eventID = String(repeating: "\u{1F600}", count: 300)
        let events = try #require(try await name.give(.keep(large)))
        guard case .dropped(let kept, _) = try #require(events.first) else {
            Issue.record("\(events.count) events")
            return
        }
        #expect(kept.detail?.count == 200)
        #expect(kept.eventID?.unicodeScalars.count == 200)
        #expect(try await name.give(.keep(large)) == [])
    }
}
