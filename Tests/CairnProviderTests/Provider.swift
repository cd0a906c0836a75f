import CairnTestSupport
import CairnTesting
import Foundation
import Foundation

/// A provider in a process of its own, and the folder of its socket and its log.
final class Provider {
    let scratch: ScratchFolder
    private var process: Process
    private var end: Task<Void, Never>

    var socketPath: String { scratch.path("socket") }
    var logPath: String { scratch.path("log") }

    /// Starts a provider and waits until it listens.
    init(_ behaviour: ProviderBehaviour = ProviderBehaviour()) async throws {
        scratch = try ScratchFolder()
        (process, end) = try await Self.start(in: scratch, behaviour)
    }

    deinit {
        Foundation.kill(process.processIdentifier, SIGKILL)
    }

    func client(connectionCount: Int = 4) -> ProviderClient {
        ProviderClient(socketPath: socketPath, connectionCount: connectionCount)
    }

    func log() throws -> ProviderLog { try ProviderLog(path: logPath) }

    /// Kills the provider, does something while none is running, and starts another on the same
    /// socket and log.
    func restart(
        _ behaviour: ProviderBehaviour = ProviderBehaviour(),
        meanwhile: () throws -> Void = {}
    ) async throws {
        await kill()
        try meanwhile()
        (process, end) = try await Self.start(in: scratch, behaviour)
    }

    /// SIGKILL: no handler runs.
    func kill() async {
        Foundation.kill(process.processIdentifier, SIGKILL)
        await end.value
    }

    /// SIGTERM, which lets it tidy up.
    ///
    /// - Returns: What it ended with.
    func terminate() async -> Int32 {
        process.terminate()
        await end.value
        return process.terminationStatus
    }

    private static func start(
        in scratch: ScratchFolder,
        _ behaviour: ProviderBehaviour
    ) async throws -> (Process, Task<Void, Never>) {
        let process = Process()
        process.executableURL = try executable()
        process.arguments = [
            scratch.path("socket"), scratch.path("log"),
            String(decoding: try JSONEncoder().encode(behaviour), as: UTF8.self),
        ]
        process.standardOutput = try scratch.output("said")
        let end = try process.start()
        while try scratch.text("said") != "ready\n" {
            guard process.isRunning else { throw CocoaError(.executableLoad) }
            try await Task.sleep(for: .milliseconds(1))
        }
        return (process, end)
    }

    /// The child is built with the tests and lies beside them.
    private static func executable() throws -> URL {
        let name = "CairnProviderChild"
        var folder = Bundle.main.bundleURL
        for _ in 0..<4 {
            let candidate = folder.appending(path: name)
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        throw CocoaError(.fileNoSuchFile)
    }
}

extension ProviderClient {
    /// Sends a message whose text does not matter.
    func send(_ key: String) async throws(ProviderClientError) -> ProviderReply {
        try await send(key: key, recipient: "anna@example.org", body: "Hello, \"Anna\"\n")
    }
}

extension ProviderReply {
    var reference: String? {
        if case .accepted(let reference) = self { reference } else { nil }
    }
}
