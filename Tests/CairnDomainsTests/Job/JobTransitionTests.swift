import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

extension JobTableTests {
    /// How a turn is found in the table.
    ///
    /// A job may be paused, have its block settled and a run open, all at once: a command counts in
    /// the column of what it asks for.
    static let reading = TransitionReading<JobMachine>(
        cell: { command, state, _ in
            guard let row = row(of: command, in: state) else { return nil }
            return TransitionCell(command: row, standing: standing(of: state, for: command))
        },
        answer: { outcome in
            switch outcome {
            case .success(let events):
                guard let event = events.first else { return "`[]`" }
                return "`\((try? JobMachine().newEvent(event))?.type ?? "unwritten")`"
            case .failure(.unknown): return "*unknown*"
            case .failure(.noSuchRun): return "*no such run*"
            case .failure(.cancelled): return "*cancelled*"
            case .failure(.nameCollision): return "*name collision*"
            }
        }
    )

    private static func row(of command: JobCommand, in state: JobState) -> String? {
        switch command {
        case .beginRun(let name, _, _):
            return name == state.name ?? "bulk" ? "beginRun" : "beginRun under another name"
        case .endRun(let number, _, _, _): return number == 1 ? "endRun 1" : nil
        case .settleBlock(let given, let looked):
            guard given.number == 0 else { return nil }
            guard given == state.blocks[0] ?? block else { return "settleBlock 0 of other items" }
            guard let key, looked.keys == [key] else { return "settleBlock 0" }
            // What was reopened after the run began has not been looked at.
            let isLate = state.reopened[key].map { looked.seen < $0 } ?? false
            return isLate ? "settleBlock 0" : "settleBlock 0, looked at since"
        case .pause: return "pause"
        case .resume: return "resume"
        case .cancel: return "cancel"
        }
    }

    private static func standing(of state: JobState, for command: JobCommand) -> String {
        if state.name == nil { return "absent" }
        let isRunning = state.openRuns.contains { $0.number == 1 }
        switch command {
        case .endRun where !isRunning: return "idle"
        case .settleBlock where state.blocks[0] != nil: return blockStanding(of: state)
        case .beginRun, .endRun, .settleBlock, .pause, .resume, .cancel: break
        }
        if state.cancellation != nil { return "cancelled" }
        if state.pause != nil { return "paused" }
        if state.blocks[0] != nil { return blockStanding(of: state) }
        return isRunning ? "running" : "idle"
    }

    private static func blockStanding(of state: JobState) -> String {
        state.reopened.isEmpty ? "block 0 settled" : "an item of block 0 reopened"
    }
}

struct JobTransitionTests {
    private typealias Samples = JobTableTests

    private static func table() throws -> TransitionTable {
        let bytes = try PipelineDefinitionTests.specification("Machines/Job.md")
        return try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self))
    }

    /// The commands of the table, the one that looked at an item with all that may be known.
    private static let commands =
        Samples.commands.map(\.command) + [
            .settleBlock(
                Samples.block,
                JobReopenings(keys: Samples.keys, seen: SequenceNumber(rawValue: .max))
            )
        ]

    /// Other streams' turns say that an item failed after it was done.
    private static let facts = Samples.reopened.map { JobEvent($0, at: Samples.now) }

    /// A job without what only counts; of the runs only the first can be told to end.
    private struct Sight: Hashable {
        var name: String?
        var isRunning, isPaused, isCancelled: Bool
        var blocks: [Int64: JobBlock]
        var reopened: Set<ItemKey>

        init(_ state: JobState) {
            name = state.name
            isRunning = state.openRuns.contains { $0.number == 1 }
            (isPaused, isCancelled) = (state.pause != nil, state.cancellation != nil)
            blocks = state.blocks
            reopened = Set(state.reopened.keys)
        }
    }

    @Test func `every state of a job answers as its table says, and every cell is met`() throws {
        let next = try NextStandings("Machines/Job.md")
        let coverage = try Laws.everyStateFollowsTable(
            JobMachine(),
            try Self.table(),
            next: next.table,
            read: Samples.reading,
            exploring: Self.commands.filter { command in
                // What it knows is a number, and numbers only rise.
                guard case .settleBlock(_, let looked) = command else { return true }
                return looked.seen.rawValue != 3
            },
            facts: Self.facts,
            seenAs: { Sight($0) }
        )
        #expect(coverage.isExhaustive && coverage.outsideCount == 0, "\(coverage)")
        #expect(coverage.met.count == coverage.table.cellCount)
        next.expectAll(of: coverage)
    }

    @Test func `any commands and reopened items in any order meet every cell of a job's table`()
        throws
    {
        let next = try NextStandings("Machines/Job.md")
        let coverage = try Laws.turnsFollowTable(
            JobMachine(),
            try Self.table(),
            next: next.table,
            read: Samples.reading,
            commands: .sampled(from: Self.commands),
            facts: .sampled(from: Self.facts),
            settings: PropertySettings(caseCountMax: 500, seed: 1)
        )
        #expect(coverage.outsideCount == 0, "\(coverage)")
    }
}
