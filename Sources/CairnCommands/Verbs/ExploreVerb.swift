internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import Glibc

/// One request, event by event, on a screen of its own.
struct ExploreVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Steps through the events of a request in the terminal, forwards and backwards.",
        discussion: """
            The events stand on the left; beside them is what the event says, what it changed, and the \
            state after it. Keys: j and k or the arrows step, / searches (a predicate as of 'find', or \
            a text), n and N repeat that, a shows only events with anomalies, ? lists all keys, q quits. \
            The request is read once, as of the moment it is opened; nothing is written.
            """
    )

    @Argument(help: "The request's pagw_id.")
    var request: String

    @OptionGroup var read: ReadOptions

    func run() async throws {
        guard read.format == .text else {
            throw CommandFailure(.usage, "a screen is no JSON; 'cairn timeline' has it")
        }
        guard ScreenTerminal.isThere else {
            throw CommandFailure(
                .usage,
                "it needs a terminal to show its screen and read keys from; 'cairn timeline' needs "
                    + "none"
            )
        }
        let open = try await read.open()
        let machine = RequestMachine(open.requests.definition)
        let (walk, removedCount) = try await reading(open.path) {
            () async throws(IncidentError) in
            let (steps, removedCount) = try await open.requests.steps(of: request)
            let stream = try MachineView(open.journal, machine).stream(request)
            return (
                StreamWalk(steps, of: stream, machine, oddities: RequestMachine.oddities),
                removedCount
            )
        }
        // Nothing is read from it any more, however long somebody looks.
        open.journal.close()
        var explorer = Explorer(
            walk,
            title: request,
            size: ScreenTerminal.size,
            words: .request(request, machine)
        )
        // Stands above the screen, and is there again when that is left.
        open.noteRemovals("explore", of: request, eventCount: removedCount)
        try Self.show(&explorer)
    }

    /// A key that begins with an escape comes at once; an escape that stands alone is one.
    private static let escapeMilliseconds: Int32 = 50

    /// Shows the screen until whoever looks has seen enough, or a signal ends the process.
    private static func show<Rules>(_ explorer: inout Explorer<Rules>) throws(CommandFailure) {
        let signals = try ScreenSignals()
        defer { ScreenTerminal.leave() }
        try ScreenTerminal.enter()
        var keys = ScreenKeyReader()
        while !explorer.isDone {
            try ScreenTerminal.draw(explorer.screen)
            let typed = try ScreenTerminal.read(
                besides: signals.exit,
                forMilliseconds: keys.isInside ? escapeMilliseconds : -1
            )
            for number in signals.taken() {
                if ScreenSignals.isEnd(number) {
                    ScreenTerminal.leave()
                    signals.yield(to: number)
                } else if number == SIGTSTP {
                    ScreenTerminal.leave()
                    signals.yield(to: number)
                    try ScreenTerminal.enter()
                } else if number == SIGCONT {
                    // Whoever stopped it may have changed the terminal.
                    try ScreenTerminal.enter()
                }
                explorer.size = ScreenTerminal.size
            }
            // The terminal is gone.
            guard let typed else { return }
            for key in typed.isEmpty ? keys.pause() : keys.take(typed) { explorer.press(key) }
        }
    }
}
