import CairnCore
@testable import CairnDomains
import Testing

struct ItemTableTests {
    /// The transitions as the specification shows them, under a fence told by the state.
    static func rendered(_ fence: (ItemState) -> UInt64) -> String {
        let states = ItemSamples.standings.map { ItemSamples.state($0.facts) }
        let header = ["command"] + ItemSamples.standings.map(\.name)
        let rows = ItemSamples.commands.map { name, command in
            [name] + states.map { cell(command, $0, fence: fence($0)) }
        }
        let lines = [header, header.map { _ in "---" }] + rows
        return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }

    private static func cell(_ command: ItemCommand, _ state: ItemState, fence: UInt64) -> String {
        let context = TurnContext(now: ItemSamples.now, seed: 1, fence: fence)
        do throws(ItemRefusal) {
            let events = try ItemMachine().decide(command, in: state, context: context)
            return events.first.map { "`\($0.fact.kind.rawValue)`" } ?? "`[]`"
        } catch {
            return "*\(error.tableWord)*"
        }
    }

    @Test func `the tables in the specification are the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Item.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let right = Self.rendered { $0.current?.fence.rawValue ?? 0 }
        #expect(text.contains("\n\n\(right)\n\n"), "\(right)")
        let old = Self.rendered { ($0.current?.fence.rawValue ?? 9) - 1 }
        #expect(text.contains("\n\n\(old)\n\n"), "\(old)")
    }

    @Test func `each standing has the verdict and the status that the specification names`() throws {
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

    @Test func `every kind of event and every refusal stands in the tables`() {
        let table = Self.rendered { $0.current?.fence.rawValue ?? 0 }
        for kind in ItemEventKind.allCases { #expect(table.contains("`\(kind.rawValue)`")) }
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

extension ItemRefusal {
    /// The refusal in a cell of the table: the verdict alone where the rule says no.
    fileprivate var tableWord: String {
        switch self {
        case .verdict(let verdict): verdict.word
        case .fenced: "fenced"
        case .notOpen: "not open"
        case .notInDoubt: "not in doubt"
        case .keyCollision: "key collision"
        case .stepMismatch: "step mismatch"
        case .unknown: "unknown"
        }
    }
}
