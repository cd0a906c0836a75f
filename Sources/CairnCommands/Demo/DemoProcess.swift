internal import Foundation
internal import Glibc

/// A process of this very program, for a demonstration that needs several.
///
/// It ends with this one, however that ends: it sees the end of its input.
final class DemoProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Starts the program with other arguments.
    ///
    /// - Throws: ``CommandFailure`` where the system does not start it.
    init(_ arguments: [String]) throws(CommandFailure) {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        do { try process.run() } catch {
            throw CommandFailure(.inputOutput, "no second process can be started: \(error)")
        }
    }

    /// Waits for the first bytes that it says.
    func firstWords() -> String {
        String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }

    /// Waits for its end.
    ///
    /// - Returns: What it said, and the signal that ended it; nil where it ended by itself.
    func end() -> (text: String, signal: Int32?) {
        let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        let isKilled = process.terminationReason == .uncaughtSignal
        return (
            String(decoding: data, as: UTF8.self), isKilled ? process.terminationStatus : nil
        )
    }

    func terminate() {
        process.terminate()
        process.waitUntilExit()
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
