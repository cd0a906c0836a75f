/// What the tool's exit code says; the numbers are those of `sysexits.h`.
enum ExitStatus: Int32 {
    case fine = 0
    /// The tool did its work and found something, such as damage or, with `--check`, stuck requests.
    case finding = 1
    /// The command line makes no sense.
    case usage = 64
    /// The input, or what was asked for, does not fit the data.
    case badInput = 65
    /// There is no such journal, file or name in it.
    case notFound = 66
    /// The world failed: a disk, a permission, or stored bytes that cannot be read.
    case inputOutput = 74
    /// Ctrl-C, as shells count it; what was acknowledged stays.
    case interrupted = 130
}

/// Why a verb ended without doing what it was asked; the tool prints it as one line.
struct CommandFailure: Error {
    let status: ExitStatus
    /// What happened, where, and what to do; nil where everything is said already.
    let message: String?
    /// Lines that only point into the message's subject, such as a caret under a character.
    let pointer: String?

    init(_ status: ExitStatus, _ message: String?, pointer: String? = nil) {
        self.status = status
        self.message = message
        self.pointer = pointer
    }

    /// No request is as described, so there is nothing to answer about.
    ///
    /// - Parameters:
    ///   - done: What was not done, such as `written`.
    ///   - hint: What else to try.
    /// - Returns: The failure, with exit code 66.
    static func noRequest(_ done: String, hint: String? = nil) -> CommandFailure {
        CommandFailure(
            .notFound,
            "no request fits, so nothing was \(done); 'cairn requests' lists all"
                + (hint.map { "; \($0)" } ?? "")
        )
    }

    /// The same of the keys of any machine.
    static func noKey(_ done: String) -> CommandFailure {
        CommandFailure(.notFound, "no key fits, so nothing was \(done); 'list' lists all")
    }

    /// Ends the tool with exit code 1 after its result was printed.
    static let finding = CommandFailure(.finding, nil)

    /// Nobody reads the output any more, as after `cairn export | head`: not a failure at all.
    static let closedPipe = CommandFailure(.fine, nil)
}
