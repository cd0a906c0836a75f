internal import Glibc

/// The two ends that the tool writes to: results to standard output, all else to standard error.
enum Terminal {
    /// Sees to it that no file which is opened later gets the number of a standard stream that was
    /// closed, and with it what is meant for people.
    static func claimStreams() {
        for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(stream, F_GETFD) < 0 {
            // It takes the lowest free number; nothing can be written to it.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Where results and notes go instead, if they are to be kept.
    @TaskLocal static var captured: CapturedPages?

    /// Writes bytes to standard output.
    ///
    /// - Throws: ``CommandFailure/closedPipe`` when nobody reads them, and exit code 74 when they
    ///   cannot be written.
    static func write(_ bytes: [UInt8]) throws(CommandFailure) {
        if let captured { return captured.write(bytes, isError: false) }
        if let code = write(bytes, to: STDOUT_FILENO) {
            if code == EPIPE { throw .closedPipe }
            throw CommandFailure(writing: "standard output", code: code)
        }
    }

    static func write(_ text: String) throws(CommandFailure) {
        try write(Array(text.utf8))
    }

    /// Writes JSON and a line's end, with what could move a terminal's cursor or turn the reading
    /// direction written as an escape, which says the same.
    static func write(json: [UInt8]) throws(CommandFailure) {
        try write(escaped(json: json) + [UInt8(ascii: "\n")])
    }

    /// Writes a line to standard error; what cannot be said there is not said.
    static func note(_ line: String) {
        if let captured { return captured.write(Array("\(line)\n".utf8), isError: true) }
        _ = write(Array("\(line)\n".utf8), to: STDERR_FILENO)
    }

    /// Writes a question to standard error, with room for the answer behind it.
    static func ask(_ question: String) {
        _ = write(Array(question.utf8), to: STDERR_FILENO)
    }

    /// Writes to standard error without ending the line, as a progress bar does.
    static func noteInPlace(_ text: String) {
        _ = write(Array("\r\(text)\u{1B}[K".utf8), to: STDERR_FILENO)
    }

    static let isOutputTerminal = isatty(STDOUT_FILENO) == 1
    static let isErrorTerminal = isatty(STDERR_FILENO) == 1
    static let isInputTerminal = isatty(STDIN_FILENO) == 1

    /// Whether results may be coloured: on a terminal that knows colours, unless `NO_COLOR` is set.
    static let usesColour =
        isOutputTerminal && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"

    /// A variable of the environment; nil if it is not set.
    static func environment(_ name: String) -> String? {
        // One that is empty is as good as none.
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Text that cannot move a terminal's cursor or forge a line, whatever the data holds.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isControl(scalar) ? "?" : scalar) }
        return String(result)
    }

    /// JSON that says the same without such characters.
    ///
    /// Those below U+0020 stand in no JSON text unescaped, except as space between its values.
    static func escaped(json: [UInt8]) -> [UInt8] {
        // The first bytes of all other such characters; most output has none of them.
        guard json.contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else { return json }
        var result: [UInt8] = []
        result.reserveCapacity(json.count)
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if scalar.value >= 0x7F, isControl(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            } else {
                result += UTF8.encode(scalar) ?? .init()
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // These turn the reading direction of what follows.
        case .format:
            (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        default: false
        }
    }

    /// Writes all bytes.
    ///
    /// - Returns: The system's error code if that was not possible.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest, rest.count)
            if count >= 0 {
                rest.removeFirst(count)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}
