internal import CairnIncident
internal import CairnLMDB
internal import Glibc

/// The screen on which somebody steps through a history, whatever machine folds it.
enum ExploreScreen {
    /// Sees to it that there is a terminal to show a screen on.
    ///
    /// - Parameters:
    ///   - format: What was asked for.
    ///   - plain: What shows the same without a terminal, such as `cairn timeline`.
    /// - Throws: ``CommandFailure`` with exit code 64.
    static func require(_ format: OutputFormat, besides plain: String) throws(CommandFailure) {
        guard format == .text else {
            throw CommandFailure(.usage, "a screen is no JSON; '\(plain)' has it")
        }
        guard Terminal.captured == nil, ScreenTerminal.isThere else {
            throw CommandFailure(
                .usage,
                "it needs a terminal to show its screen and read keys from; '\(plain)' needs none"
            )
        }
    }

    /// Shows a history until whoever looks has seen enough, or a signal ends the process.
    ///
    /// Nothing is read from the journal any more, however long somebody looks.
    static func show<Rules>(
        _ walk: StreamWalk<Rules>,
        of sight: OpenSight,
        title: String,
        words: Explorer<Rules>.Words? = nil
    ) throws(CommandFailure) {
        sight.journal.close()
        var explorer = Explorer(walk, title: title, size: ScreenTerminal.size, words: words)
        try show(&explorer)
    }

    /// A key that begins with an escape comes at once; an escape that stands alone is one.
    private static let escapeMilliseconds: Int32 = 50

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
