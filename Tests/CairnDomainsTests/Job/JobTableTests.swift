import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

struct JobTableTests {
    static let now = ItemSamples.now
    static let decision = JobDecision(by: "ann", reason: "holiday")
    static let block = JobBlock(
        number: 0,
        digest: ItemSamples.digest("block"),
        doneCount: 1_000,
        failedCount: 24
    )
    static let key = ItemSamples.request().key
    static var keys: [ItemKey] { [key].compactMap { $0 } }
    static var reopened: [JobEvent.Fact] { keys.map(JobEvent.Fact.itemReopened) }

    static func began(_ number: UInt64) -> JobEvent.Fact {
        .runBegan(JobRun(number: number, worker: WorkerNumber(rawValue: 5), job: "bulk"))
    }

    static func ended(_ number: UInt64) -> JobEvent.Fact {
        .runEnded(JobRunEnd(number: number, ending: .finished, counts: JobCounts()))
    }

    static var standings: [(name: String, facts: [JobEvent.Fact])] {
        ownStandings + [
            ("an item of block 0 reopened", [began(1), .blockSettled(block)] + reopened)
        ]
    }

    private static let ownStandings: [(name: String, facts: [JobEvent.Fact])] = [
        ("absent", []),
        ("running", [began(1)]),
        ("idle", [began(1), ended(1)]),
        ("paused", [began(1), .paused(decision)]),
        ("cancelled", [began(1), .cancelled(decision)]),
        ("block 0 settled", [began(1), .blockSettled(block)]),
    ]

    static var commands: [(name: String, command: JobCommand)] {
        var other = block
        other.digest = ItemSamples.digest("other")
        return [
            ("beginRun", .beginRun(job: "bulk", WorkerNumber(rawValue: 6))),
            ("beginRun under another name", .beginRun(job: "other", WorkerNumber(rawValue: 6))),
            ("endRun 1", .endRun(1, .finished, JobCounts())),
            ("settleBlock 0", .settleBlock(block)),
            ("settleBlock 0 of other items", .settleBlock(other)),
            (
                "settleBlock 0, looked at since",
                .settleBlock(
                    block,
                    JobReopenings(keys: keys, seen: SequenceNumber(rawValue: 3))
                )
            ),
            ("pause", .pause(decision)),
            ("resume", .resume(decision)),
            ("cancel", .cancel(decision)),
        ]
    }

    static func state(_ facts: [JobEvent.Fact]) -> JobState {
        JobMachine().replay(facts.map { JobEvent($0, at: now) })
    }

    static func rendered() throws -> String {
        try TransitionTable(
            of: JobMachine(),
            standings: standings.map { ($0.name, state($0.facts)) },
            commands: commands,
            context: { _ in TurnContext(now: now) },
            read: reading
        ).markdown
    }

    @Test func `the table in the specification is the machine's own`() throws {
        let bytes = try PipelineDefinitionTests.specification("Machines/Job.md")
        let text = String(decoding: bytes, as: UTF8.self)
        let table = try Self.rendered()
        #expect(text.contains("\n\n\(table)\n\n"), "\(table)")
    }

    @Test func `facts in any order fold, and runs that were not begun end nothing`() {
        let facts =
            [Self.began(1), Self.began(2), Self.began(.max), Self.ended(1), Self.ended(9)]
            + [
                .blockSettled(Self.block), .paused(Self.decision), .resumed(Self.decision),
                .cancelled(Self.decision),
            ]
        var generator = SeededGenerator(seed: 301)
        for _ in 0..<2_000 {
            let history = (0..<generator.below(12)).map { _ in generator.pick(facts) }
            let state = Self.state(history)
            for (_, command) in Self.commands {
                _ = try? JobMachine().decide(
                    command,
                    in: state,
                    context: TurnContext(now: Self.now)
                )
            }
            let numbers = state.openRuns.map(\.number)
            #expect(!numbers.contains(9))
            #expect(history.contains(Self.began(1)) || !numbers.contains(1))
        }
        #expect(Self.state([Self.ended(1)]).anomalyCount == 1)
        #expect(Self.state([Self.began(1), Self.ended(1)]).anomalyCount == 0)
    }

    @Test func `the first cancellation holds`() {
        let second = JobDecision(by: "bob", reason: "again")
        let state = Self.state([Self.began(1), .cancelled(Self.decision), .cancelled(second)])
        #expect(state.cancellation == Self.decision)
        #expect(state.anomalyCount == 1)
    }

    @Test func `what was reopened after a run began stays so when the run settles its block`()
        throws
    {
        let other = try ItemKey("other")
        let key = try #require(Self.key)
        let facts: [JobEvent.Fact] = [
            Self.began(1), .blockSettled(Self.block), .itemReopened(key), .itemReopened(other),
            Self.began(2), .itemReopened(other),
        ]
        // The run began with the fifth event and has looked at both since.
        let looked = JobReopenings(keys: [key, other], seen: SequenceNumber(rawValue: 5))
        var state = Self.state(facts)
        #expect(Set(state.reopened.keys) == [key, other])
        let events = try JobMachine().decide(
            .settleBlock(Self.block, looked),
            in: state,
            context: TurnContext(now: Self.now)
        )
        #expect(events.map(\.fact) == [.blockSettled(Self.block, looked)])
        for event in events { JobMachine().evolve(&state, by: event) }
        #expect(state.reopened == [other: SequenceNumber(rawValue: 6)])
        // Settled once more by the same run it would say nothing new.
        let again = try JobMachine().decide(
            .settleBlock(Self.block, looked),
            in: state,
            context: TurnContext(now: Self.now)
        )
        #expect(again.isEmpty)
    }

    @Test func `a block whose counts have changed is settled anew`() throws {
        let state = Self.state([Self.began(1), .blockSettled(Self.block)])
        var changed = Self.block
        changed.doneCount += 1
        changed.failedCount -= 1
        var foreign = Self.block
        foreign.foreignCount = 1
        for (block, count) in [(Self.block, 0), (changed, 1), (foreign, 1)] {
            let events = try JobMachine().decide(
                .settleBlock(block),
                in: state,
                context: TurnContext(now: Self.now)
            )
            #expect(events.count == count)
        }
    }

    @Test func `of many runs that were killed the latest are kept, and each may still end`() throws
    {
        let count = UInt64(JobState.openRunCountMax) * 3
        var state = Self.state((1...count).map(Self.began))
        #expect(state.openRuns.count == JobState.openRunCountMax)
        #expect(state.openRuns.last?.number == count)
        for number in [1, count / 2, count] {
            let events = try JobMachine().decide(
                .endRun(number, .finished, JobCounts()),
                in: state,
                context: TurnContext(now: Self.now)
            )
            for event in events { JobMachine().evolve(&state, by: event) }
            #expect(state.lastEnd?.number == number)
        }
        #expect(state.anomalyCount == 0)
        for number in [0, count + 1, .max] {
            #expect(throws: JobRefusal.noSuchRun(number)) {
                try JobMachine().decide(
                    .endRun(number, .finished, JobCounts()),
                    in: state,
                    context: TurnContext(now: Self.now)
                )
            }
        }
    }

    @Test func `what is passed over has its place among the events`() {
        var state = Self.state([Self.began(1)])
        JobMachine().passOver(&state)
        for fact in Self.reopened { JobMachine().evolve(&state, by: JobEvent(fact, at: Self.now)) }
        #expect(state.reopened.values.map(\.rawValue) == [3])
    }
}
