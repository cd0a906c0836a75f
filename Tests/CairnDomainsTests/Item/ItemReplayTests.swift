import CairnCore
@testable import CairnDomains
import CairnEngine
import CairnJournal
import CairnTesting
import Testing

/// Laws 2, 5 and 6 for items, on random histories.
struct ItemReplayTests {
    @Test func `facts in any order fold, and whatever is asked then has an answer`() {
        var generator = SeededGenerator(seed: 401)
        let machine = ItemMachine()
        for round in 0..<3_000 {
            let facts = (0..<generator.below(25)).map { _ in RandomItem.fact(&generator) }
            let events = facts.map { ItemEvent($0, at: RandomItem.instant(&generator)) }
            let state = machine.replay(events)
            #expect(state.eventCount == UInt64(events.count), "seed 401, round \(round)")
            #expect(state == machine.replay(events), "seed 401, round \(round)")
            #expect(state.verdict().word != "conflict", "seed 401, round \(round)")
            for (_, command) in ItemSamples.commands {
                let context = TurnContext(
                    now: .distantFuture,
                    seed: .max,
                    fence: state.current?.fence.rawValue ?? 0
                )
                guard let next = try? machine.decide(command, in: state, context: context) else {
                    continue
                }
                var after = state
                for event in next { machine.evolve(&after, by: event) }
            }
        }
    }

    @Test func `what the provider took stays taken, whatever impossible fact follows`() {
        var generator = SeededGenerator(seed: 402)
        let machine = ItemMachine()
        for round in 0..<2_000 {
            var state = ItemSamples.state([
                ItemSamples.began(), .accepted(ItemSamples.acceptance),
            ])
            for _ in 0..<generator.below(10) {
                let fact = RandomItem.fact(&generator)
                if case .calledBack = fact { continue }
                machine.evolve(&state, by: ItemEvent(fact, at: ItemSamples.now))
                #expect(state.verdict().word == "done", "seed 402, round \(round): \(fact)")
            }
        }
    }

    @Test func `facts out of place are counted`() {
        let began = ItemSamples.began()
        let step = ItemEvent.Fact.stepBegan(ItemStepMark(number: 1, name: "pay"))
        let ended = ItemEvent.Fact.stepEnded(ItemStepEnd(number: 1, result: [1]))
        let accepted = ItemEvent.Fact.accepted(ItemSamples.acceptance)
        let histories: [[ItemEvent.Fact]] = [
            [accepted], [.doubted(ItemDoubt(.error))], [.setAside(.losses(3))],
            [began, ItemSamples.began(2)], [began, accepted, ItemSamples.rejected()],
            [began, accepted, accepted], [began, accepted, .setAside(.losses(3))],
            [began, accepted, ItemSamples.began(1, .dedup)], [ItemSamples.began(1, .dedup)],
            [began, ItemSamples.rejected(), ItemSamples.began(3)], [began, ended],
            [began, step, ended, ended], [began, step, ended, step],
            [began, .stepBegan(ItemStepMark(number: 2, name: "ship"))],
            [began, step, .timerSet(ItemSamples.timer), .timerSet(ItemSamples.timer)],
            [began, .noted(ItemSamples.message)],
            [began, .settled(ItemSettlement(.failed, source: .ask, by: "p"))],
            [began, .retryPlanned(ItemSamples.now)],
            [began, accepted, .retryPlanned(ItemSamples.now)],
            [began, ItemSamples.rejected(isFinal: true), .retryPlanned(ItemSamples.now)],
            [began, ItemSamples.rejected(givenUp: .attempts), .retryPlanned(ItemSamples.now)],
        ]
        for facts in histories {
            #expect(ItemSamples.state(facts).anomalyCount > 0, "\(facts)")
        }
        for (name, facts) in ItemSamples.standings {
            #expect(ItemSamples.state(facts).anomalyCount == 0, "\(name)")
        }
        let result = ItemSamples.state([began, step, ended, step, ended]).step(1)?.standing
        #expect(result == .done(result: [1]))
    }

    @Test func `of two sends of one worker that ran out of time one may have ended`() throws {
        let late = ItemEvent.Fact.doubted(ItemDoubt(.timeout))
        let facts = [ItemSamples.began(), late, ItemSamples.began(1, .dedup), late]
        let state = ItemSamples.state(facts)
        let worker = WorkerNumber(rawValue: 1)
        #expect(state.current?.laggards == [worker, worker])
        // That the repeat was not sent says nothing of the send before it, but that it has ended.
        let events = try ItemMachine().decide(
            .reject(.sender, isFinal: false, reason: "offline", .standard),
            in: state,
            context: TurnContext(now: ItemSamples.now, fence: 3)
        )
        let end = ItemEvent.Fact.doubted(ItemDoubt(.repeated, detail: "offline"))
        #expect(events.map(\.fact) == [end])
        let ended = ItemSamples.state(facts + [end])
        #expect(ended.current?.laggards == [worker])
        #expect(ended.verdict().word == "in_doubt")
        #expect(ended.anomalyCount == 0)
    }

