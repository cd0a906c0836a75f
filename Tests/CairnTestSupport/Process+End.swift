public import Foundation
internal import Synchronization

/// Foundation's way of starting a process is not safe for several threads at once: now and then
/// one reads past the end of its arguments.
private let startLock = Mutex(())

extension Process {
    /// Starts the process.
    ///
    /// - Returns: What ends when the process has. Waiting for it blocks no thread, of which the
    ///   tests that run meanwhile have few.
    public func start() throws -> Task<Void, Never> {
        let (running, toldOfEnd) = AsyncStream.makeStream(of: Never.self)
        terminationHandler = { _ in toldOfEnd.finish() }
        try startLock.withLock { _ in try run() }
        return Task { for await _ in running {} }
    }

    /// Starts the process and waits for its end.
    public func runToEnd() async throws {
        await (try start()).value
    }
}
