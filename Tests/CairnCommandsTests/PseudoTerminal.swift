import CairnTestSupport
import Foundation
import Testing

/// A terminal that a test looks at and types into.
final class PseudoTerminal {
    /// The test's end.
    private let master: Int32
    /// The end that a child has as its standard streams.
    let slave: Int32
    /// How the terminal treated what is typed before a child had it.
    private(set) var initialModes: tcflag_t = 0
    /// What the child wrote so far.
    private(set) var output = ""
    private var bytes: [UInt8] = []

    /// TIOCSPTLCK and TIOCGPTN of Linux, which are macros.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    init(columns: UInt16, rows: UInt16) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var lock: Int32 = 0
        var number: UInt32 = 0
        try #require(master >= 0 && ioctl(master, Self.setLock, &lock) == 0)
        try #require(ioctl(master, Self.getNumber, &number) == 0)
        slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(slave >= 0)
        try resize(columns: columns, rows: rows)
        initialModes = localModes
    }

    deinit {
        close(slave)
        close(master)
    }

    func resize(columns: UInt16, rows: UInt16) throws {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    }

    func type(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(write(master, bytes, bytes.count) == bytes.count)
    }

    /// Most looks, a hundredth of a second apart, at a child that says nothing: they are counted
    /// and not timed, because a busy machine may not let the test look for a minute.
    private static let lookCountMax = 6_000

    /// Takes what comes until it contains a text, and forgets what stands before the text's end.
    ///
    /// - Returns: What stood before it.
    @discardableResult
    func read(until text: String) async throws -> String {
        var found: Range<String.Index>?
        try await read(until: {
            found = output.range(of: text)
            return found != nil
        })
        let range = try #require(found)
        defer { output = String(output[range.upperBound...]) }
        return String(output[..<range.lowerBound])
    }

    /// Takes what comes until something is so.
    func read(until isSo: () -> Bool) async throws {
        var lookCount = 0
        while !isSo() {
            try #require(lookCount < Self.lookCountMax, "it did not come to be: \(output)")
            if take() { continue }
            lookCount += 1
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Takes what is there.
    ///
    /// - Returns: Whether there was something.
    private func take() -> Bool {
        var ends = [pollfd(fd: master, events: Int16(POLLIN), revents: 0)]
        guard poll(&ends, 1, 0) > 0 else { return false }
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(master, &part, part.count)
        guard count > 0 else { return false }
        bytes += part.prefix(count)
        guard let text = String(validating: bytes, as: UTF8.self) else { return true }
        output += text
        bytes = []
        return true
    }

    /// How the terminal treats what is typed.
    var localModes: tcflag_t {
        var attributes = termios()
        return tcgetattr(slave, &attributes) == 0 ? attributes.c_lflag : 0
    }
}
