import CairnTestSupport
import Foundation

/// A database's own command line program, which answers with rows of text.
struct DatabaseShell {
    /// What cells and rows end with, and what begins an answer: bytes that no text here has.
    static let (cellEnd, rowEnd, answerStart): (UInt8, UInt8, UInt8) = (0x1F, 0x1E, 0x1D)
    /// What stands for NULL, which an empty text is not.
    static let null = "\u{15}"

    struct Failure: Error, CustomStringConvertible {
        let program: String
        let status: Int32
        let message: String

        var description: String { "\(program) ended with \(status): \(message)" }
    }

    /// Where a program lies, if it is installed.
    static func path(of program: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return folders.split(separator: ":").map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs a program until its end.
    ///
    /// - Parameters:
    ///   - program: Its name.
    ///   - arguments: Its command line.
    ///   - input: A file that it gets as standard input.
    ///   - environment: What it gets beside the tests' own environment.
    /// - Returns: What it wrote to standard output.
    /// - Throws: ``Failure`` with what it wrote to standard error.
    static func run(
        _ program: String,
        _ arguments: [String],
        input: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> [UInt8] {
        guard let path = path(of: program) else {
            throw Failure(program: program, status: -1, message: "it is not installed")
        }
        let scratch = try ScratchFolder()
        var command = ChildCommand(path, arguments)
        command.environment.merge(environment) { $1 }
        if let input { command.input = .file(input) }
        // Files take any amount of output; a pipe that nobody empties would stop the program.
        command.output = .file(scratch.path("output"))
        command.error = .file(scratch.path("error"))
        let status = try await command.run().status
        guard status == 0 else {
            let message = try scratch.text("error")
            throw Failure(program: program, status: status, message: message)
        }
        return Array(try scratch.data("output"))
    }

    /// Takes output apart into answers, rows and cells.
    static func answers(_ output: [UInt8]) -> [[[String?]]] {
        let parts = output.split(separator: answerStart, omittingEmptySubsequences: false)
        return parts.dropFirst().map { part in
            // The mark stands on a line of its own, and a line end closes the last row.
            var body = part.dropFirst()
            if body.last == 10 || body.last == rowEnd { body.removeLast() }
            guard !body.isEmpty else { return [] }
            return body.split(separator: rowEnd, omittingEmptySubsequences: false).map { row in
                row.split(separator: cellEnd, omittingEmptySubsequences: false).map { cell in
                    let text = String(decoding: cell, as: UTF8.self)
                    return text == null ? nil : text
                }
            }
        }
    }
}
