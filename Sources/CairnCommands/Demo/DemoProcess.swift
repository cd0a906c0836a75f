internal import Foundation

/// A process of this very program, for a demonstration that needs several.
final class DemoProcess {
    private let process = Process()
    private let output = Pipe()

    /// Starts the program with other arguments.
    ///
    /// - Throws: ``CommandFailure`` where the system does not start it.
    init(_ arguments: [String]) throws(CommandFailure) {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
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
}
