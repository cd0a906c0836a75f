import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

struct ItemTableTests {
    /// The table, under a fence told by the state.
    static func table(_ fence: (ItemState) -> UInt64) throws -> TransitionTable {
        try TransitionTable(
            of: ItemMachine(),
            standings: ItemSamples.standings.map { ($0.name, ItemSamples.state($0.facts)) },
            commands: ItemSamples.commands,
            context: { TurnContext(now: ItemSamples.now, seed: 1, fence: fence($0)) },
            read: ItemReading.reading
        )
    }

    /// The transitions as the specification shows them, under the right fence.
    static func rendered() throws -> String {
        try table { $0.current?.fence.rawValue ?? 0 }.markdown
    }

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Item.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let right = try Self.rendered()
        #expect(text.contains("\n\n\(right)\n\n"), "\(right)")
    }

    @Test func `under an old fence everything is refused that needs the right to send`() throws {
        let right = try Self.table { $0.current?.fence.rawValue ?? 0 }
        let old = try Self.table { ($0.current?.fence.rawValue ?? 9) - 1 }
        for cell in right.cells {
            let isFree =
                cell.command == "receive" || cell.command == "note"
                || cell.command.hasPrefix("begin") && !cell.command.hasPrefix("beginStep")
            let fenced = right[cell] == "*unknown*" ? "*unknown*" : "*fenced*"
            #expect(old[cell] == (isFree ? right[cell] : fenced), "\(cell)")
        }
    }

    @Test func `each standing has the verdict and the status that the specification names`() throws
    {
        let bytes = try PipelineDefinitionTests.specification("Machines/Item.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let rows = ItemSamples.standings.map { name, facts in
            let state = ItemSamples.state(facts)
            let words = [
                name, state.verdict().word, state.verdict(isHolderGone: true).word,
                state.status?.word ?? "",
            ]
            return "| \(words.joined(separator: " | ")) |"
        }
        let table = rows.joined(separator: "\n")
        #expect(text.contains("| --- | --- | --- | --- |\n\(table)\n\n"), "\(table)")
    }

    @Test func `every kind of event and every refusal stands in the table`() throws {
        let table = try Self.rendered()
        // No command leads to a row that is imported.
        for kind in ItemEventKind.allCases where kind != .imported {
            #expect(table.contains("`\(kind.rawValue)`"))
        }
        for word in KeyVerdict.words where word != "fresh" { #expect(table.contains(word)) }
    }

    @Test(arguments: SkipRule.allCases)
    func `a rule sends at exactly these verdicts`(rule: SkipRule) {
        let verdicts: [KeyVerdict] = [
            .fresh, .done(ItemAcceptance()),
            .inFlight(worker: WorkerNumber(rawValue: 1), until: ItemSamples.lease),
            .inDoubt(ItemDoubt(.error), since: .unixEpoch),
            .failedRetryable(reason: "", retryAt: nil), .failedFinal(reason: ""),
            .conflict(stored: ItemSamples.digest("a"), given: ItemSamples.digest("b")),
        ]
        #expect(verdicts.map(\.word) == KeyVerdict.words)
        let expected: Set<String> =
            switch rule {
            case .standard: ["fresh", "failed_retryable"]
            case .ifKeyExists: ["fresh"]
            case .unlessFailed: ["fresh", "failed_retryable", "failed_final"]
            }
        let sent = verdicts.filter(rule.allowsAttempt(after:)).map(\.word)
        #expect(Set(sent) == expected)
    }
}
