import CairnCore
public import CairnTesting

/// A machine with a bug behind many right steps, any wrong one of which leads back.
public struct DeepSubject: Sendable, CustomStringConvertible {
    public let name: String
    /// How many commands the shortest case has.
    public let commandCount: Int
    /// Looks for what is wrong with the machine.
    public let look: @Sendable (_ hasBug: Bool, PropertySettings) throws(PropertyError) -> Void

    public var description: String { name }

    init<Rules: Machine>(
        _ name: String,
        commandCount: Int,
        machine: @escaping @Sendable (_ hasBug: Bool) -> Rules,
        commands: Generator<Rules.Command>,
        invariant: Invariant<Rules.State>
    ) {
        self.name = name
        self.commandCount = commandCount
        look = { hasBug, settings throws(PropertyError) in
            try check(
                name,
                machine: machine(hasBug),
                commands: commands,
                invariants: [invariant],
                settings: settings
            )
        }
    }

    /// How many cases ran until one failed, that one included; nil where none did.
    public func caseCount(isGuided: Bool, seed: UInt64, caseCountMax: Int = 500) -> Int? {
        let settings = PropertySettings(
            caseCountMax: caseCountMax,
            seed: seed,
            shrinkExecutionCountMax: 0,
            shrinkDurationMax: .zero,
            failureCountMax: 1,
            isGuided: isGuided
        )
        do {
            try look(true, settings)
            return nil
        } catch {
            guard case .falsified(let report) = error else { return nil }
            return report.passedCount + 1
        }
    }
}

/// A vault with a code of six keys; a wrong key begins anew.
private struct Vault: Machine {
    struct State: Hashable, Sendable { var rightCount = 0 }

    let hasBug: Bool
    let initial = State()
    private static let code = [3, 1, 4, 1, 5, 2]

    func decide(_ command: Int, in state: State, context: TurnContext) throws(Never) -> [Int] {
        [command]
    }

    func evolve(_ state: inout State, by event: Int) {
        guard state.rightCount < 6, event == Self.code[state.rightCount] else {
            return state.rightCount = 0
        }
        // The bug: the sixth key opens it, where a seventh should be asked for.
        if hasBug || state.rightCount < 5 { state.rightCount += 1 }
    }
}

/// A session that is renewed while it lives.
private struct Session: Machine {
    enum Command: Hashable, Sendable, CaseIterable { case open, renew, read, write, close }
    struct State: Hashable, Sendable { var isOpen = false, isUsed = false, renewalCount = 0 }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Command] {
        let isAllowed =
            switch command {
            case .open: !state.isOpen
            // The bug: a session may be renewed once more than ten times.
            case .renew: state.isOpen && state.isUsed && state.renewalCount < (hasBug ? 11 : 10)
            case .read, .write, .close: state.isOpen
            }
        guard isAllowed else { throw .notAllowed }
        return [command]
    }

    func evolve(_ state: inout State, by event: Command) {
        switch event {
        case .open: state = State(isOpen: true)
        case .renew: (state.isUsed, state.renewalCount) = (false, state.renewalCount + 1)
        case .read: state.isUsed = true
        // A write begins a session of its own.
        case .write: state = State(isOpen: true)
        case .close: state = State()
        }
    }
}

/// A lock whose fence has three bits.
private struct FencedLock: Machine {
    enum Command: Hashable, Sendable {
        case take(by: Int)
        case expire
        case write(by: Int)
        case reset
    }
    struct State: Hashable, Sendable {
        var holder: Int?
        var isOver = false
        var fence = 0
        var fences = [0, 0, 0]
        /// Whether one wrote that does not hold the lock.
        var isBroken = false
    }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Command] {
        let isAllowed =
            switch command {
            case .take(let who): state.holder != who && (state.holder == nil || state.isOver)
            case .expire: state.holder != nil && !state.isOver
            // The bug: the fence goes round, so an old holder's may be the present one.
            case .write(let who): state.holder != nil && state.fences[who] == state.fence
            case .reset: true
            }
        guard isAllowed else { throw .notAllowed }
        return [command]
    }

    func evolve(_ state: inout State, by event: Command) {
        switch event {
        case .take(let who):
            (state.holder, state.isOver) = (who, false)
            state.fence = hasBug ? (state.fence + 1) % 8 : state.fence + 1
            state.fences[who] = state.fence
        case .expire: state.isOver = true
        case .write(let who): state.isBroken = state.isBroken || who != state.holder
        case .reset: state = State()
        }
    }
}

