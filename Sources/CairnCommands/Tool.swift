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
                unknownVerb: arguments.first.flatMap { $0.hasPrefix("-") ? nil : $0 }
            )
        }
    }

    private static func report(
        _ failure: CommandFailure,
        of verb: String?,
        _ name: String
    ) -> Int32 {
        if let message = failure.message {
            Terminal.note("\(name): \(prefix(verb))\(Terminal.printable(message))")
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
        unknownVerb: String?
    ) -> Int32 {
        guard root.exitCode(for: error) != .success else {
            return (try? Terminal.write(root.fullMessage(for: error) + "\n")) == nil
                ? ExitStatus.inputOutput.rawValue : ExitStatus.fine.rawValue
        }
        if verb == nil, let word = unknownVerb {
            Terminal.note(
                "\(name): there is no verb '\(Terminal.printable(word))'; see '\(name) --help'"
            )
            return ExitStatus.usage.rawValue
        }
        let message = root.message(for: error)
        var line = message.split(separator: "\n").joined(separator: " ")
        if line.hasSuffix(".") { line.removeLast() }
        let help = "\(name) \(verb.map { "\($0) " } ?? "")--help"
        Terminal.note("\(name): \(prefix(verb))\(Terminal.printable(line)); see '\(help)'")
        return ExitStatus.usage.rawValue
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
