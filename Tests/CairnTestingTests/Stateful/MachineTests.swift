import CairnCore
import CairnTesting
import Synchronization
import Testing

/// A door with a lock, and perhaps a bug.
private struct Door: Machine {
    enum Bug { case none, locksOpen, forgets }
    struct State: Hashable, Sendable {
        var isOpen = false
        var isLocked = false
        var openedCount = 0
    }
    enum Command: Hashable, Sendable, CaseIterable { case open, close, lock, unlock }
    enum Event: Hashable, Sendable { case opened, closed, locked, unlocked }
    enum Rejection: Error { case notAllowed }

    let bug: Bug
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .open:
            if state.isOpen { return [] }
            guard !state.isLocked, state.openedCount < 3 else { throw .notAllowed }
            return [.opened]
        case .close: return state.isOpen ? [.closed] : []
        case .lock:
            guard !state.isOpen || bug == .locksOpen else { throw .notAllowed }
            return state.isLocked ? [] : [.locked]
        case .unlock: return state.isLocked ? [.unlocked] : []
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        switch event {
        case .opened:
            state.isOpen = true
            state.openedCount += 1
        case .closed: state.isOpen = false
        case .locked: state.isLocked = true
        case .unlocked: state.isLocked = bug == .forgets && forgets()
        }
    }

    /// Something that a machine must not know.
    private func forgets() -> Bool { Bool.random() }
}

/// A counter that is marked after one of its turns and not after the next, and only while it lives.
private struct Glimpse: Machine {
    struct State: Hashable, Sendable { var count = 0, isMarked = false }
    enum Rejection: Error { case never }

    let turn: Int
    let initial = State()
    /// What a machine must not have.
    private let decided = Decided()

    init(turn: Int) {
        self.turn = turn
    }

    func decide(
        _ command: Int,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Int] {
        decided.count.store(state.count + 1, ordering: .relaxed)
        return [command]
    }

    func evolve(_ state: inout State, by event: Int) {
        state.count += 1
        let isLive = decided.count.exchange(0, ordering: .relaxed) == state.count
        state.isMarked = isLive && state.count == turn
    }
}

/// The count that a decision leads to, outside of any state.
private final class Decided: Sendable {
    let count = Atomic(0)
}

/// Machines under any commands, drawn or all of them.
struct MachineTests {
    private static let oneThing = Invariant<Door.State>("an open door is not locked") {
        !($0.isOpen && $0.isLocked)
    }

    @Test func `a machine that keeps its invariants passes`() throws {
        let summary = try check(
            "a door",
            machine: Door(bug: .none),
            commands: .allCases(),
            invariants: [Self.oneThing],
            settings: PropertySettings(caseCountMax: 300, seed: 1)
        )
        #expect(summary.passedCount == 300)
    }

    @Test func `the shortest commands that break an invariant are found`() throws {
        do {
            try check(
                "a door",
                machine: Door(bug: .locksOpen),
                commands: .allCases(),
                invariants: [Self.oneThing],
                settings: PropertySettings(seed: 1)
            )
            Issue.record("it holds")
        } catch {
            guard case .falsified(let report) = error else { throw error }
            #expect(report.failures[0].values.map(\.text) == ["open", "lock"])
        }
    }