/// An order that goes all the way and back; cancelled, it begins anew.
private struct Order: Machine {
    enum Command: Hashable, Sendable, CaseIterable {
        case place, pay, pack, send, bring, complain, sendBack, payBack, cancel
    }
    struct State: Hashable, Sendable { var step = 0, paid = 0 }
    enum Rejection: Error { case notAllowed }

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Command] {
        let isAllowed =
            switch command {
            case .place: state.step == 0
            case .pay: state.step == 1
            case .pack: state.step == 2
            case .send: state.step == 3
            case .bring: state.step == 4
            case .complain: state.step == 5
            case .sendBack: state.step == 6
            // The bug: what was paid back is paid back again.
            case .payBack: state.step == 7 && (hasBug || state.paid > 0)
            case .cancel: true
            }
        guard isAllowed else { throw .notAllowed }
        return [command]
    }

    func evolve(_ state: inout State, by event: Command) {
        switch event {
        case .place, .pack, .send, .bring, .complain, .sendBack: state.step += 1
        case .pay: (state.step, state.paid) = (2, 1)
        case .payBack: state.paid -= 1
        case .cancel: state = State()
        }
    }
}

/// A robot in rooms of walls; the bug is a wall that is missing in the last room.
private struct Maze: Machine {
    enum Command: Hashable, Sendable, CaseIterable { case north, east, south, west }
    struct State: Hashable, Sendable { var row = 0, column = 0 }
    enum Rejection: Error { case wall }

    private static let rooms = [
        ".#.....#", ".#.###.#", ".#.#.#.#", "...#.#.#",
        "####.#.#", ".....#..", ".#####.#", ".......#",
    ].map(Array.init)

    let hasBug: Bool
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [State] {
        var next = state
        switch command {
        case .north: next.row -= 1
        case .east: next.column += 1
        case .south: next.row += 1
        case .west: next.column -= 1
        }
        let isInside = (0..<8).contains(next.row) && (0..<8).contains(next.column)
        let isOut = hasBug && state.row == 5 && state.column == 7 && command == .east
        guard isOut || isInside && Self.rooms[next.row][next.column] == "." else { throw .wall }
        return [next]
    }

    func evolve(_ state: inout State, by event: State) { state = event }
}

extension DeepSubject {
    public static let all = [vault, session, lock, order, maze]

    private static let vault = DeepSubject(
        "vault that opens one key too early",
        commandCount: 6,
        machine: { Vault(hasBug: $0) },
        commands: .int(in: 0...7),
        invariant: Invariant("it is closed") { $0.rightCount < 6 }
    )

    private static let session = DeepSubject(
        "session that is renewed once too often",
        commandCount: 23,
        machine: { Session(hasBug: $0) },
        commands: .allCases(),
        invariant: Invariant("ten renewals are enough") { $0.renewalCount <= 10 }
    )

    private static let lock = DeepSubject(
        "fence that goes round",
        commandCount: 16,
        machine: { FencedLock(hasBug: $0) },
        commands: .one(
            of: Generator.int(in: 0...2).map { .take(by: $0) },
            .constant(.expire),
            Generator.int(in: 0...2).map { .write(by: $0) },
            .constant(.reset)
        ),
        invariant: Invariant("who writes holds the lock") { !$0.isBroken }
    )

    private static let order = DeepSubject(
        "order that is paid back twice",
        commandCount: 9,
        machine: { Order(hasBug: $0) },
        commands: .allCases(),
        invariant: Invariant("nobody gets more back than was paid") { $0.paid >= 0 }
    )

    private static let maze = DeepSubject(
        "maze with a hole in its last wall",
        commandCount: 19,
        machine: { Maze(hasBug: $0) },
        commands: .allCases(),
        invariant: Invariant("the robot stays inside") { $0.column < 8 }
    )
}
