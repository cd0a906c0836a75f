import CairnCore
@testable import CairnDomains
import CairnEngine
import CairnJournal
import CairnTesting
import Testing

/// Law 7 for items: reports in any order, as often as one likes, before and after the answer.
struct ItemCallbackTests {
    static let meanings: [CallbackMeaning] = [
        .sent, .delivered, .opened, .softFailure, .hardFailure, .note,
    ]

    /// What must not depend on the order.
    struct Outcome: Hashable {
        let attempts: [ItemAttempt]
        let status: InteractionStatus?
        let verdict: KeyVerdict
        let setAside: ItemSetAside?
        let strayCount: UInt64

        init(_ state: ItemState) {
            attempts = state.attempts
            status = state.status
            verdict = state.verdict()
            setAside = state.setAside
            strayCount = state.strayCallbackCount
        }
    }

    static func orders<Value>(_ values: [Value]) -> [[Value]] {
        guard !values.isEmpty else { return [[]] }
        return values.indices.flatMap { index in
            var rest = values
            let first = rest.remove(at: index)
            return orders(rest).map { [first] + $0 }
        }
    }

    /// Whether a command is refused only because another one was faster.
    private static func apply(
        _ command: ItemCommand,
        to state: inout ItemState
    ) throws(ItemRefusal) {
        let context = TurnContext(now: ItemSamples.now, fence: state.current?.fence.rawValue ?? 0)
        for event in try ItemMachine().decide(command, in: state, context: context) {
            ItemMachine().evolve(&state, by: event)
        }
    }

    @Test func `every order of reports and the answer gives one attempt and one status`() throws {
        var historyCount = 0
        for subset in 0..<64 {
            let reports = Self.meanings.indices.filter { subset & (1 << $0) != 0 }.map { index in
                ItemCommand.receive(ItemSamples.callback(Self.meanings[index]))
            }
            var outcomes: Set<Outcome> = []
            for order in Self.orders(reports) {
                for place in 0...order.count {
                    var commands = order
                    commands.insert(.accept(ItemSamples.acceptance), at: place)
                    var state = ItemSamples.state([ItemSamples.began()])
                    for command in commands { try Self.apply(command, to: &state) }
                    outcomes.insert(Outcome(state))
                    historyCount += 1
                    #expect(state.anomalyCount == 0)
                }
            }
            #expect(outcomes.count == 1, "subset \(subset)")
        }
        #expect(historyCount == 11_743)
    }

    @Test func `a doubt ends alike whether reports come before it or after`() throws {
        for subset in 1..<64 {
            let reports = Self.meanings.indices.filter { subset & (1 << $0) != 0 }.map { index in
                ItemCommand.receive(ItemSamples.callback(Self.meanings[index]))
            }
            var outcomes: Set<Outcome> = []
            for order in Self.orders(reports) {
                for place in 0...order.count {
                    var commands = order
                    commands.insert(.doubt(ItemDoubt(.timeout)), at: place)
                    var state = ItemSamples.state([ItemSamples.began()])
                    for command in commands {
                        // What is proved to be sent is in no doubt any more.
                        do throws(ItemRefusal) { try Self.apply(command, to: &state) } catch {
                            guard case .notOpen = error else { throw error }
                        }
                    }
                    outcomes.insert(Outcome(state))
                }
            }
            #expect(outcomes.count == 1, "subset \(subset)")
        }
    }

    @Test func `a report ends a doubt that was set aside, and what follows may be gone on with`()
        throws
    {
        var state = ItemSamples.state([
            ItemSamples.began(), .doubted(ItemDoubt(.holderGone)), .setAside(.losses(3)),
        ])
        #expect(state.setAside != nil)
        try Self.apply(.receive(ItemSamples.callback(.softFailure)), to: &state)
        #expect(state.setAside == nil)
        try Self.apply(
            .begin(ItemSamples.request(), ItemSamples.hold(2), .standard),
            to: &state
        )
        let bounds = ResumeBounds(lossCountMax: 9, resendCountMax: 9)
        try Self.apply(.resume(ItemSamples.hold(3), .dedup, bounds), to: &state)
        #expect(state.current?.number == 2)
    }

