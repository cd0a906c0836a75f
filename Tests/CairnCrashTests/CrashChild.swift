import CairnCore
import CairnTestSupport
import Foundation

/// A process that appends until it is killed, and what it said until then.
final class CrashChild {
    private let process = Process()
    /// Gets the output: a file takes any amount and stays when the process is gone.
    private let scratch: ScratchFolder
    private let end: Task<Void, Never>

    var processID: Int32 { process.processIdentifier }

    /// Starts a child that stays inside a view of a journal, once it is there.
    static func reader(of journal: String) throws -> CrashChild {
        let child = try CrashChild([journal, "read"])
        try child.waitForWord()
        return child
    }

    /// Starts a child that holds the sign of life of a number, once it has it.
    static func holder(of number: UInt64, in journal: String) throws -> CrashChild {
        let child = try CrashChild([journal, "live", String(number)])
        try child.waitForWord()
        return child
    }

    private func waitForWord() throws {
        while try scratch.data("output").isEmpty {
            guard process.isRunning else { throw CocoaError(.executableLoad) }
            usleep(1_000)
        }
    }

    /// Starts the child.
    ///
    /// With a `fileBlockCountMax`, no file of it may grow beyond that many blocks of 512 bytes.
    convenience init(
        journal: String,
        firstWriter: Int,
        writerCount: Int,
        fileBlockCountMax: Int? = nil,
        environment: [String: String] = [:]
    ) throws {
        try self.init(
            [journal, String(firstWriter), String(writerCount)],
            fileBlockCountMax: fileBlockCountMax,
            environment: environment
        )
    }

    private init(
        _ arguments: [String],
        fileBlockCountMax: Int? = nil,
        environment: [String: String] = [:]
    ) throws {
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let fileBlockCountMax {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments =
                ["-c", "ulimit -f \(fileBlockCountMax); exec \"$0\" \"$@\""]
                + [try Self.executable().path] + arguments
        } else {
            process.executableURL = try Self.executable()
            process.arguments = arguments
        }
        scratch = try ScratchFolder()
        process.standardOutput = try scratch.output("output")
        end = try process.start()
    }

    /// SIGSTOP: the process is there, and does nothing until it is told to go on.
    ///
    /// Returns once the kernel shows it as stopped.
    func stop() throws {
        Foundation.kill(process.processIdentifier, SIGSTOP)
        while try !isStopped { usleep(1_000) }
    }

    private var isStopped: Bool {
        get throws {
            let path = "/proc/\(process.processIdentifier)/stat"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            // The state is the word after the name, which stands in parentheses.
            guard let end = text.lastIndex(of: ")") else { return false }
            return text[end...].dropFirst(2).first == "T"
        }
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    func kill() async {
        Foundation.kill(process.processIdentifier, SIGKILL)
        await end.value
    }

    /// Waits until the child has ended by itself, which it does when no append is taken.
    func waitUntilEnd() async {
        await end.value
    }

    /// Every complete line that the child wrote; a torn last one was not said.
    func allLines() throws -> [Substring] {
        let text = try scratch.text("output")
        guard let end = text.lastIndex(of: "\n") else { return [] }
        return text[..<end].split(separator: "\n")
    }

    /// The child is built with the tests and lies beside them.
    private static func executable() throws -> URL {
        let name = "CairnCrashChild"
        var folder = Bundle.main.bundleURL
        for _ in 0..<4 {
            let candidate = folder.appending(path: name)
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile)
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
