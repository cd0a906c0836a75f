public import CairnCore

extension Laws {
    /// How often a history is run: two elements of a set stand in the same order half the time.
    private static var repetitionCount: Int { 16 }

    /// Law 2.4: the same commands lead to the same events and to the same bytes, every time.
    ///
    /// Sets and dictionaries of the same elements have another order in each run, because each has
    /// its own seed; a random number or a clock differs as well. What differs by luck may be thrown
    /// as ``PropertyError/notRepeatable(_:)``.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - encoding: Writes a state down. Without it, states only have to be equal, and an order
    ///     that is only seen in bytes goes unseen.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: Sixteen runs a case, all held in memory.
    @discardableResult
    public static func runsAreEqual<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: (@Sendable (Rules.State) -> [UInt8])? = nil,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.determinism
        let sameness = Sameness(encoding)
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            let turns: [MachineTurn<Rules>] = try draw(.turns(commands), "commands")
            // All are kept, so that no two have their elements in one place.
            let runs = (0..<repetitionCount).map { _ in MachineRun(machine, turns) }
            draw.sometimes(!runs[0].events.isEmpty, "a command leads to an event")
            for run in runs.dropFirst() {
                if let difference = Values.difference(run.events, runs[0].events) {
                    throw LawFailure(law, "a second run has the event \(difference)")
                }
                if let difference = sameness.difference(run.state, runs[0].state) {
                    throw LawFailure(law, "a second run ends with \(difference)")
                }
            }
        }
    }

    /// Law 2.6: what is decided, evolved and to be done follows from the arguments alone.
    ///
    /// Everything is asked a second time, later and in the opposite order. A clock that is read
    /// in nanoseconds, chance and memory show; a clock read in days, a locale and a time zone do
    /// not, and are for ``replayIsTheSameElsewhere(_:commands:encoding:digest:seed:caseCount:)``.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - encoding: Writes a state down, where equal states must be the same bytes.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: Two runs a case, with every state held in memory.
    @discardableResult
    public static func answersFollowFromArguments<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: (@Sendable (Rules.State) -> [UInt8])? = nil,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let sameness = Sameness(encoding)
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(.purity, of: "\(Rules.self)", tokens, settings, site) { draw in
            var run = MachineRun(machine)
            let steps = try draw(.turns(commands), "commands").map { run.take($0) }
            draw.sometimes(!run.events.isEmpty, "a command leads to an event")
            let effects = run.events.map { machine.effects(of: $0) }
            for step in steps.reversed() { try askAgain(step, machine, sameness) }
            for (event, effects) in zip(run.events, effects).reversed() {
                guard let other = Values.difference(machine.effects(of: event), effects) else {
                    continue
                }
                throw LawFailure(.purity, "a second time, \(event) has the effect \(other)")
            }
        }
    }

    private static func askAgain<Rules: Machine>(
        _ step: MachineStep<Rules>,
        _ machine: Rules,
        _ sameness: Sameness<Rules.State>
    ) throws(LawFailure) {
        let again = Result { () throws(Rules.Rejection) in
            try machine.decide(step.command, in: step.before, context: step.context)
        }
        switch (again, step.outcome) {
        case (.success(let found), .success(let first)):
            if let difference = Values.difference(found, first) {
                throw LawFailure(
                    .purity,
                    "a second time, \(step.command) leads to \(difference)"
                )
            }
        case (.failure(let found), .failure(let first)) where found == first: break
        default:
            throw LawFailure(
                .purity,
                "a second time, \(step.command) gives \(again), and first \(step.outcome)"
            )
        }
        var state = step.before
        for event in step.events { machine.evolve(&state, by: event) }
        guard let difference = sameness.difference(state, step.after) else { return }
        throw LawFailure(.purity, "a second time, \(Values.text(step.events)) give \(difference)")
    }
}
