import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

extension PromptSessionTableTests {
    /// How a turn is found in the table.
    static func reading() throws -> TransitionReading<PromptSessionMachine> {
        let commands = try commands()
        let first = try owner("ann")
        return TransitionReading(
            cell: { command, state, _ in
                guard let name = commands.first(where: { $0.command == command })?.name else {
                    return nil
                }
                switch command {
                case .open(let owner, _):
                    // Whose the session is decides who opens it once more.
                    let isOwn = owner == (state.owner ?? first)
                    return TransitionCell(
                        command: isOwn ? "open" : "open for another user",
                        standing: state.owner == nil ? state.unowned : state.passage
                    )
                case .record:
                    let standing = state.removal == nil ? state.passage : "removed"
                    return TransitionCell(command: name, standing: standing)
                case .keep: return TransitionCell(command: name, standing: state.passage)
                case .forget:
                    let standing = state.isThere ? state.passage : state.unowned
                    return TransitionCell(command: name, standing: standing)
                }
            },
            answer: { outcome in
                switch outcome {
                case .success(let events):
                    guard let event = events.first else { return "`[]`" }
                    let stored = try? PromptSessionMachine().newEvent(event)
                    return "`\(stored?.type ?? "unwritten")`"
                case .failure(.flaw(let flaw)): return "*\(flaw.word)*"
                case .failure(.otherOwner): return "*other owner*"
                case .failure(.removed): return "*removed*"
                }
            }
        )
    }
}

extension PromptSessionState {
    /// Where a session stands that is nobody's.
    fileprivate var unowned: String { removal == nil ? "absent" : "removed" }

    /// How far its participant has come; what was kept of a session that is nobody's counts.
    fileprivate var passage: String {
        if leftAt != nil { return "left" }
        if joinedAt != nil { return "joined" }
        if owner != nil { return "opened" }
        return eventCount > 0 ? "opened" : unowned
    }
}

struct PromptSessionTransitionTests {
    private static func table() throws -> TransitionTable {
        let bytes = try PipelineDefinitionTests.specification("Machines/PromptSession.md")
        return try TransitionTable(markdown: String(decoding: bytes, as: UTF8.self))
    }

    /// A session without what only counts.
    private struct Sight: Hashable {
        var owner: PromptSessionOwner?
        var joinedAt, leftAt, lastAt: PromptTime?
        var hasEvents, isRemoved: Bool

        init(_ state: PromptSessionState) {
            owner = state.owner
            (joinedAt, leftAt, lastAt) = (state.joinedAt, state.leftAt, state.lastAt)
            (hasEvents, isRemoved) = (state.eventCount > 0, state.removal != nil)
        }
    }

    @Test func `every state of a session answers as its table says, and every cell is met`() throws
    {
        let commands = try PromptSessionTableTests.commands().map(\.command)
        let next = try NextStandings("Machines/PromptSession.md")
        let coverage = try Laws.everyStateFollowsTable(
            PromptSessionMachine(),
            try Self.table(),
            next: next.table,
            read: try PromptSessionTableTests.reading(),
            exploring: commands,
            seenAs: { Sight($0) }
        )
        #expect(coverage.isExhaustive && coverage.outsideCount == 0, "\(coverage)")
        #expect(coverage.met.count == coverage.table.cellCount)
        next.expectAll(of: coverage)
    }

    @Test func `any commands in any order meet every cell of a session's table`() throws {
        let next = try NextStandings("Machines/PromptSession.md")
        let coverage = try Laws.turnsFollowTable(
            PromptSessionMachine(),
            try Self.table(),
            next: next.table,
            read: try PromptSessionTableTests.reading(),
            commands: .sampled(from: try PromptSessionTableTests.commands().map(\.command)),
            settings: PropertySettings(caseCountMax: 300, seed: 1)
        )
        #expect(coverage.outsideCount == 0, "\(coverage)")
    }
}
