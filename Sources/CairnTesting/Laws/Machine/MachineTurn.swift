internal import CairnCore

/// One command to a machine, with all that its context has of chance.
struct MachineTurn<Rules: Machine>: Sendable {
    let command: Rules.Command
    /// The time since the turn before.
    let pause: TimeSpan
    let seed: UInt64

    /// The same command, at the instant of the turn before.
    var atOnce: MachineTurn { MachineTurn(command: command, pause: .zero, seed: seed) }
}

extension MachineTurn: CustomStringConvertible {
    var description: String {
        "\(command)" + (pause.nanoseconds == 0 ? "" : " after \(pause.nanoseconds) ns")
            + (seed == 0 ? "" : " with seed \(seed)")
    }
}

extension Generator {
    /// How many turns a case has at most.
    private static var turnCountMax: Int { 40 }

    /// Commands one after another, at instants that never go back.
    static func turns<Rules: Machine>(
        _ commands: Generator<Rules.Command>
    ) -> Generator where Value == [MachineTurn<Rules>] {
        let pause = Generator<Int64>.integer(in: 0...MachineRun<Rules>.pauseMax)
        let seed = Generator<UInt64>.integer()
        let turn = Generator<MachineTurn<Rules>>(label: SpanLabel("turn")) {
            draw throws(CaseStop) in
            MachineTurn(
                command: try commands.draw(&draw),
                pause: TimeSpan(nanoseconds: try pause.draw(&draw)),
                seed: try seed.draw(&draw)
            )
        }
        return .array(of: turn, count: 0...turnCountMax)
    }
}

/// What a command did.
struct MachineStep<Rules: Machine> {
    let command: Rules.Command
    let context: TurnContext
    let before: Rules.State
    let outcome: Result<[Rules.Event], Rules.Rejection>
    let after: Rules.State

    /// The events that it led to; none where it was refused.
    var events: [Rules.Event] { (try? outcome.get()) ?? [] }
}

extension MachineRun {
    /// Runs turns from the first state on.
    init(_ machine: Rules, _ turns: [MachineTurn<Rules>]) {
        self.init(machine)
        for turn in turns { decide(turn.command, after: turn.pause, seed: turn.seed) }
    }

    /// What the machine will be told in a turn that comes next.
    func context(of turn: MachineTurn<Rules>) -> TurnContext {
        TurnContext(now: now.adding(turn.pause), seed: turn.seed)
    }

    /// Runs one turn.
    @discardableResult
    mutating func take(_ turn: MachineTurn<Rules>) -> MachineStep<Rules> {
        let before = state
        let (context, outcome) = decide(turn.command, after: turn.pause, seed: turn.seed)
        return MachineStep(
            command: turn.command,
            context: context,
            before: before,
            outcome: outcome,
            after: state
        )
    }
}
