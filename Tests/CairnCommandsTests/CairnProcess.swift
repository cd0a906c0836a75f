import CairnTestSupport
import Foundation
import Testing

/// One run of the built tool, from its arguments to its exit code.
struct CairnProcess {
    let status: Int32
    let output: String
    let error: String

    /// The result as JSON.
    var json: Any? {
        try? JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed)
    }

    /// Runs the tool and waits for its end.
    ///
    /// - Parameters:
    ///   - arguments: Its command line.
    ///   - folder: The folder it runs in.
    ///   - input: What it gets on standard input.
    ///   - prefix: A program that runs it, such as one that gives up permissions.
    /// - Returns: What it printed and how it ended.
    /// - Throws: What keeps it from being started.
    static func run(
        _ arguments: [String],
        in folder: URL,
        input: Data = Data(),
        prefix: [String] = []
    ) async throws -> CairnProcess {
        var command = try command(arguments, in: folder, prefix: prefix)
        let files = try ScratchFolder()
        command.input = .file(try files.file("input", input))
        command.output = .file(files.path("output"))
        command.error = .file(files.path("error"))
        return CairnProcess(
            status: try await command.run().status,
            output: try files.text("output"),
            error: try files.text("error")
        )
    }

    /// The command of a process that is not started yet.
    static func command(
        _ arguments: [String],
        in folder: URL,
        prefix: [String] = []
    ) throws -> ChildCommand {
        let line = prefix + [try executable().path] + arguments
        var command = ChildCommand(line[0], Array(line.dropFirst()))
        command.folder = folder.path
        // The tests' own environment must not reach into what they expect.
        command.environment["CAIRN_JOURNAL"] = nil
        command.environment["TMPDIR"] = folder.path
        return command
    }

    /// The tool, which is built beside the tests.
    static func executable() throws -> URL { try Bundle.builtExecutable("cairn") }
}

extension ScratchFolder {
    /// Runs the tool in this folder.
    func cairn(_ arguments: String..., input: Data = Data()) async throws -> CairnProcess {
        try await CairnProcess.run(arguments, in: url, input: input)
    }
}
