public import CairnCore

/// Checks that a machine keeps its invariants under any commands, and that a replay of its events
/// gives the state that it had.
///
/// Commands come one after another, at instants that never go back; what the machine refuses
/// changes nothing. The replay is made after each of the first 16 commands, later after a power of
/// two of them, and after the last. A report prints the shortest sequence of commands that goes
/// wrong, and notes the pauses between them and the seeds of their turns where those matter.
///
/// ```swift
/// try check("a light is never red and green", machine: Light(), commands: .allCases(),
///     invariants: [Invariant("one lamp") { $0.lamps.count == 1 }])
/// ```
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - machine: The rules.
///   - commands: Makes commands.
///   - invariants: What has to hold of every state, the first one as well.
///   - stepCountMax: How many commands a case has.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``.
@discardableResult
public func check<Rules: Machine>(
    _ name: String,
    machine: Rules,
    commands: Generator<Rules.Command>,
    invariants: [Invariant<Rules.State>] = [],
    stepCountMax: Int = 50,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function
) throws(PropertyError) -> PropertySummary {
    let command = Rule<MachineRun<Rules>>("command") { run, draw in
        let turn = try run.drawTurn(of: commands, from: &draw)
        run.tell(draw.tape, of: turn.outcome)
    }
    let states = invariants.map { invariant in
        Invariant<MachineRun<Rules>>(invariant.name) { try invariant.holds($0.state) }
    }
    let replay = Invariant<MachineRun<Rules>>("a replay gives the state") { run in
        !run.isDue || run.isReplayed
    }
    let replayAtLast = Invariant<MachineRun<Rules>>(replay.name) { $0.isDue || $0.isReplayed }
    return try checkSteps(
        name,
        startingWith: MachineRun(machine),
        rules: [command],
        invariants: states + [replay],
        atLast: [replayAtLast],
        stepCountMax: stepCountMax,
        replaying: tokens,
        settings: settings,
        fileID: fileID,
        filePath: filePath,
        line: line,
        function: function
    )
}

/// A machine at work, with all that happened to it.
struct MachineRun<Rules: Machine> {
    let machine: Rules
    private(set) var state: Rules.State
    private(set) var events: [Rules.Event] = []
    private(set) var now = Timestamp.unixEpoch
    private(set) var turnCount = 0
    /// The hash of the state after the last turn that was told; nil before the first.
    private var stateHash: Int?

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
        let command = try draw(commands)
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

    /// Says what the last turn led to, and from where: so that others may go on from there.
    mutating func tell(_ tape: Tape, of outcome: Result<[Rules.Event], Rules.Rejection>) {
        guard tape.isWatched else { return }
        var hasher = Hasher()
        hasher.combine(stateHash ?? machine.initial.hashValue)
        switch outcome {
        case .success(let events):
            let hash = events.isEmpty && stateHash != nil ? stateHash : state.hashValue
            stateHash = hash
            hasher.combine(hash)
        case .failure(let rejection): hasher.combine(rejection)
        }
        tape.come(to: hasher.finalize())
    }
}
