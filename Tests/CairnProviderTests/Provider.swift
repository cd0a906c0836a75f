import CairnTestSupport
import CairnTesting
import Foundation

/// A provider in a process of its own, and the folder of its socket and its log.
final class Provider {
    let scratch: ScratchFolder
    private var process: ChildProcess

    var socketPath: String { scratch.path("socket") }
    var logPath: String { scratch.path("log") }

    /// Starts a provider and waits until it listens.
    init(_ behaviour: ProviderBehaviour = ProviderBehaviour()) async throws {
        scratch = try ScratchFolder()
        process = try await Self.start(in: scratch, behaviour)
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
        try await kill()
        try meanwhile()
        process = try await Self.start(in: scratch, behaviour)
    }

    /// SIGKILL: no handler runs.
    func kill() async throws {
        try await process.kill()
    }

    /// SIGTERM, which lets it tidy up.
    func terminate() async throws -> ChildEnd {
        try await process.terminate()
    }

    private static func start(
        in scratch: ScratchFolder,
        _ behaviour: ProviderBehaviour
    ) async throws -> ChildProcess {
        var command = ChildCommand(
            try Bundle.builtExecutable("CairnProviderChild").path,
            [
                scratch.path("socket"), scratch.path("log"),
                String(decoding: try JSONEncoder().encode(behaviour), as: UTF8.self),
            ]
        )
        command.output = .file(scratch.path("said"))
        let process = try await command.start()
        while try scratch.text("said") != "ready\n" {
            guard process.isRunning else { throw CocoaError(.executableLoad) }
            try await Task.sleep(for: .milliseconds(1))
        }
        return process
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
