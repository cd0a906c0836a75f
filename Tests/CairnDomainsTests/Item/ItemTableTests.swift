import CairnCore
@testable import CairnDomains
import Testing

struct ItemTableTests {
    /// The rows of the table, under a fence told by the state.
    static func rows(_ fence: (ItemState) -> UInt64) -> [[String]] {
        let states = ItemSamples.standings.map { ItemSamples.state($0.facts) }
        return ItemSamples.commands.map { name, command in
            [name] + states.map { cell(command, $0, fence: fence($0)) }
        }
    }

    /// The transitions as the specification shows them, under the right fence.
    static func rendered() -> String {
        let header = ["command"] + ItemSamples.standings.map(\.name)
        let rows = rows { $0.current?.fence.rawValue ?? 0 }
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

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Item.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let right = Self.rendered()
        #expect(text.contains("\n\n\(right)\n\n"), "\(right)")
    }

    @Test func `under an old fence everything is refused that needs the right to send`() {
        let right = Self.rows { $0.current?.fence.rawValue ?? 0 }
        let old = Self.rows { ($0.current?.fence.rawValue ?? 9) - 1 }
        for (right, old) in zip(right, old) {
            let isFree =
                right[0] == "receive" || right[0] == "note"
                || right[0].hasPrefix("begin") && !right[0].hasPrefix("beginStep")
            let fenced = right[1...].map { $0 == "*unknown*" ? $0 : "*fenced*" }
            #expect(Array(old[1...]) == (isFree ? Array(right[1...]) : fenced), "\(right[0])")
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

    @Test func `every kind of event and every refusal stands in the table`() {
        let table = Self.rendered()
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
        case .notInSteps: "not in steps"
        case .otherWay: "begun otherwise"
        case .workerLeft: "worker left"
        case .unknown: "unknown"
        }
    }
}
