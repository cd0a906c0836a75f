internal import Foundation
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A process of this very program, for a demonstration that needs several.
///
/// It ends with this one, however that ends: it sees the end of its input.
struct DemoProcess {
    private let configuration: Configuration

    /// A process that gets other arguments.
    init(_ arguments: [String]) {
        configuration = Configuration(
            executable: .path("/proc/self/exe"),
            arguments: Subprocess.Arguments(
                executablePathOverride: "cairn",
                remainingValues: arguments
            )
        )
    }

    /// Starts the process and waits for its end.
    ///
    /// - Returns: What it said, and the signal that ended it; nil where it ended by itself.
    /// - Throws: ``CommandFailure`` where the system does not start it.
    func run() async throws -> (text: String, signal: Int32?) {
        try await naming {
            let end = try await Subprocess.run(
                configuration,
                input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { process in
                // Its input ends once this does: not before it has ended itself.
                var lines: [String] = []
                for try await line in process.standardOutput.strings() { lines.append(line) }
                return lines.joined(separator: "\n")
            }
            guard case .signaled(let signal) = end.terminationStatus else {
                return (end.closureResult, nil)
            }
            return (end.closureResult, signal)
        }
    }

    /// Starts the process, does something once it has said its first line, and ends it.
    ///
    /// - Parameter body: Gets the line; nil where the process ended without one.
    /// - Throws: ``CommandFailure`` where the system does not start it, and what the body throws.
    func whileRunning(_ body: (_ firstLine: String?) async throws -> Void) async throws {
        try await naming {
            _ = try await Subprocess.run(
                configuration,
                input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { process in
                var lines = process.standardOutput.strings().makeAsyncIterator()
                try await body(try await lines.next())
                try process.send(signal: .terminate)
            }
        }
    }

    private func naming<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as SubprocessError {
            throw CommandFailure(.inputOutput, "no second process can be started: \(error)")
        }
    }

    /// Ends this process, which another one started, once that is gone.
    ///
    /// - Parameter tidy: What is done before.
    static func endWithParent(_ tidy: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count > 0 || count < 0 && errno == EINTR { continue }
                tidy()
                _exit(0)
            }
        }
    }
}
