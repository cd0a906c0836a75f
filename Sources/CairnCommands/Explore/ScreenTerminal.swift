internal import CairnIncident
internal import Glibc
internal import Synchronization

/// The terminal as one screen: who shows it sees to it that the terminal is afterwards what it
/// was before, however the process ends; but for SIGKILL, of which nobody is told.
enum ScreenTerminal {
    /// What the terminal was like when the process began to ask; nil where there is none.
    private static let original: termios? = {
        var attributes = termios()
        return tcgetattr(STDIN_FILENO, &attributes) == 0 ? attributes : nil
    }()

    private static let isShown = Atomic<Bool>(false)

    /// Another screen, without a cursor, on which nothing wraps.
    private static let entering = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private static let leaving: StaticString = "\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// Whether there is a terminal at both ends that can show a screen.
    static var isThere: Bool {
        Terminal.isInputTerminal && Terminal.isOutputTerminal
            && Terminal.environment("TERM") != "dumb" && original != nil
    }

    /// Shows the screen.
    ///
    /// Ctrl-C and Ctrl-Z stay signals.
    static func enter() throws(CommandFailure) {
        guard var raw = original else { return }
        isShown.store(true, ordering: .sequentiallyConsistent)
        cfmakeraw(&raw)
        raw.c_lflag |= tcflag_t(ISIG)
        raw.c_oflag |= tcflag_t(OPOST)
        _ = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        try Terminal.write(entering)
    }

    /// Makes the terminal what it was; does nothing where no screen is shown.
    ///
    /// Signal handlers may call it.
    static func leave() {
        guard isShown.exchange(false, ordering: .sequentiallyConsistent), var cooked = original
        else { return }
        _ = write(STDOUT_FILENO, leaving.utf8Start, leaving.utf8CodeUnitCount)
        _ = tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked)
    }

    /// How large it is; as most terminals are where it does not say.
    static var size: Screen.Size {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return Screen.Size(columns: 80, rows: 24) }
        return Screen.Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Puts a screen onto the terminal, all at once.
    static func draw(_ screen: Screen) throws(CommandFailure) {
        var text = ""
        for (row, spans) in screen.rows.enumerated() {
            text += "\u{1B}[\(row + 1);1H\u{1B}[2K"
            for span in spans {
                // Where terminals disagree about a character's width, the next span still stands
                // where it belongs.
                text += "\u{1B}[\(row + 1);\(span.column + 1)H"
                text += "\(span.emphasis.code)\(span.text)\u{1B}[0m"
            }
        }
        try Terminal.write(text)
    }

    /// Waits for keys, for a signal, or for a while.
    ///
    /// - Returns: What was typed, empty after a while without anything; nil at the end of input.
    static func read(
        besides wake: Int32,
        forMilliseconds timeout: Int32
    ) throws(CommandFailure) -> [UInt8]? {
        var ends = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&ends, nfds_t(ends.count), timeout)
        guard count > 0 || errno == EINTR || count == 0 else {
            throw CommandFailure(.inputOutput, "the terminal cannot be read (error \(errno))")
        }
        guard count > 0, ends[0].revents != 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 1_024)
        let readCount = Glibc.read(STDIN_FILENO, &bytes, bytes.count)
        if readCount < 0, errno == EINTR || errno == EAGAIN { return [] }
        guard readCount > 0 else { return nil }
        return Array(bytes.prefix(readCount))
    }
}

extension Screen.Emphasis {
    /// What switches it on.
    fileprivate var code: String {
        switch self {
        case .none: ""
        case .strong: "\u{1B}[1m"
        case .faint: "\u{1B}[2m"
        case .inverse: "\u{1B}[7m"
        }
    }
}
