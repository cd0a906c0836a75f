import CairnCore
import CairnTestSupport
import Foundation

/// A process that appends until it is killed, and what it said until then.
final class CrashChild {
    private let process: ChildProcess
    /// Gets the output: a file takes any amount and stays when the process is gone.
    private let scratch: ScratchFolder

    var processID: Int32 { process.processID }

    /// Starts a child that stays inside a view of a journal, once it is there.
    static func reader(of journal: String) async throws -> CrashChild {
        let child = try await CrashChild([journal, "read"])
        try await child.waitForWord()
        return child
    }

    /// Starts a child that holds the sign of life of a number, once it has it.
    static func holder(of number: UInt64, in journal: String) async throws -> CrashChild {
        let child = try await CrashChild([journal, "live", String(number)])
        try await child.waitForWord()
        return child
    }

    private func waitForWord() async throws {
        while try scratch.data("output").isEmpty {
            guard process.isRunning else { throw CocoaError(.executableLoad) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Starts a child that appends.
    ///
    /// - Parameters:
    ///   - journal: Where it appends.
    ///   - firstWriter: The number of its first writer.
    ///   - writerCount: How many tasks of it append, each to a stream of its own.
    ///   - lifetimeMilliseconds: When it kills itself, wherever it is; nil for never.
    ///   - livesFromAcknowledgement: Whether its life counts from the first acknowledged append
    ///     and not from its start.
    ///   - fileBlockCountMax: No file of it may grow beyond that many blocks of 512 bytes.
    ///   - environment: What it gets beside the tests' own environment.
    /// - Throws: What keeps it from being started.
    convenience init(
        journal: String,
        firstWriter: Int,
        writerCount: Int,
        lifetimeMilliseconds: Int? = nil,
        livesFromAcknowledgement: Bool = false,
        fileBlockCountMax: Int? = nil,
        environment: [String: String] = [:]
    ) async throws {
        var lifetime = lifetimeMilliseconds.map { [String($0)] } ?? []
        if livesFromAcknowledgement { lifetime.append("acknowledged") }
        try await self.init(
            [journal, String(firstWriter), String(writerCount)] + lifetime,
            fileBlockCountMax: fileBlockCountMax,
            environment: environment
        )
    }

    private init(
        _ arguments: [String],
        fileBlockCountMax: Int? = nil,
        environment: [String: String] = [:]
    ) async throws {
        let program = try Bundle.builtExecutable("CairnCrashChild").path
        var command = ChildCommand(program, arguments)
        if let fileBlockCountMax {
            let limited = "ulimit -f \(fileBlockCountMax); exec \"$0\" \"$@\""
            command = ChildCommand("/bin/sh", ["-c", limited, program] + arguments)
        }
        command.environment.merge(environment) { $1 }
        scratch = try ScratchFolder()
        command.output = .file(scratch.path("output"))
        process = try await command.start()
    }

    /// SIGSTOP: the process is there, and does nothing until it is told to go on.
    ///
    /// Returns once the kernel shows it as stopped.
    func stop() async throws {
        process.send(SIGSTOP)
        while try !isStopped { try await Task.sleep(for: .milliseconds(1)) }
    }

    private var isStopped: Bool {
        get throws {
            let path = "/proc/\(process.processID)/stat"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            // The state is the word after the name, which stands in parentheses.
            guard let end = text.lastIndex(of: ")") else { return false }
            return text[end...].dropFirst(2).first == "T"
        }
    }

    /// SIGCONT: the process goes on where it was stopped.
    func resume() {
        process.send(SIGCONT)
    }

    /// Waits until the child has said so many lines; where there is a bound, only for a while.
    func waitForLines(_ count: Int, turnCountMax: Int? = nil) async throws {
        var turn = 0
        while try allLines().count < count, turn < turnCountMax ?? .max {
            guard process.isRunning else { throw CocoaError(.executableLoad) }
            try await Task.sleep(for: .milliseconds(1))
            turn += 1
        }
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    func kill() async throws {
        try await process.kill()
    }

    /// Waits until the child has ended by itself: killed, or because no append is taken.
    @discardableResult
    func end() async throws -> ChildEnd {
        try await process.end()
    }

    /// Every complete line that the child wrote; a torn last one was not said.
    func allLines() throws -> [Substring] {
        let text = try scratch.text("output")
        guard let end = text.lastIndex(of: "\n") else { return [] }
        return text[..<end].split(separator: "\n")
    }
}

/// What all children of a run said: submitted and acknowledged appends by writer.
struct Said {
    private(set) var submitted: [Int: Int] = [:]
    private(set) var acknowledged: [Int: [Int: Position]] = [:]
    /// What made writers end.
    private(set) var errors: [String] = []

    var acknowledgedCount: Int { acknowledged.values.reduce(0) { $0 + $1.count } }

    struct Unexpected: Error {
        let line: String
    }

    mutating func take(_ lines: [Substring]) throws {
        for line in lines {
            let words = line.split(separator: " ")
            if words.first == "E" {
                errors.append(String(line))
                continue
            }
            guard words.count == 4, let writer = Int(words[1]), let number = Int(words[2]) else {
                throw Unexpected(line: String(line))
            }
            switch words[0] {
            case "S": submitted[writer] = number
            case "A":
                guard let position = UInt64(words[3]) else {
                    throw Unexpected(line: String(line))
                }
                acknowledged[writer, default: [:]][number] = Position(rawValue: position)
            default: throw Unexpected(line: String(line))
            }
        }
    }
}
