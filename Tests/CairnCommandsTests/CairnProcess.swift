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
    ) throws -> CairnProcess {
        let process = try process(arguments, in: folder, prefix: prefix)
        let files = try TemporaryFolder()
        let output = try files.file("output")
        let error = try files.file("error")
        let given = files.url.appendingPathComponent("input")
        try input.write(to: given)
        process.standardInput = try FileHandle(forReadingFrom: given)
        process.standardOutput = output
        process.standardError = error
        try process.run()
        process.waitUntilExit()
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

/// A folder of one test, removed after it.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("cairn-commands-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Makes an empty file and opens it for writing.
    func file(_ name: String) throws -> FileHandle {
        try write(name, Data())
        return try FileHandle(forWritingTo: url.appendingPathComponent(name))
    }

    func write(_ name: String, _ content: Data) throws {
        try content.write(to: url.appendingPathComponent(name))
    }

    func write(_ name: String, _ text: String) throws {
        try write(name, Data(text.utf8))
    }

    func data(_ name: String) throws -> Data {
        try Data(contentsOf: url.appendingPathComponent(name))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try data(name), as: UTF8.self)
    }

    /// Runs the tool in this folder.
    func cairn(_ arguments: String..., input: Data = Data()) throws -> CairnProcess {
        try CairnProcess.run(arguments, in: url, input: input)
    }
}
