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
        let process = try process(arguments, in: folder, prefix: prefix)
        let files = try ScratchFolder()
        let given = try files.file("input", input)
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: given))
        process.standardOutput = try files.output("output")
        process.standardError = try files.output("error")
        try await process.runToEnd()
        return CairnProcess(
            status: process.terminationStatus,
            output: try files.text("output"),
            error: try files.text("error")
        )
    }

    /// Makes a process that was not started yet.
    static func process(
        _ arguments: [String],
        in folder: URL,
        prefix: [String] = []
    ) throws -> Process {
        let process = Process()
        let command = prefix + [try executable().path] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = folder
        // The tests' own environment must not reach into what they expect.
        var environment = ProcessInfo.processInfo.environment
        environment["CAIRN_JOURNAL"] = nil
        environment["TMPDIR"] = folder.path
        process.environment = environment
        return process
    }

    /// The tool, which is built beside the tests.
    static func executable() throws -> URL {
        let paths = [Bundle.main.executableURL?.path ?? "", CommandLine.arguments[0]]
        for path in paths {
            var folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            while folder.path.count > 1 {
                let file = folder.appendingPathComponent("cairn")
                if FileManager.default.isExecutableFile(atPath: file.path),
                    !isFolder(file)
                {
                    return file
                }
                folder.deleteLastPathComponent()
            }
        }
        throw MissingTool(paths: paths)
    }

    private static func isFolder(_ url: URL) -> Bool {
        (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? false
    }

    struct MissingTool: Error {
        let paths: [String]
    }
}

extension ScratchFolder {
    /// Runs the tool in this folder.
    func cairn(_ arguments: String..., input: Data = Data()) async throws -> CairnProcess {
        try await CairnProcess.run(arguments, in: url, input: input)
    }
}