    @Test func `a machine that reads something else is found out`() {
        #expect(throws: PropertyError.self) {
            try check(
                "a door",
                machine: Door(bug: .forgets),
                commands: .allCases(),
                settings: PropertySettings(seed: 1)
            )
        }
    }

    @Test(arguments: [3, 15, 37])
    func `a state that only lasts for one turn is compared with a replay`(turn: Int) {
        #expect(throws: PropertyError.self) {
            try check(
                "a counter",
                machine: Glimpse(turn: turn),
                commands: .constant(1),
                stepCountMax: turn,
                settings: PropertySettings(caseCountMax: 20, seed: 1)
            )
        }
    }

    @Test func `every state within reach is counted`() throws {
        let all = Door.Command.allCases
        let whole = try explore(
            Door(bug: .none),
            with: all,
            depthMax: 100,
            invariants: [Self.oneThing]
        )
        // Closed and locked, or not, after 0 to 3 openings; open after 1 to 3.
        #expect(whole.stateCount == 11)
        #expect(whole.isComplete)
        #expect(whole.transitionCount + whole.unchangedCount + whole.refusedCount == 44)
        #expect(whole.depth == 7)
        let near = try explore(Door(bug: .none), with: all, depthMax: 2)
        #expect(near.stateCount == 4 && near.depth == 2 && !near.isComplete)
        let few = try explore(Door(bug: .none), with: all, depthMax: 100, stateCountMax: 5)
        #expect(few.stateCount == 5 && !few.isComplete)
        #expect(try explore(Door(bug: .none), with: [], depthMax: 5).isComplete)
    }

    /// A door that counts how often it is pushed, whatever happens then.
    private struct PushedDoor: Machine {
        struct State: Hashable, Sendable { var door = Door(bug: .none).initial, pushCount = 0 }

        let initial = State()

        func decide(
            _ command: Door.Command,
            in state: State,
            context: TurnContext
        ) throws(Never) -> [Door.Event?] {
            let events = try? Door(bug: .none).decide(command, in: state.door, context: context)
            return [nil] + (events ?? [])
        }

        func evolve(_ state: inout State, by event: Door.Event?) {
            guard let event else { return state.pushCount += 1 }
            Door(bug: .none).evolve(&state.door, by: event)
        }
    }

    @Test func `states that are seen as one are gone on with once`() throws {
        let all = try explore(
            PushedDoor(),
            with: Door.Command.allCases,
            depthMax: 100,
            seenAs: { $0.door }
        )
        #expect(all.stateCount == 11 && all.isComplete)
        let endless = try explore(PushedDoor(), with: Door.Command.allCases, depthMax: 9)
        #expect(endless.stateCount > 50 && !endless.isComplete)
    }

    /// A code of six keys, beside a list of all of them.
    private struct LoggedVault: Machine {
        struct State: Hashable, Sendable { var rightCount = 0, keys: [Int] = [] }

        let initial = State()
        private static let code = [3, 1, 4, 1, 5, 9]

        func decide(_ key: Int, in state: State, context: TurnContext) throws(Never) -> [Int] {
            [key]
        }

        func evolve(_ state: inout State, by key: Int) {
            state.keys.append(key)
            let isRight = state.rightCount < 6 && key == Self.code[state.rightCount]
            state.rightCount = isRight ? state.rightCount + 1 : 0
        }
    }

    @Test func `a search goes on from states as they are seen`() {
        func isFound(
            _ seed: UInt64,
            seenAs view: @escaping @Sendable (LoggedVault.State) -> AnyHashable
        ) -> Bool {
            do {
                try check(
                    "the vault is closed",
                    machine: LoggedVault(),
                    commands: .int(in: 0...9),
                    invariants: [Invariant("it is closed") { $0.rightCount < 6 }],
                    seenAs: view,
                    settings: PropertySettings(seed: seed, shrinkExecutionCountMax: 0)
                )
                return false
            } catch {
                return true
            }
        }
        // With the list in it, each state is new, and new says nothing.
        let seeds: [UInt64] = [1, 2, 3, 4, 5]
        let blindCount = seeds.count { isFound($0, seenAs: { $0 }) }
        let seeingCount = seeds.count { isFound($0, seenAs: { $0.rightCount }) }
        #expect(seeingCount == 5 && blindCount < 5)
    }

    @Test func `an exploration finds the shortest way to a broken state`() {
        let broken = #expect(throws: BrokenState.self) {
            try explore(
                Door(bug: .locksOpen),
                with: Door.Command.allCases,
                depthMax: 10,
                invariants: [Self.oneThing]
            )
        }
        let expected = """
            not true: an open door is not locked
              1. open
              2. lock
              state: State(isOpen: true, isLocked: true, openedCount: 1)
            """
        #expect(broken?.description == expected)
    }
}
