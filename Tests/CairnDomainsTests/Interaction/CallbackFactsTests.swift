import CairnCore
import CairnDomains
import Testing

struct CallbackFactsTests {
    struct Callback: Sendable {
        let meaning: CallbackMeaning
        let time: Timestamp?

        init(_ meaning: CallbackMeaning, _ nanoseconds: Int64? = nil) {
            self.meaning = meaning
            time = nanoseconds.map { Timestamp(nanoseconds: $0) }
        }
    }

    static func facts(_ callbacks: some Sequence<Callback>) -> CallbackFacts {
        var facts = CallbackFacts()
        for callback in callbacks { facts.take(callback.meaning, at: callback.time) }
        return facts
    }

    static func encoded(_ facts: CallbackFacts) -> [UInt8] {
        var writer = ByteWriter()
        facts.encode(into: &writer)
        return writer.finish()
    }

    /// The encoding as its description in the source says, made from all callbacks at once.
    static func expectedBytes(_ callbacks: [Callback]) -> [UInt8] {
        var seen: UInt8 = 0
        var timed: UInt8 = 0
        var times: [UInt8] = []
        for meaning in CallbackMeaning.allCases {
            let bit: UInt8 = 1 << (meaning.rawValue - 1)
            let mine = callbacks.filter { $0.meaning == meaning }
            guard !mine.isEmpty else { continue }
            seen |= bit
            guard let first = mine.compactMap(\.time).min() else { continue }
            timed |= bit
            let pattern = UInt64(bitPattern: first.nanoseconds)
            for byte in 0..<8 { times.append(UInt8(truncatingIfNeeded: pattern >> (8 * byte))) }
        }
        return [seen, timed] + times
    }

    /// Calls back with every sequence of some length.
    static func forEverySequence(
        of symbols: [Callback],
        count: Int,
        _ prefix: [Callback] = [],
        _ body: ([Callback]) -> Void
    ) {
        guard prefix.count < count else { return body(prefix) }
        for symbol in symbols {
            forEverySequence(of: symbols, count: count, prefix + [symbol], body)
        }
    }

    @Test(arguments: 0...6)
    func `callbacks in any order and number give one value and one encoding`(count: Int) {
        let symbols = CallbackMeaning.allCases.map { Callback($0) }
        // What the same set of callbacks gave before: a set of seven has 128 subsets.
        var known: [[UInt8]: CallbackFacts] = [:]
        var failures = 0
        Self.forEverySequence(of: symbols, count: count) { callbacks in
            let facts = Self.facts(callbacks)
            var joined = Self.facts(callbacks[..<(count / 2)])
            joined.join(Self.facts(callbacks[(count / 2)...]))
            let mask = callbacks.reduce(0 as UInt8) { $0 | 1 << ($1.meaning.rawValue - 1) }
            let bytes = Self.encoded(facts)
            if bytes != [mask, 0] || facts != joined { failures += 1 }
            if facts != known[bytes, default: facts] { failures += 1 }
            known[bytes] = facts
        }
        #expect(failures == 0)
        #expect(known.count == [1, 7, 28, 63, 98, 119, 126][count])
    }

    @Test(arguments: 1...3)
    func `times in any order give the earliest of each meaning`(count: Int) {
        let symbols = CallbackMeaning.allCases.flatMap { meaning in
            [Callback(meaning), Callback(meaning, -5), Callback(meaning, 7)]
        }
        var known: [[UInt8]: CallbackFacts] = [:]
        var failures = 0
        Self.forEverySequence(of: symbols, count: count) { callbacks in
            let facts = Self.facts(callbacks)
            let bytes = Self.encoded(facts)
            if bytes != Self.expectedBytes(callbacks) { failures += 1 }
            if facts != known[bytes, default: facts] { failures += 1 }
            known[bytes] = facts
            for split in 1...count {
                var joined = Self.facts(callbacks[split...])
                joined.join(Self.facts(callbacks[..<split]))
                joined.join(facts)
                if joined != facts { failures += 1 }
            }
        }
        #expect(failures == 0)
    }

