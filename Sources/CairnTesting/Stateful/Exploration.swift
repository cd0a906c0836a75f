public import CairnCore

/// What there is within some commands' reach of a machine's first state, or within some rules' of
/// what they start with.
///
/// With rules, what a rule does with the values that it draws stands for a command.
public struct Exploration: Hashable, Sendable {
    /// Different states, the first one included.
    public internal(set) var stateCount = 1
    /// Pairs of a state and a command that led to events; of rules, to another state.
    public internal(set) var transitionCount = 0
    /// Pairs of a state and a command that led to none, because it already held.
    public internal(set) var unchangedCount = 0
    /// Pairs of a state and a command that was refused; of rules, where an assumption did not hold.
    public internal(set) var refusedCount = 0
    /// How many commands it takes to the furthest state.
    public internal(set) var depth = 0
    /// Whether no command leads to any state beyond those.
    public internal(set) var isComplete = false
}

extension Exploration: CustomStringConvertible {
    public var description: String {
        "\(isComplete ? "all" : "not all") states: \(stateCount), up to \(depth) commands away; "
            + "turns: \(transitionCount) transitions, \(unchangedCount) without a change, "
            + "\(refusedCount) refused"
    }
}

/// The shortest sequence of commands that breaks an invariant.
public struct BrokenState: LocatedError, Hashable, CustomStringConvertible {
    public let invariant: String
    /// The commands in order, as they print.
    public let commands: [String]
    /// The state as it prints.
    public let state: String

    public var location: String { "invariant: \(invariant)" }

    public var description: String {
        let steps = commands.enumerated().map { "  \($0.offset + 1). \($0.element)" }
        return (["not true: \(invariant)"] + steps + ["  state: \(state)"])
            .joined(separator: "\n")
    }
}

/// Goes through every state that some commands lead to, level by level.
///
/// The time, the seed and the fence are the same in every turn.
///
/// - Parameters:
///   - machine: The rules.
///   - commands: All commands to try in every state.
///   - depthMax: How many commands to go at most.
///   - stateCountMax: How many states to keep at most; beyond, the exploration is not complete.
///   - context: What decisions may know.
///   - invariants: What has to hold of every state.
///   - view: What tells states apart: of states that are seen as one, only the first that is met is
///     looked at and gone on with. Leave out what only counts, or there is no end.
/// - Returns: What there is.
/// - Throws: ``BrokenState``, or what an invariant throws.
/// - Complexity: O(states * commands), and all states are held in memory.
public func explore<Rules: Machine>(
    _ machine: Rules,
    with commands: [Rules.Command],
    depthMax: Int,
    stateCountMax: Int = 1_000_000,
    context: TurnContext = TurnContext(now: .unixEpoch),
    invariants: [Invariant<Rules.State>] = [],
    seenAs view: (Rules.State) -> AnyHashable = { $0 }
) throws -> Exploration {
    var walk = StateWalk(machine.initial, seenAs: view(machine.initial))
    var exploration = Exploration()
    try walk.check(invariants, commands, 0)
    var level = 0..<1
    while !level.isEmpty, exploration.depth < depthMax {
        let next = walk.states.count
        for place in level {
            for (number, command) in commands.enumerated() {
                var state = walk.states[place]
                guard let events = try? machine.decide(command, in: state, context: context) else {
                    exploration.refusedCount += 1
                    continue
                }
                guard !events.isEmpty else {
                    exploration.unchangedCount += 1
                    continue
                }
                exploration.transitionCount += 1
                for event in events { machine.evolve(&state, by: event) }
                let seen = view(state)
                guard walk.states.count < stateCountMax else {
                    if !walk.isKnown(seen) { return exploration }
                    continue
                }
                guard walk.add(state, seenAs: seen, from: place, by: number) else { continue }
                exploration.stateCount += 1
                try walk.check(invariants, commands, walk.states.count - 1)
            }
        }
        level = next..<walk.states.count
        if !level.isEmpty { exploration.depth += 1 }
    }
    exploration.isComplete = level.isEmpty
    return exploration
}

/// The states found so far, and how each was reached first.
private struct StateWalk<State> {
    private(set) var states: [State]
    private var known: Set<AnyHashable>
    private var origins: [(place: Int, command: Int)?] = [nil]

    init(_ first: State, seenAs view: AnyHashable) {
        states = [first]
        known = [view]
    }

    func isKnown(_ view: AnyHashable) -> Bool { known.contains(view) }

    mutating func add(
        _ state: State,
        seenAs view: AnyHashable,
        from place: Int,
        by command: Int
    ) -> Bool {
        guard known.insert(view).inserted else { return false }
        states.append(state)
        origins.append((place, command))
        return true
    }

    func check<Command>(
        _ invariants: [Invariant<State>],
        _ commands: [Command],
        _ place: Int
    ) throws {
        for invariant in invariants where try !invariant.holds(states[place]) {
            var path: [String] = []
            var current = place
            while let origin = origins[current] {
                path.append("\(commands[origin.command])")
                current = origin.place
            }
            throw BrokenState(
                invariant: invariant.name,
                commands: path.reversed(),
                state: "\(states[place])"
            )
        }
    }
}
