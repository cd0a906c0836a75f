public import Foundation
internal import Subprocess
internal import SystemPackage

/// A program that a test starts, and what it is started with.
///
/// Every test starts its processes through this. A child has its three standard streams and no
/// other descriptor of the tests, none of the three is one that the tests' own output goes to,
/// and it is killed when the process ends that runs the tests, however that ends. So no run of
/// the tests can be held up by what an earlier or a broken one left behind.
public struct ChildCommand: Sendable {
    /// Where a standard stream of a child leads.
    public enum Stream: Hashable, Sendable {
        case nothing
        /// To a file: input is read from its beginning; output goes to an empty one, which is
        /// made where it is missing.
        case file(String)
        /// To an open descriptor of the tests, which stays open there.
        case descriptor(Int32)
    }

    public struct NotExecutable: Error {
        let program: String
    }

    public var program: String
    public var arguments: [String]
    public var environment: [String: String]
    /// The folder it runs in; nil for that of the tests.
    public var folder: String?
    public var input = Stream.nothing
    public var output = Stream.nothing
    /// Nil where errors are kept, and printed should the child end in another way than by 0 or
    /// by a signal that it was sent.
    public var error: Stream?

    public init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts the program.
    ///
    /// Returns once there is a process; it may not have become the program yet.
    ///
    /// - Throws: ``NotExecutable``, or what keeps a stream or the process from being made.
    public func start() async throws -> ChildProcess {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw NotExecutable(program: program)
        }
        let streams = try ChildStreams(self)
        return try await ChildProcess(configuration, streams)
    }

    /// Starts the program and waits for its end.
    @discardableResult
    public func run() async throws -> ChildEnd {
        try await start().end()
    }

    private var configuration: Configuration {
        let line = Self.leash(program) + arguments
        let variables = environment.compactMap { name, value in
            Environment.Key(rawValue: name).map { ($0, value) }
        }
        return Configuration(
            executable: .path(FilePath(line[0])),
            arguments: Arguments(Array(line.dropFirst())),
            environment: .custom(Dictionary(variables) { $1 }),
            workingDirectory: folder.map { FilePath($0) }
        )
    }

    /// The command line of a program that the kernel kills when this process ends.
    ///
    /// The kernel does so even where the child is stopped by a signal. What is asked for holds
    /// for the thread that starts the child: the library's, which ends with the process. Had the
    /// process ended before that was asked for, the child would have another parent by then.
    private static func leash(_ program: String) -> [String] {
        guard let leash else { return [program] }
        let run = #"[ "$PPID" = "$0" ] && exec "$@""#
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        return [leash, "--pdeathsig", "KILL", "/bin/sh", "-c", run, parent, program]
    }

    /// The program that asks the kernel for it; nil where it is not installed.
    static let leash = ["/usr/bin/setpriv", "/bin/setpriv"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Whether children are killed when this process ends.
    public static var isLeashed: Bool { leash != nil }
}
