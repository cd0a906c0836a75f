internal import FlyingSocks

#if canImport(Darwin)
internal import Darwin

typealias ProviderSocketPool = SocketPool<kQueue>

func makeProviderSocketPool() -> ProviderSocketPool { .kQueue(maxEvents: 64) }
#else
#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

typealias ProviderSocketPool = SocketPool<ePoll>

func makeProviderSocketPool() -> ProviderSocketPool { .ePoll(maxEvents: 64) }
#endif

extension SocketPool {
    /// Returns once the pool has done all it had begun.
    ///
    /// The pool resumes a task first and forgets its descriptor after that. A descriptor that is
    /// closed in between stays in the pool's books, and the next socket with its number would wait
    /// for ever; so this comes before every close.
    func settle() {}
}

/// Makes sockets for a path; a socket's address is a few dozen bytes, so not every path will do.
struct ProviderAddress {
    /// The smallest room of all systems, without the zero at the end.
    private static let byteCountMax = 103

    private let path: String

    init(path: String) throws(ProviderSocketError) {
        let byteCount = path.utf8.count
        guard byteCount <= Self.byteCountMax else {
            throw .pathTooLong(byteCount: byteCount, byteCountMax: Self.byteCountMax)
        }
        self.path = path
    }

    /// Listens, in the place of a socket that an earlier process has left there.
    func listen() throws(ProviderSocketError) -> Socket {
        removeSocket()
        return try Self.calling {
            let socket = try Self.makeSocket()
            do {
                try socket.bind(to: .unix(path: path))
            } catch {
                try socket.close()
                throw error
            }
            try socket.listen()
            return socket
        }
    }

    /// Connects, with patience if more connections are waiting than the system's queue takes.
    func connect() async throws(ProviderSocketError) -> Socket {
        let socket = try Self.calling { try Self.makeSocket() }
        do {
            while true {
                do {
                    try socket.connect(to: .unix(path: path))
                    return socket
                } catch SocketError.blocked {
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
        } catch {
            try? socket.close()
            throw ProviderSocketError(error)
        }
    }

    /// Removes the socket's file, but nothing else that is in its place.
    func removeSocket() {
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFSOCK else { return }
        unlink(path)
    }

    private static func makeSocket() throws -> Socket {
        let socket = try Socket(domain: AF_UNIX, type: .stream)
        _ = fcntl(socket.file.rawValue, F_SETFD, FD_CLOEXEC)
        try socket.setFlags(.nonBlocking)
        return socket
    }

    private static func calling<Value>(
        _ body: () throws -> Value
    ) throws(ProviderSocketError) -> Value {
        do { return try body() } catch { throw ProviderSocketError(error) }
    }
}

extension ProviderSocketError {
    init(_ error: any Error) {
        self =
            switch error {
            case let error as ProviderSocketError: error
            case is CancellationError: .cancelled
            case SocketError.failed(let call, let code, _): .failed(call: call, code: code)
            default: .failed(call: "\(error)", code: 0)
            }
    }
}
