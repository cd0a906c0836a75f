internal import FlyingSocks

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A provider of e-mail or SMS that only pretends to deliver, and writes down what it did.
///
/// It is meant to run in a process of its own, so that it outlives the clients that are killed. It
/// speaks JSON lines over a Unix domain socket; ``ProviderClient`` does, too.
///
/// Its log has a line for each thing that happened, written before anyone is told. The lines
/// survive the end of any process, though not of the machine, and a provider that is started anew
/// goes on where its log ends: with the same answers to the same keys, the same lookups and the
/// callbacks that were still to come. ``ProviderLog`` reads it.
public enum ProviderSimulator {
    /// Serves until the task is cancelled.
    ///
    /// A socket that is left at the path is replaced.
    ///
    /// - Parameters:
    ///   - socketPath: Where to listen; at most 103 bytes.
    ///   - logPath: The log, made if it is not there.
    ///   - behaviour: How requests are treated.
    ///   - whenListening: Called once, when connections are accepted.
    /// - Throws: ``ProviderSocketError`` and ``ProviderLogError``.
    public static func serve(
        socketPath: String,
        logPath: String,
        behaviour: ProviderBehaviour = ProviderBehaviour(),
        whenListening: @Sendable () -> Void = {}
    ) async throws {
        let address = try ProviderAddress(path: socketPath)
        let desk = try ProviderDesk(logPath: logPath, behaviour: behaviour)
        let pool = makeProviderSocketPool()
        try await pool.prepare()
        let listener = try address.listen()
        whenListening()
        let result: Result<Void, any Error>
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await pool.run() }
                while true {
                    let socket = try await accept(from: listener, pool)
                    let session = ProviderSession(
                        try LineSocket(socket, pool: pool),
                        desk: desk,
                        behaviour: behaviour
                    )
                    group.addTask { try await session.run() }
                }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        address.removeSocket()
        try? listener.close()
        if Task.isCancelled { return }
        try result.get()
    }

    private static func accept(
        from listener: Socket,
        _ pool: ProviderSocketPool
    ) async throws -> Socket {
        while true {
            try Task.checkCancellation()
            do {
                let socket = Socket(file: try listener.accept().file)
                _ = fcntl(socket.file.rawValue, F_SETFD, FD_CLOEXEC)
                return socket
            } catch SocketError.blocked {
                try await pool.suspendSocket(listener, untilReadyFor: [.read])
            } catch SocketError.failed(_, let code, _) where mayPass(code) {
                try await Task.sleep(for: .milliseconds(10))
            } catch SocketError.failed(let call, let code, _) {
                throw ProviderSocketError.failed(call: call, code: code)
            }
        }
    }

    /// Whether the next connection may be accepted although this one was not.
    private static func mayPass(_ code: Int32) -> Bool {
        [ECONNABORTED, EINTR, EMFILE, ENFILE].contains(code)
    }
}
