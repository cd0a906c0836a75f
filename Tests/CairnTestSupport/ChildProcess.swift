internal import Foundation
internal import Subprocess
internal import Synchronization

/// How a process ended.
public enum ChildEnd: Hashable, Sendable {
    /// By itself, with a code.
    case exit(Int32)
    /// By a signal.
    case signal(Int32)

    /// The code of its exit, and for a signal what shells make of it.
    public var status: Int32 {
        switch self {
        case .exit(let code): code
        case .signal(let number): 128 + number
        }
    }
}

/// A process that a test started; whoever lets go of it before its end kills it.
///
/// Waiting for its end blocks no thread, of which the tests that run meanwhile have few. A test
/// that is cancelled meanwhile kills it.
public final class ChildProcess: Sendable {
    public let processID: Int32
    private let life: Life
    private let running: Task<ChildEnd, any Error>

    init(_ configuration: Configuration, _ streams: ChildStreams) async throws {
        let life = Life()
        let (starts, toldOfStart) = AsyncThrowingStream.makeStream(of: Int32.self)
        let running = Task {
            do {
                let result = try await Subprocess.run(
                    configuration,
                    input: streams.input,
                    output: streams.output,
                    error: streams.error
                ) { execution in
                    toldOfStart.yield(execution.processIdentifier.value)
                }
                let end: ChildEnd =
                    switch result.terminationStatus {
                    case .exited(let code): .exit(code)
                    case .signaled(let number): .signal(number)
                    }
                life.end(end)
                if let errors = streams.keptErrors, life.isUnexpected(end) {
                    try errors.seek(toOffset: 0)
                    FileHandle.standardError.write(try errors.readToEnd() ?? Data())
                }
                return end
            } catch {
                toldOfStart.finish(throwing: error)
                throw error
            }
        }
        // Waited for by who is cancelled, too: what a start that is cut short had opened for its
        // child would stay open.
        let started = Task {
            for try await processID in starts { return processID }
            throw CancellationError()
        }
        processID = try await started.value
        self.life = life
        self.running = running
    }

    deinit {
        send(SIGKILL)
    }

    public var isRunning: Bool { life.isRunning }

    /// Sends a signal, unless the process has ended.
    public func send(_ signal: Int32) {
        life.send(signal, to: processID)
    }

    /// Waits for its end.
    @discardableResult
    public func end() async throws -> ChildEnd {
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            send(SIGKILL)
        }
    }

    /// SIGKILL: no handler runs, no buffer is flushed.
    ///
    /// - Returns: How it ended, which may have been before.
    @discardableResult
    public func kill() async throws -> ChildEnd {
        send(SIGKILL)
        return try await end()
    }

    /// SIGTERM, which lets it tidy up.
    ///
    /// - Returns: How it ended.
    @discardableResult
    public func terminate() async throws -> ChildEnd {
        send(SIGTERM)
        return try await end()
    }
}

/// What is known of a child's life.
private final class Life: Sendable {
    private struct State {
        var end: ChildEnd?
        var signals: Set<Int32> = []
    }

    private let state = Mutex(State())

    var isRunning: Bool { state.withLock { $0.end == nil } }

    func end(_ end: ChildEnd) {
        state.withLock { $0.end = end }
    }

    func send(_ signal: Int32, to processID: Int32) {
        state.withLock { state in
            guard state.end == nil else { return }
            state.signals.insert(signal)
            Foundation.kill(processID, signal)
        }
    }

    /// Whether it ended neither well nor by what it was sent.
    func isUnexpected(_ end: ChildEnd) -> Bool {
        switch end {
        case .exit(let code): code != 0
        case .signal(let number): state.withLock { !$0.signals.contains(number) }
        }
    }
}
