import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct CallbackFactsTests {
    static func facts(_ meanings: some Sequence<CallbackMeaning>) -> CallbackFacts {
        var facts = CallbackFacts()
        for meaning in meanings { facts.take(meaning) }
        return facts
    }

    /// Calls back with every sequence of some length.
    static func forEverySequence(
        count: Int,
        _ prefix: [CallbackMeaning] = [],
        _ body: ([CallbackMeaning]) -> Void
    ) {
        guard prefix.count < count else { return body(prefix) }
        for meaning in CallbackMeaning.allCases {
            forEverySequence(count: count, prefix + [meaning], body)
        }
    }

    @Test(arguments: 0...6)
    func `callbacks in any order and number give one value`(count: Int) {
        // What the same set of callbacks gave before: a set of seven has 128 subsets.
        var known: [Set<CallbackMeaning>: CallbackFacts] = [:]
        var failures = 0
        Self.forEverySequence(count: count) { meanings in
            let facts = Self.facts(meanings)
            let set = Set(meanings)
            if facts != known[set, default: facts] { failures += 1 }
            known[set] = facts
        }
        #expect(failures == 0)
        #expect(known.count == [1, 7, 28, 63, 98, 119, 126][count])
        #expect(Set(known.values).count == known.count)
    }

    @Test(arguments: UInt64(0)..<20)
    func `names in any order and number give one value, and not more than there may be`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        let count = 1 + random.below(2 * CallbackFacts.nameCountMax)
        let callbacks = (0..<count).map { index in
            InteractionCallback(
                provider: ["p", "q", "pq"][index % 3],
                reference: "r-\(index)",
                word: "sent",
                meaning: random.pick(CallbackMeaning.allCases)
            )
        }
        var values: Set<CallbackFacts> = []
        for _ in 0..<10 {
            var order = callbacks + callbacks.filter { _ in random.below(2) == 0 }
            for index in order.indices.reversed() {
                order.swapAt(index, random.below(index + 1))
            }
            var facts = CallbackFacts()
            for callback in order { facts.take(callback) }
            #expect(facts.names.count == min(count, CallbackFacts.nameCountMax), "seed \(seed)")
            values.insert(facts)
        }
        #expect(values.count == 1, "seed \(seed)")
    }

    @Test func `a report without a reference tells no name`() {
        var facts = CallbackFacts()
        facts.take(
            InteractionCallback(provider: "p", reference: "", word: "sent", meaning: .sent)
        )
        #expect(facts == Self.facts([.sent]))
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        let seen: [CallbackMeaning]
        let status: InteractionStatus?
        var isFinal = false
        var isContradiction = false
        var provesAcceptance = true

        var testDescription: String { "\(seen.map(\.word)) gives \(status?.word ?? "none")" }
    }

    static let rules: [Rule] = [
        Rule(seen: [], status: nil, provesAcceptance: false),
        Rule(seen: [.note], status: nil, provesAcceptance: false),
        Rule(seen: [.unknown], status: nil, provesAcceptance: false),
        Rule(seen: [.note, .unknown], status: nil, provesAcceptance: false),
        Rule(seen: [.sent], status: .sent),
        Rule(seen: [.delivered], status: .delivered),
        Rule(seen: [.opened], status: .opened),
        Rule(seen: [.softFailure], status: .failed),
        Rule(seen: [.hardFailure], status: .failed, isFinal: true),
        Rule(seen: [.sent, .delivered], status: .delivered),
        Rule(seen: [.sent, .opened], status: .opened),
        Rule(seen: [.delivered, .opened], status: .opened),
        Rule(seen: [.sent, .softFailure], status: .failed),
        Rule(seen: [.delivered, .softFailure], status: .delivered),
        Rule(seen: [.opened, .softFailure], status: .opened),
        Rule(seen: [.sent, .hardFailure], status: .failed, isFinal: true),
        Rule(seen: [.delivered, .hardFailure], status: .failed, isFinal: true),
        Rule(seen: [.sent, .delivered, .hardFailure], status: .failed, isFinal: true),
        Rule(seen: [.softFailure, .hardFailure], status: .failed, isFinal: true),
        Rule(seen: [.opened, .hardFailure], status: .opened, isContradiction: true),
        Rule(
            seen: [.sent, .delivered, .opened, .hardFailure],
            status: .opened,
            isContradiction: true
        ),
        Rule(seen: [.delivered, .softFailure, .hardFailure], status: .failed, isFinal: true),
    ]

    @Test(arguments: rules)
    func `what was seen decides the status`(rule: Rule) {
        for extra in [[], [.note], [.unknown]] as [[CallbackMeaning]] {
            let facts = Self.facts(rule.seen + extra)
            #expect(facts.status == rule.status)
            #expect(facts.isFailureFinal == rule.isFinal)
            #expect(facts.isContradiction == rule.isContradiction)
            #expect(facts.provesAcceptance == rule.provesAcceptance)
            for meaning in CallbackMeaning.allCases {
                #expect(facts.contains(meaning) == (rule.seen + extra).contains(meaning))
            }
        }
    }
}