    @Test(arguments: [ItemSettlement.Verdict.failed, .failedFinal])
    func `a report proves a settlement wrong that said nothing was sent`(
        verdict: ItemSettlement.Verdict
    ) throws {
        var state = ItemSamples.state([ItemSamples.began(), .doubted(ItemDoubt(.timeout))])
        try Self.apply(.settle(ItemSettlement(verdict, source: .ask, by: "policy")), to: &state)
        #expect(state.status == .failed)
        try Self.apply(.receive(ItemSamples.callback(.sent)), to: &state)
        #expect(state.status == .sent)
        #expect(state.verdict().word == "done")
        #expect(throws: ItemRefusal.self) {
            try Self.apply(
                .begin(ItemSamples.request(), ItemSamples.hold(2), .unlessFailed),
                to: &state
            )
        }
    }

    @Test func `an earlier attempt that arrived keeps the later one from being sent again`() throws
    {
        var state = ItemSamples.state([
            ItemSamples.began(), .accepted(ItemSamples.acceptance),
            .calledBack(ItemSamples.callback(.softFailure)), ItemSamples.began(2, worker: 2),
            .doubted(ItemDoubt(.timeout)),
        ])
        try Self.apply(.receive(ItemSamples.callback(.delivered)), to: &state)
        #expect(state.attempts[0].status == .delivered)
        #expect(state.verdict().word == "done")
        #expect(throws: ItemRefusal.self) {
            try Self.apply(.resume(ItemSamples.hold(3), .dedup, .standard), to: &state)
        }
    }

    @Test func `a report is about the attempt of our own key, else of its name, else the last`()
        throws
    {
        let other = ItemAcceptance(provider: "p", providerReference: "s")
        let facts: [ItemEvent.Fact] = [
            ItemSamples.began(), .accepted(ItemSamples.acceptance),
            .calledBack(ItemSamples.callback(.softFailure)), ItemSamples.began(2),
            .accepted(other), .calledBack(ItemSamples.callback(.softFailure, attempt: 2)),
            ItemSamples.began(3),
        ]
        let state = ItemSamples.state(facts)
        func attempt(_ reference: String, _ providerKey: String?) -> Int64? {
            state.attempt(
                of: InteractionCallback(
                    provider: "p",
                    reference: reference,
                    providerKey: providerKey,
                    word: "open",
                    meaning: .opened
                )
            )
        }
        #expect(attempt("r", "k#3") == 3)
        #expect(attempt("s", "k#1") == 1)
        #expect(attempt("s", nil) == 2)
        // The second report was about the second attempt, and came under the first one's name.
        #expect(attempt("r", nil) == 2)
        #expect(attempt("new", nil) == 3)
        // Keys of nobody's, or of another item's.
        #expect(attempt("s", "k#9") == 2)
        #expect(attempt("s", "other#1") == 2)
        #expect(attempt("new", "k#9") == nil)
        #expect(attempt("new", "other#1") == nil)
        #expect(attempt("new", "k#01") == nil)
    }

    @Test(arguments: UInt64(0)..<25)
    func `repeated reports and early ones give the state of each once`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: 500 + seed)
        let callbacks = (0..<1 + generator.below(6)).map { index in
            ItemSamples.callback(
                generator.pick(Self.meanings),
                id: "e\(index)",
                attempt: 0
            )
        }
        var outcomes: Set<Outcome> = []
        for round in 0..<6 {
            let journal = MemoryJournal(clock: { ItemSamples.now })
            let stream = try StreamID("key/k")
            var item = ItemHolder(ItemMachine(), of: stream, in: journal)
            _ = try await item.give(
                .begin(ItemSamples.request(), ItemSamples.hold(1), .standard)
            )
            item.fence = 1
            let early = round % 3
            var reports = callbacks
            // Fisher and Yates, and in later rounds every report up to three times.
            for index in reports.indices.reversed() {
                reports.swapAt(index, generator.below(index + 1))
            }
            if round > 2 {
                for _ in 0..<callbacks.count * 2 {
                    let place = generator.below(reports.count + 1)
                    reports.insert(generator.pick(callbacks), at: place)
                }
            }
            let cut = early == 0 ? 0 : reports.count * early / 2
            try await Self.keep(Array(reports[..<cut]), thenAccept: &item, in: journal)
            var appendedCount = 0
            for callback in reports[cut...] {
                appendedCount += try await item.give(.receive(callback))?.count ?? 0
            }
            #expect(appendedCount <= callbacks.count, "seed \(500 + seed), round \(round)")
            #expect(
                item.known.state.eventCount == UInt64(callbacks.count) + 2,
                "seed \(500 + seed), round \(round)"
            )
            let replayed = try await item.fold.folded(in: journal)
            #expect(replayed == item.known)
            outcomes.insert(Outcome(item.known.state))
        }
        #expect(outcomes.count == 1, "seed \(500 + seed)")
    }

    /// Keeps reports under the provider's name, and applies them once the answer links it.
    private static func keep(
        _ early: [InteractionCallback],
        thenAccept item: inout ItemHolder<ItemMachine>,
        in journal: MemoryJournal
    ) async throws {
        let stream = try ReferenceMachine.stream(provider: "p", reference: "r")
        var name = ItemHolder(ReferenceMachine(), of: stream, in: journal)
        for callback in early { _ = try await name.give(.keep(callback)) }
        let kept = name.known.state.early
        #expect(Set(kept) == Set(early))
        #expect(kept.count == Set(early).count)
        _ = try await item.give(.accept(ItemSamples.acceptance))
        _ = try await name.give(.link(item.fold.stream))
        #expect(name.known.state.link == item.fold.stream)
        #expect(name.known.state.early.isEmpty)
        #expect(try await name.fold.folded(in: journal) == name.known)
        for callback in kept { _ = try await item.give(.receive(callback)) }
    }
}
