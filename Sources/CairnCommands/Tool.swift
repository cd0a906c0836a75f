internal import ArgumentParser

/// The command line tool: reads its arguments, runs one verb, and turns errors into exit codes.
public enum Tool {
    /// Runs the tool.
    ///
    /// - Parameter arguments: The command line without the program's name.
    /// - Returns: The exit code.
    public static func run(_ arguments: [String]) async -> Int32 {
        Terminal.claimStreams()
        Signals.install()
        return await run(CairnCommand.self, named: "cairn", arguments)
    }

    /// Runs a verb of a tool.
    ///
    /// - Parameters:
    ///   - root: The tool's verbs.
    ///   - name: What the tool is called.
    ///   - arguments: The command line behind its name.
    /// - Returns: The exit code.
    static func run(
        _ root: any AsyncParsableCommand.Type,
        named name: String,
        _ arguments: [String]
    ) async -> Int32 {
        var verb: String?
        do {
            try ArgumentBytes.check(arguments)
            try CompletionScript.check(arguments, name)
            var command = try await root.asyncParseAsRoot(arguments)
            verb = Self.name(of: type(of: command))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.fine.rawValue
        } catch let failure as CommandFailure {
            return report(failure, of: verb, name)
        } catch {
            return report(
                error,
                of: root,
                name,
                verb: verb ?? givenVerb(in: arguments, of: root),
                arguments
            )
        }
    }

    private static func report(
        _ failure: CommandFailure,
        of verb: String?,
        _ name: String
    ) -> Int32 {
        if let message = failure.message {
            Terminal.note("\(name): \(prefix(verb))\(line(of: message))")
        }
        if let pointer = failure.pointer { Terminal.note(pointer) }
        return failure.status.rawValue
    }

    /// Reports what the argument parser throws: help is no error, and goes to standard output.
    private static func report(
        _ error: any Error,
        of root: any ParsableCommand.Type,
        _ name: String,
        verb: String?,
        _ arguments: [String]
    ) -> Int32 {
        guard root.exitCode(for: error) != .success else {
            let message = CompletionScript.withHelp(root.fullMessage(for: error), of: root)
            return (try? Terminal.write(message + "\n")) == nil
                ? ExitStatus.inputOutput.rawValue : ExitStatus.fine.rawValue
        }
        let word = arguments.first { $0 != "help" }
        if verb == nil, let word, !word.hasPrefix("-") {
            Terminal.note("\(name): there is no verb '\(line(of: word))'; see '\(name) --help'")
            return ExitStatus.usage.rawValue
        }
        let message = root.message(for: error)
        var line = message.split(separator: "\n").joined(separator: " ")
        if line.hasSuffix(".") { line.removeLast() }
        line += readAsOption(arguments, line)
        let help = "\(name) \(verb.map { "\($0) " } ?? "")--help"
        Terminal.note("\(name): \(prefix(verb))\(Self.line(of: line)); see '\(help)'")
        return ExitStatus.usage.rawValue
    }

    /// Why an option has no value although one stands behind it: the parser takes what begins with
    /// a dash for an option.
    private static func readAsOption(_ arguments: [String], _ message: String) -> String {
        guard message.hasPrefix("Missing value for '") else { return "" }
        let behind = zip(arguments, arguments.dropFirst()).first { option, value in
            message.dropFirst("Missing value for '".count).hasPrefix("\(option) ")
                && value.hasPrefix("-") && value.dropFirst().first?.isNumber == true
        }
        return behind.map { "; '\($0.1)' begins with a dash, as options do" } ?? ""
    }

    /// Most characters of what is said; what was given may be of any length.
    private static let lineCharacterCountMax = 1_000

    /// A message as a line that a terminal can show, without the middle of one that is too long.
    private static func line(of message: String) -> String {
        let line = Terminal.printable(message)
        guard line.count > lineCharacterCountMax else { return line }
        let kept = lineCharacterCountMax / 2
        return "\(line.prefix(kept))...\(line.suffix(kept))"
    }

    private static func prefix(_ verb: String?) -> String {
        verb.map { "\($0): " } ?? ""
    }

    /// What a verb is called on the command line; one below another with both names.
    private static func name(of command: any ParsableCommand.Type) -> String {
        let isBelow = DemoVerb.shown.contains { $0 == command }
        return (isBelow ? "demo " : "") + command._commandName
    }

    /// The verb that the arguments name, where they could not be parsed.
    private static func givenVerb(
        in arguments: [String],
        of root: any ParsableCommand.Type
    ) -> String? {
        let known = Set(root.configuration.subcommands.map { $0._commandName })
        guard let verb = arguments.first(where: { known.contains($0) }) else { return nil }
        guard verb == DemoVerb.configuration.commandName,
            let below = DemoVerb.shown.first(where: { arguments.contains($0._commandName) })
        else { return verb }
        return name(of: below)
    }
}
