import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

struct ItemTransitionTests {
    /// The commands of the table, and reports and rejections that lead to its further columns.
    static let commands: [ItemCommand] =
        ItemSamples.commands.map(\.command) + [
            .reject(.provider, isFinal: false, reason: "no", .once),
            .receive(ItemSamples.callback(.softFailure)),
            .receive(ItemSamples.callback(.hardFailure)),
            report(.softFailure), report(.delivered),
        ]

    /// A report about the first attempt, by its key.
    private static func report(_ meaning: CallbackMeaning) -> ItemCommand {
        var callback = ItemSamples.callback(meaning)
        callback.providerKey = "k#1"
        return .receive(callback)
    }

    @Test func `any commands in any order meet every cell of an item's table`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Item.md")
        let next = try NextStandings("Machines/Item.md")
        let coverage = try Laws.turnsFollowTable(
            ItemMachine(),
            try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self)),
            next: next.table,
            read: ItemReading.reading,
            commands: .sampled(from: Self.commands),
            fence: { $0.current?.fence.rawValue ?? 0 },
            settings: PropertySettings(caseCountMax: 3_000, seed: 1)
        )
        #expect(coverage.outsideCount == 0, "\(coverage)")
        next.expectAll(of: coverage)
    }
}
