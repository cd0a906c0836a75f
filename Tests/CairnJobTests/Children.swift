import Cairn
import CairnTestSupport
import CairnTesting
import Foundation

/// What a child that runs a job is to do; the same as in `CairnJobChild`.
struct Plan: Codable {
    var job = "batch"
    var count = 100
    /// park, dedup, ask or await.
    var policy = "park"
    var concurrency = 16
    var timeoutMilliseconds = 60_000
    var settleMilliseconds = 250
    var awaitMilliseconds = 1_000
    var isStepwise = false
    /// So many that none of those who are killed at random is taken for a poison.
    var lossCountMax: Int64 = 1_000
    var poison: Int?
    var takesCallbacks = false

    func key(_ item: Int) -> String { "\(job)/\(item)" }
}

/// A journal and a provider in a process of its own, for children that run jobs.
final class JobSite {
    let scratch: ScratchFolder
    private let provider: ChildProcess
    private var childCount = 0

    var journalPath: String { scratch.path("jobs.cairn") }

    /// Starts the provider and waits until it listens.
    init(_ change: (inout ProviderBehaviour) -> Void = { _ in }) async throws {
        scratch = try ScratchFolder()
        var behaviour = ProviderBehaviour()
        change(&behaviour)
        var command = ChildCommand(
            try Bundle.builtExecutable("CairnProviderChild").path,
            [
                scratch.path("socket"), scratch.path("log"),
                String(decoding: try JSONEncoder().encode(behaviour), as: UTF8.self),
            ]
        )
        command.output = .file(scratch.path("said"))
        provider = try await command.start()
        let (provider, scratch) = (provider, scratch)
        try await eventually("the provider listens") {
            guard provider.isRunning else { throw CocoaError(.executableLoad) }
            return try scratch.text("said") == "ready\n"
        }
    }

    /// Starts a child.
    func start(_ plan: Plan) async throws -> JobChild {
        childCount += 1
        return try await JobChild(
            [
                journalPath, scratch.path("socket"),
                String(decoding: try JSONEncoder().encode(plan), as: UTF8.self),
            ],
            scratch,
            output: "child-\(childCount)"
        )
    }

    func log() throws -> ProviderLog { try ProviderLog(path: scratch.path("log")) }

    /// Opens the journal as it is, without writing to it.
    func read<Value>(_ body: (LMDBJournal) async throws -> Value) async throws -> Value {
        let journal = try LMDBJournal(path: journalPath, configuration: .readOnly)
        defer { journal.close() }
        return try await body(journal)
    }
}

/// A process that runs a job until it is done or killed.
final class JobChild {
    private let process: ChildProcess
    private let scratch: ScratchFolder
    private let output: String

    fileprivate init(
        _ arguments: [String],
        _ scratch: ScratchFolder,
        output: String
    ) async throws {
        self.scratch = scratch
        self.output = output
        var command = ChildCommand(try Bundle.builtExecutable("CairnJobChild").path, arguments)
        command.output = .file(scratch.path(output))
        process = try await command.start()
    }

    var isRunning: Bool { process.isRunning }

    func send(_ signal: Int32) { process.send(signal) }

    /// SIGKILL: no handler runs, no buffer is flushed.
    ///
    /// - Returns: Whether the process had not ended before.
    func kill() async throws -> Bool {
        try await process.kill() == .signal(SIGKILL)
    }

    func hasBegun() throws -> Bool { try scratch.text(output).hasPrefix("began\n") }

    /// The counts of the report that it ended with.
    func counts() async throws -> Counts {
        try await process.end()
        return try Counts(try scratch.text(output))
    }

    /// Waits for its end, whatever that is.
    @discardableResult
    func end() async throws -> ChildEnd { try await process.end() }
}

/// What a child said at its end.
struct Counts {
    private var values: [String: Int] = [:]

    struct Unexpected: Error {
        let output: String
    }

    init(_ output: String) throws {
        guard let line = output.split(separator: "\n").last, line.hasPrefix("offered ") else {
            throw Unexpected(output: output)
        }
        let words = line.split(separator: " ")
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            values[String(words[index])] = Int(words[index + 1])
        }
    }

    subscript(_ word: String) -> Int { values[word] ?? -1 }

    /// Items that came to an end or are parked.
    var settledCount: Int { self["sent"] + self["done"] + self["failed"] + self["parked"] }
}

/// Waits until something is true, and fails where it does not become so.
func eventually(
    _ message: String,
    deadline: Duration = .seconds(300),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + deadline
    while !(try await condition()) {
        guard ContinuousClock.now < end else { throw NeverTrue(message: message) }
        try await Task.sleep(for: .milliseconds(2))
    }
}

struct NeverTrue: Error {
    let message: String
}
