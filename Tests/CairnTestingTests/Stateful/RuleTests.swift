import CairnTesting
import Testing

/// Things that are tested step by step beside a model.
struct RuleTests {
    /// A store that forgets a key's second value, and a dictionary that does not.
    private struct Store: Sendable {
        var keys = Pool<String>()
        var model: [String: Int] = [:]
        var subject: [String: Int] = [:]
        let isBroken: Bool
    }

    private static let storeRules: [Rule<Store>] = [
        Rule("put") { store, draw in
            let key = try draw.reuse(store.keys, or: .text(), "key")
            let value = try draw(.int(), "value")
            store.keys.add(key)
            store.model[key] = value
            if !store.isBroken || store.subject[key] == nil { store.subject[key] = value }
        },
        Rule("remove", when: { !$0.keys.isEmpty }) { store, draw in
            let key = try draw.pick(store.keys, "key")
            store.model[key] = nil
            store.subject[key] = nil
        },
        Rule("count") { store, draw in
            try draw.expect(store.subject.count, equals: store.model.count)
        },
        Rule("get", when: { !$0.keys.isEmpty }) { store, draw in
            let key = try draw.pick(store.keys, "key")
            try draw.expect(store.subject[key], equals: store.model[key], "the value is kept")
        },
    ]

    @Test(arguments: UInt64(1)...10)
    func `the shortest steps that go wrong are found`(seed: UInt64) throws {
        let found = failure(seed: seed, startingWith: Store(isBroken: true), Self.storeRules)
        guard case .falsified(let report) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        let lines = report.description.split(separator: "\n")
        // Later steps name the key by its place, so it might as well be another.
        #expect(lines[1] == #"  1. put(key: "" /* or any other */, value: 0)"#)
        #expect(lines[2] == #"  2. put(key: "", value: 1)"#)
        #expect(lines[3].hasPrefix(#"  3. get(key: """#))
        #expect(report.failures[0].steps == ["put", "put", "get"])
    }

    @Test func `what is right passes`() throws {
        let rules = Self.storeRules
        let settings = PropertySettings(caseCountMax: 200, seed: 1)
        let summary = try check(
            "a store is a dictionary",
            startingWith: Store(isBroken: false),
            rules: rules,
            settings: settings
        )
        #expect(summary.passedCount == 200)
    }

    @Test func `an invariant is looked at from the start and after every step`() {
        let add = Rule<Int>("add") { number, draw in number += try draw(.int(in: 0...9), "by") }
        let small = Invariant<Int>("it is below 21") { $0 < 21 }
        let found = failure(startingWith: 0, [add], invariants: [small])
        guard case .falsified(let report) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(report.failures[0].values.map(\.text) == ["3", "9", "9"])
        #expect(report.failures[0].error is BrokenInvariant)
        let atOnce = failure(startingWith: 30, [add], invariants: [small])
        guard case .falsified(let first) = atOnce else {
            Issue.record("\(String(describing: atOnce))")
            return
        }
        #expect(first.failures[0].steps == [])
    }

    @Test func `a rule that can never be used is told`() {
        let idle = Rule<Int>("idle") { _, _ in }
        let never = Rule<Int>("never", when: { $0 > 0 }) { _, _ in }
        let found = failure(startingWith: 0, [idle, never])
        guard case .neverTrue(_, let names, _) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(names == ["the rule never"])
    }

    @Test func `a rule whose cases are all discarded was not used`() {
        let add = Rule<Int>("add") { number, _ in number += 1 }
        let vain = Rule<Int>("vain", when: { $0 == 3 }) { _, draw in try draw.assume(false) }
        let found = failure(startingWith: 0, [add, vain])
        guard case .neverTrue(_, let names, _) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(names == ["the rule vain"])
    }

    @Test func `rules that wait and whose cases are all discarded were not used`() async {
        let add = AsyncRule<Int>("add") { number, _ in number += 1 }
        let vain = AsyncRule<Int>("vain", when: { $0 == 3 }) { try $1.assume(false) }
        let error = await #expect(throws: PropertyError.self) {
            try await check("it holds", startingWith: 0, rules: [add, vain])
        }
        #expect(error?.description.contains("never true in 500 cases: the rule vain") == true)
    }

    @Test func `a case where nothing can be done any more is over`() throws {
        let once = Rule<Int>("once", when: { $0 == 0 }) { number, _ in number += 1 }
        let settings = PropertySettings(caseCountMax: 20, seed: 1)
        try check(
            "it ends",
            startingWith: 0,
            rules: [once],
            invariants: [Invariant("it is used once") { $0 < 2 }],
            settings: settings
        )
    }

    @Test func `what only happens without one rule is found`() {
        // Only sixty steps in a row without a reset go wrong.
        let step = Rule<Int>("step") { number, _ in number += 1 }
        let resets = (1...3).map { number in
            Rule<Int>("reset \(number)") { count, _ in count = 0 }
        }
        let found = failure(
            startingWith: 0,
            [step] + resets,
            invariants: [Invariant("it stays low") { $0 < 30 }]
        )
        guard case .falsified(let report) = found else {
            Issue.record("\(String(describing: found))")
            return
        }
        #expect(report.failures[0].steps == [String](repeating: "step", count: 30))
    }

    @Test func `rules that wait are checked and made simpler alike`() async throws {
        actor Counter {
            var count = 0
            func add(_ number: Int) { count += number == 7 ? 8 : number }
        }
        struct Run {
            let counter = Counter()
            var model = 0
        }
        let rules: [AsyncRule<Run>] = [
            AsyncRule("add") { run, draw in
                let number = try draw(.int(in: 0...9), "number")
                run.model += number
                await run.counter.add(number)
            },
            AsyncRule("look", when: { $0.model > 0 }) { run, draw in
                try draw.expect(await run.counter.count, equals: run.model)
            },
        ]
        let settings = PropertySettings(seed: 1)
        do {
            try await check("it counts", startingWith: Run(), rules: rules, settings: settings)
            Issue.record("it holds")
        } catch {
            guard case .falsified(let report) = error else { throw error }
            #expect(report.failures[0].steps == ["add", "look"])
            #expect(report.failures[0].values.map(\.text) == ["7"])
        }
    }

    private func failure<Context: Sendable>(
        seed: UInt64 = 1,
        startingWith context: Context,
        _ rules: [Rule<Context>],
        invariants: [Invariant<Context>] = []
    ) -> PropertyError? {
        do {
            try check(
                "it holds",
                startingWith: context,
                rules: rules,
                invariants: invariants,
                settings: PropertySettings(caseCountMax: 2_000, seed: seed)
            )
            return nil
        } catch {
            return error
        }
    }
}
