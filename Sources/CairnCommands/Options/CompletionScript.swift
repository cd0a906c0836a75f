internal import ArgumentParser

/// What the argument parser leaves open about completion scripts.
enum CompletionScript {
    private static let option = "--generate-completion-script"

    /// Refuses a script for a tool that is a part of another: shells complete by the name of a
    /// program, and the parts of that one are its own to tell.
    static func check(_ arguments: [String], _ tool: String) throws(CommandFailure) {
        guard tool.contains(" "), arguments.contains(where: { $0.hasPrefix(option) }) else {
            return
        }
        throw CommandFailure(
            .usage,
            "'\(tool)' is a part of another program, and a shell completes a whole one: name the "
                + "tool by one word, and run it by that"
        )
    }

    /// Adds the verbs as what `help` takes; leaves what is no completion script as it is.
    ///
    /// - Parameters:
    ///   - script: What the parser made for bash, zsh or fish.
    ///   - root: The tool's verbs.
    /// - Returns: The script.
    static func withHelp(_ script: String, of root: any ParsableCommand.Type) -> String {
        let tool = root._commandName
        let verbs = root.configuration.subcommands
            .filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        if script.hasPrefix("#!/bin/bash\n") {
            let words = verbs.joined(separator: "'$'\\n''")
            let name = "_\(tool)_help() {\n"
            return script.replacing(
                name + "    :\n",
                with: name + "    __\(tool)_add_completions -W '\(words)'\n"
            )
        }
        if script.hasPrefix("#compdef ") {
            return script.replacing(
                "'*:subcommands:'",
                with: "'*:subcommands:(\(verbs.joined(separator: " ")))'"
            )
        }
        guard script.hasPrefix("function __\(tool)_") else { return script }
        let isSecond = "set -l words (commandline -opc); test \"$words[2..]\" = help"
        return script
            + "\ncomplete -c '\(tool)' -n '\(isSecond)' -f -a '\(verbs.joined(separator: " "))'"
    }
}
