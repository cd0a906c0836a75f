internal import CairnCore

/// A machine at work, with all that happened to it.
struct MachineRun<Rules: Machine> {
    let machine: Rules
    private(set) var state: Rules.State
    private(set) var events: [Rules.Event] = []
    private(set) var now = Timestamp.unixEpoch
    private(set) var turnCount = 0
    /// The hash of how the state is seen after the last turn that was told; nil before the first.
    private var place: Int?

    /// An hour: longer than most waits of a machine.
    static var pauseMax: Int64 { 3_600_000_000_000 }

    init(_ machine: Rules) {
        self.machine = machine
        state = machine.initial
    }

    /// Whether to replay everything: after each of the first turns, and after a power of two of
    /// them, so that long runs stay cheap.
    var isDue: Bool { turnCount <= 16 || turnCount & (turnCount - 1) == 0 }

    /// Whether a replay of all events gives the state.
    var isReplayed: Bool { machine.replay(events) == state }

    /// Gives the machine a command and takes in what it leads to.
    @discardableResult
    mutating func decide(
        _ command: Rules.Command,
        after pause: TimeSpan,
        seed: UInt64,
        fence: UInt64 = 0
    ) -> (context: TurnContext, outcome: Result<[Rules.Event], Rules.Rejection>) {
        turnCount += 1
        now = now.adding(pause)
        let context = TurnContext(now: now, seed: seed, fence: fence)
        let outcome = Result { () throws(Rules.Rejection) in
            try machine.decide(command, in: state, context: context)
        }
        // What is refused changes nothing.
        if case .success(let chosen) = outcome {
            for event in chosen { machine.evolve(&state, by: event) }
            events += chosen
        }
        return (context, outcome)
    }

    /// Takes in an event that was stored beside all commands.
    mutating func take(_ event: Rules.Event) {
        machine.evolve(&state, by: event)
        events.append(event)
    }

    /// Draws a command with all that its turn has of chance, and runs it.
    mutating func drawTurn(
        of commands: Generator<Rules.Command>,
        fence: (Rules.State) -> UInt64 = { _ in 0 },
        from draw: inout Draw
    ) throws(CaseStop) -> DrawnTurn {
        let command = try draw.tape.steered { () throws(CaseStop) in try draw(commands) }
        let elapsed = try Generator<Int64>.integer(in: 0...Self.pauseMax).draw(&draw)
        let seed = try Generator<UInt64>.integer().draw(&draw)
        if turnCount == 0 { draw.tape.reach { "\(state)" } }
        let (context, outcome) = decide(
            command,
            after: TimeSpan(nanoseconds: elapsed),
            seed: seed,
            fence: fence(state)
        )
        if elapsed > 0 { draw.note("command \(turnCount) comes \(elapsed) ns later") }
        if seed > 0 { draw.note("command \(turnCount) has the seed \(seed)") }
        draw.tape.reach { "\(state)" }
        return DrawnTurn(command: command, context: context, outcome: outcome)
    }

    /// A turn whose command was drawn.
    struct DrawnTurn {
        let command: Rules.Command
        let context: TurnContext
        let outcome: Result<[Rules.Event], Rules.Rejection>
    }

    /// Draws and runs a turn as ``drawTurn`` does, and says what it led to and from where, so that
    /// others may go on from there and turn to what is less known.
    mutating func drawToldTurn(
        of commands: Generator<Rules.Command>,
        seenAs view: (Rules.State) -> AnyHashable,
        from draw: inout Draw
    ) throws(CaseStop) {
        let tape = draw.tape
        guard tape.isWatched else {
            _ = try drawTurn(of: commands, from: &draw)
            return
        }
        let before = place ?? view(state).hashValue
        tape.beginTurn(at: before)
        let turn = try drawTurn(of: commands, from: &draw)
        var outcome = Hasher()
        outcome.combine(before)
        var after = before
        switch turn.outcome {
        case .success(let events):
            if !events.isEmpty { after = view(state).hashValue }
            outcome.combine(after)
        case .failure(let rejection): outcome.combine(rejection)
        }
        place = after
        tape.endTurn(at: after, outcome: outcome.finalize())
    }
}
