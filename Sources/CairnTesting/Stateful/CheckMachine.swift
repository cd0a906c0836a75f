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
///   - view: What tells states apart: a search that goes on from what is new (see
///     ``PropertySettings/isGuided``) takes states that are seen as one for the same place. Leave
///     out what only counts or is different every time, or each state is new. Invariants and
///     replays are about whole states all the same.
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
    seenAs view: @escaping @Sendable (Rules.State) -> AnyHashable = { $0 },
    stepCountMax: Int = 50,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function
) throws(PropertyError) -> PropertySummary {
    let command = Rule<MachineRun<Rules>>("command") { run, draw in
        try run.drawToldTurn(of: commands, seenAs: view, from: &draw)
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