    /// Every choice of some meanings, in which a meaning may stand several times.
    static func multisets(count: Int, from first: UInt8 = 1) -> [[CallbackMeaning]] {
        guard count > 0 else { return [[]] }
        return CallbackMeaning.allCases.filter { $0.rawValue >= first }.flatMap { meaning in
            multisets(count: count - 1, from: meaning.rawValue).map { [meaning] + $0 }
        }
    }

    /// Takes the rest in every order; where three are left, they also come joined.
    static func orders(
        of rest: [Callback],
        after facts: CallbackFacts,
        reach expected: CallbackFacts
    ) -> (orders: Int, failures: Int) {
        guard !rest.isEmpty else { return (1, facts == expected ? 0 : 1) }
        var total = (orders: 0, failures: 0)
        if rest.count == 3 {
            var joined = facts
            joined.join(Self.facts(rest))
            if joined != expected { total.failures += 1 }
        }
        for index in rest.indices {
            var left = rest
            let next = left.remove(at: index)
            var more = facts
            more.take(next.meaning, at: next.time)
            let found = orders(of: left, after: more, reach: expected)
            total = (total.orders + found.orders, total.failures + found.failures)
        }
        return total
    }

    @Test(arguments: 1...6)
    func `every choice of callbacks with times gives one value in all its orders`(count: Int) {
        let times: [Int64?] = [20, nil, 10, 30, nil, -3]
        var factorial = 1
        for number in 1...count { factorial *= number }
        let multisets = Self.multisets(count: count)
        #expect(multisets.count == [7, 28, 84, 210, 462, 924][count - 1])
        var wrong: [[CallbackMeaning]] = []
        for meanings in multisets {
            let callbacks = zip(meanings, times).map { Callback($0, $1) }
            let expected = Self.facts(callbacks)
            let found = Self.orders(of: callbacks, after: CallbackFacts(), reach: expected)
            let isRight = found == (factorial, 0)
            if !isRight || Self.encoded(expected) != Self.expectedBytes(callbacks) {
                wrong.append(meanings)
            }
        }
        #expect(wrong == [])
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
            let facts = Self.facts((rule.seen + extra).map { Callback($0) })
            #expect(facts.status == rule.status)
            #expect(facts.isFailureFinal == rule.isFinal)
            #expect(facts.isContradiction == rule.isContradiction)
            #expect(facts.provesAcceptance == rule.provesAcceptance)
            #expect(facts.isEmpty == (rule.seen + extra).isEmpty)
            for meaning in CallbackMeaning.allCases {
                #expect(facts.contains(meaning) == (rule.seen + extra).contains(meaning))
                #expect(facts.earliest(meaning) == nil)
            }
        }
    }

    @Test func `facts are read back from the bytes they wrote, in the midst of others`() throws {
        for mask in 0..<(1 << 14) {
            // Two bits for each meaning: absent, without time, with one of two times.
            var facts = CallbackFacts()
            for (place, meaning) in CallbackMeaning.allCases.enumerated() {
                switch (mask >> (2 * place)) & 3 {
                case 0: break
                case 1: facts.take(meaning, at: nil)
                case 2: facts.take(meaning, at: .distantPast)
                default: facts.take(meaning, at: Timestamp(nanoseconds: Int64(mask) << 40))
                }
            }
            var writer = ByteWriter()
            writer.littleEndian(0xAB as UInt8)
            facts.encode(into: &writer)
            writer.littleEndian(0xCD as UInt8)
            let bytes = writer.finish()
            var reader = ByteReader(offset: 1)
            let read = try CallbackFacts(&reader, in: bytes.span.bytes)
            #expect(read == facts)
            #expect(reader.offset == bytes.count - 1)
        }
    }

    @Test(arguments: [
        [], [0x01], [0x80, 0x00], [0x01, 0x02], [0x00, 0x01], [0x01, 0x80],
        [0x01, 0x01], [0x01, 0x01, 0, 0, 0, 0, 0, 0, 0], [0x03, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ])
    func `bytes that no facts wrote are refused`(bytes: [UInt8]) {
        #expect(throws: TruncatedBytes.self) {
            var reader = ByteReader()
            _ = try CallbackFacts(&reader, in: bytes.span.bytes)
        }
    }
}