    @Test func `facts of any kind fold from a journal to what they folded to before`() async throws
    {
        var generator = SeededGenerator(seed: 403)
        let machine = ItemMachine()
        let journal = MemoryJournal(clock: { ItemSamples.now })
        for round in 0..<60 {
            let stream = try StreamID("key/\(round)")
            let fold = StreamFold(machine, of: stream)
            var prefixes = [machine.initial]
            for _ in 0..<20 {
                let fact = RandomItem.fact(&generator)
                let event = ItemEvent(fact, at: RandomItem.instant(&generator))
                var stored = try machine.newEvent(event)
                // As one event in this stream: ids of reports are another test's matter.
                stored = try NewEvent(
                    type: stored.type,
                    typeVersion: stored.typeVersion,
                    occurredAt: stored.occurredAt,
                    payload: stored.payload
                )
                let receipt = try await journal.append(stored, to: stream)
                var state = prefixes[prefixes.count - 1]
                machine.evolve(&state, by: event)
                prefixes.append(state)
                #expect(receipt.sequence.rawValue == state.eventCount)
            }
            let first = try await journal.records(of: stream).first?.position.rawValue ?? 0
            for (count, state) in prefixes.enumerated() {
                let bound = Position(rawValue: first + UInt64(count) - 1)
                let part = try await fold.folded(in: journal, upTo: bound)
                #expect(part.state == state, "seed 403, round \(round), \(count) events")
                let whole = try await fold.folded(in: journal, from: part)
                #expect(whole.state == prefixes.last, "seed 403, round \(round), \(count) events")
            }
        }
    }

    @Test func `an event that is passed over keeps its place`() async throws {
        let journal = MemoryJournal(clock: { ItemSamples.now })
        let stream = try StreamID("key/k")
        var holder = ItemHolder(ItemMachine(), of: stream, in: journal)
        let begin = ItemCommand.begin(ItemSamples.request(), ItemSamples.hold(1), .standard)
        _ = try await holder.give(begin)
        let strange = try NewEvent(
            type: "item.of_tomorrow",
            occurredAt: .unixEpoch,
            mayBeIgnored: true,
            payload: [1]
        )
        try await journal.append(strange, to: stream)
        holder.fence = 1
        let resume = ItemCommand.resume(ItemSamples.hold(2), .dedup, .standard)
        _ = try #require(try await holder.give(resume))
        #expect(holder.known.state.current?.fence.rawValue == 3)
        #expect(holder.known.sequence.rawValue == 3)
        let folded = try await holder.fold.folded(in: journal)
        #expect(folded == holder.known)
    }

    /// Two holders with views of their own, and a third party who reports and settles.
    @Test func `two holders never have the right to send at once`() async throws {
        var kinds: Set<ItemEventKind> = []
        for seed in UInt64(410)..<470 { kinds.formUnion(try await runTwoHolders(seed)) }
        #expect(kinds == Set(ItemEventKind.allCases).subtracting([.noted, .imported]))
    }

    private func runTwoHolders(_ seed: UInt64) async throws -> Set<ItemEventKind> {
        var generator = SeededGenerator(seed: seed)
        let journal = MemoryJournal(clock: { ItemSamples.now })
        let stream = try StreamID("key/k")
        var holders = [
            ItemHolder(ItemMachine(), of: stream, in: journal),
            ItemHolder(ItemMachine(), of: stream, in: journal),
        ]
        var oracle = SendOracle()
        var live = ItemMachine().initial
        var kinds: Set<ItemEventKind> = []
        let commands = ItemModelTests.commands(worksInSteps: seed % 2 == 0)
        for step in 0..<80 {
            let index = generator.below(2)
            // A holder that looks first takes the fence that it sees; another one keeps its own.
            if generator.isHit(1, outOf: 3) {
                holders[index].known = try await holders[index].fold.folded(
                    in: journal,
                    from: holders[index].known
                )
                holders[index].fence = holders[index].known.state.current?.fence.rawValue ?? 0
            }
            var command = generator.pick(commands)
            // What ends an item is rare, or most steps would find nothing to do.
            while Self.ends(command), !generator.isHit(1, outOf: 8) {
                command = generator.pick(commands)
            }
            if case .receive(var callback) = command {
                callback.eventID = "e\(generator.below(12))"
                command = .receive(callback)
            }
            let fence = holders[index].fence
            let events = try await holders[index].give(command, seed: generator.next()) ?? []
            for event in events {
                let fault = oracle.take(event.fact, from: command, fence: fence)
                #expect(fault == nil, "seed \(seed), step \(step): \(command)")
                if case .began = event.fact { holders[index].fence = oracle.sequence }
                ItemMachine().evolve(&live, by: event)
                kinds.insert(event.fact.kind)
            }
            let fault = oracle.disagreement(with: live)
            #expect(fault == nil, "seed \(seed), step \(step): \(command)")
            let replayed = try await holders[index].fold.folded(in: journal)
            #expect(replayed.state == live, "seed \(seed), step \(step)")
            if !events.isEmpty {
                #expect(holders[index].known == replayed, "seed \(seed), step \(step)")
            }
        }
        // A process that dies after any event and starts again sees what was seen then.
        for count in 0...live.eventCount {
            let part = try await holders[0].fold.folded(
                in: journal,
                upTo: Position(rawValue: count)
            )
            let whole = try await holders[0].fold.folded(in: journal, from: part)
            #expect(whole.state == live, "seed \(seed), \(count) events")
        }
        return kinds
    }

    private static func ends(_ command: ItemCommand) -> Bool {
        switch command {
        case .accept: true
        case .settle(let settlement): settlement.verdict == .sent
        case .receive(let callback): callback.meaning == .sent || callback.meaning == .delivered
        default: false
        }
    }
}
