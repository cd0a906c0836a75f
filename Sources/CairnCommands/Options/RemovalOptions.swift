internal import ArgumentParser
internal import CairnEngine
internal import CairnServices

/// How a verb that removes something is decided on.
struct RemovalOptions: ParsableArguments {
    @OptionGroup var journal: JournalOptions

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(
        help: ArgumentHelp("Who decides; becomes part of the event.", valueName: "name"),
        transform: { try Arguments.name($0) }
    )
    var by: String?

    @Option(
        help: ArgumentHelp("Why; becomes part of the event.", valueName: "text"),
        transform: { try Arguments.name($0) }
    )
    var reason: String?

    /// Asks whether to go on, unless that was said.
    ///
    /// - Throws: ``CommandFailure``: with exit code 64 where there is nobody to ask, and 130 where
    ///   the answer is no.
    func confirm(_ question: String) throws(CommandFailure) {
        if yes { return }
        guard Terminal.isInputTerminal else {
            throw CommandFailure(
                .usage,
                "it asks before it removes, and standard input is no terminal; give --yes"
            )
        }
        Terminal.ask("cairn: \(question) [y/N] ")
        let answer = readLine()?.lowercased()
        guard answer == "y" || answer == "yes" else {
            throw CommandFailure(.interrupted, "nothing was removed")
        }
    }

    /// Runs a removal, with its errors in the tool's terms.
    static func removing<Value>(
        _ path: String,
        _ body: () async throws(EngineError<Never>) -> Value
    ) async throws(CommandFailure) -> Value {
        do {
            return try await body()
        } catch {
            switch error {
            case .journal(let error): throw CommandFailure(error, path: path, isWriting: true)
            case .unreadable(_, let reason): throw CommandFailure(reason, "\(error)")
            }
        }
    }
}
