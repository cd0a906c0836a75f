public import CairnCore

extension Laws {
    /// Law 4.1: a command that was accepted and comes again adds no event and changes nothing.
    ///
    /// It may be refused the second time, or lead to no event.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - repetition: When a command comes again: at once, or, for those that carry a key, at
    ///     any time after.
    ///   - isRepeatable: Whether a command asks for something to be done once; all by default.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    /// - Complexity: Two turns a command.
    @discardableResult
    public static func repetitionAddsNothing<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        repeated repetition: Repetition = .atOnce,
        where isRepeatable: @Sendable (Rules.Command) -> Bool = { _ in true },
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(.repetition, of: "\(Rules.self)", tokens, settings, site) { draw in
            var run = MachineRun(machine)
            var accepted: [MachineTurn<Rules>] = []
            let turns: [MachineTurn<Rules>] = try draw(.turns(commands), "commands")
            for turn in turns {
                let step = run.take(turn)
                guard isRepeatable(turn.command), case .success = step.outcome else { continue }
                accepted.append(turn)
                if repetition == .atOnce { try expectNothing(of: turn.atOnce, in: &run) }
            }
            draw.sometimes(!accepted.isEmpty, "a repeatable command is accepted")
            guard repetition == .ever else { return }
            for turn in accepted { try expectNothing(of: turn, in: &run) }
        }
    }

    private static func expectNothing<Rules: Machine>(
        of turn: MachineTurn<Rules>,
        in run: inout MachineRun<Rules>
    ) throws(LawFailure) {
        let events = run.take(turn).events
        guard !events.isEmpty else { return }
        throw LawFailure(.repetition, "a second \(turn.command) leads to \(Values.text(events))")
    }

    /// Law 6.3: a command outside the table is refused and leaves the state as it was, byte for
    /// byte; one inside it is not refused.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands, legal and not.
    ///   - encoding: Writes a state down. It shows a state that a refusal changed through a
    ///     reference.
    ///   - isLegal: The table: whether a command is accepted in a state, and in a turn whose
    ///     instant may decide.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    ///   - fileID: The file of the call, which a report's regression test goes by.
    ///   - filePath: Its path.
    ///   - line: The line of the call.
    ///   - function: The function of the call.
    /// - Returns: How much was looked at.
    /// - Throws: ``PropertyError``.
    @discardableResult
    public static func illegalCommandsAreRefused<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: (@Sendable (Rules.State) -> [UInt8])? = nil,
        where isLegal: @Sendable (Rules.Command, Rules.State, TurnContext) -> Bool,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings(),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) throws(PropertyError) -> PropertySummary {
        let law = Law.illegalCommands
        let site = CallSite(fileID: fileID, filePath: filePath, line: line, function: function)
        return try examine(law, of: "\(Rules.self)", tokens, settings, site) { draw in
            var run = MachineRun(machine)
            let turns: [MachineTurn<Rules>] = try draw(.turns(commands), "commands")
            for turn in turns {
                let (state, bytes) = (run.state, encoding?(run.state))
                let allowed = isLegal(turn.command, state, run.context(of: turn))
                draw.sometimes(allowed, "a command is legal")
                draw.sometimes(!allowed, "a command is illegal")
                switch run.take(turn).outcome {
                case .success(let events):
                    if allowed { continue }
                    throw LawFailure(
                        law,
                        "\(turn.command) is illegal in \(state), and leads to \(Values.text(events))"
                    )
                case .failure(let rejection):
                    if allowed {
                        throw LawFailure(
                            law,
                            "\(turn.command) is legal in \(state), and refused: \(rejection)"
                        )
                    }
                    guard run.state == state, encoding?(run.state) == bytes else {
                        throw LawFailure(
                            law,
                            "\(turn.command) is refused, and the state is \(run.state)"
                        )
                    }
                }
            }
        }
    }
}

/// When a command comes again.
public enum Repetition: Hashable, Sendable {
    /// With nothing in between, at the same instant.
    case atOnce
    /// After whatever came in between, as a command that carries an idempotency key may.
    case ever
}
