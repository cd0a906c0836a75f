import CairnCore
import CairnDomains
import CairnIncident
import CairnJournal
import CairnTestSupport
import CairnTesting
import Testing

/// Listings choose by states that were folded without texts: those must stand where whole ones do.
struct ItemListRandomTests {
    static let commands: [ItemCommand] = [
        .resume(ItemDesk.hold(8), .dedup, .standard),
        .resume(ItemDesk.hold(9), .notSent, ResumeBounds(lossCountMax: 1, resendCountMax: 2)),
        .accept(ItemStory.acceptance),
        .reject(.provider, isFinal: false, reason: "busy", .standard),
        .reject(.sender, isFinal: false, reason: "offline", .once),
        .reject(.provider, isFinal: true, reason: "no such address", .standard),
        .doubt(ItemDoubt(.timeout, detail: "30s")),
        .noteLoss,
        .release,
        .settle(ItemSettlement(.sent, source: .person, by: "ada")),
        .settle(ItemSettlement(.failed, source: .ask, by: "policy", reason: "not there")),
        .settle(ItemSettlement(.failedFinal, source: .lateReply, by: "provider")),
        .beginStep(ItemStepMark(number: 1, name: "first")),
        .endStep(ItemStepEnd(number: 1, result: Array("{}".utf8))),
        .failStep(ItemStepFailure(number: 1, reason: "no")),
        .receive(ItemStory.callback(.delivered, word: "ok")),
        .receive(ItemStory.callback(.softFailure, word: "later")),
        .receive(ItemStory.callback(.opened, word: "open")),
        .receive(ItemStory.callback(.hardFailure, word: "never")),
        .receive(ItemStory.callback(.unknown, word: "?")),
        .note(ItemStory.message("u")),
    ]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `every item is listed under exactly one verdict and one status`(
        seed: UInt64
    ) async throws {
        let story = try ItemStory()
        var random = SeededGenerator(seed: seed)
        let lock = try await story.journal.lockLife(7)
        for number in 1...40 {
            let name = "k-\(number)"
            let stream = try await story.desk.begin(
                name,
                worker: 7 + UInt64(number % 2),
                worksInSteps: number.isMultiple(of: 3)
            )
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                if Int.random(in: 0..<6, using: &random) == 0 {
                    // Refused where the key forbids it, as other commands are.
                    _ = try? await story.desk.begin(name, worker: 7)
                }
                guard let command = Self.commands.randomElement(using: &random) else { continue }
                _ = try? await story.desk.give(command, to: stream)
            }
        }
        let all = try await story.view.items(now: story.now)
        #expect(all.count == 40)
        for word in KeyVerdict.words {
            let listed = try await story.view.items(where: ItemQuery(verdict: word), now: story.now)
            #expect(listed == all.filter { $0.verdict.word == word }, "\(word), seed \(seed)")
        }
        for status in InteractionStatus.allCases {
            let query = ItemQuery(status: status)
            let listed = try await story.view.items(where: query, now: story.now)
            #expect(listed == all.filter { $0.status == status }, "\(status), seed \(seed)")
        }
        for row in all {
            let key = try ItemKey(try #require(row.key))
            let sight = try #require(try await story.view.item(key: key, now: story.now))
            #expect(sight.row == row, "\(key), seed \(seed)")
            #expect(sight.events.count == Int(row.state.eventCount))
        }
        lock.release()
    }
}
