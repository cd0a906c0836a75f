internal import FlyingSocks
internal import Synchronization

/// A client of ``ProviderSimulator``, for any number of tasks at once.
///
/// Requests share a few connections and do not wait for one another. A connection is made when a
/// request needs it, and anew after it was closed.
public final class ProviderClient: Sendable {
    private let lanes: [ProviderLane]
    private let polling: Task<Void, any Error>
    private let turn = Atomic(0)

    /// Makes a client, which connects when it is first used.
    ///
    /// - Precondition: `connectionCount` is positive.
    public init(socketPath: String, connectionCount: Int = 4) {
        precondition(connectionCount > 0, "a client needs a connection")
        let pool = makeProviderSocketPool()
        let preparing = Task { try await pool.prepare() }
        polling = Task {
            try await preparing.value
            try await pool.run()
        }
        lanes = (0..<connectionCount).map { _ in
            ProviderLane(socketPath) {
                // A pool refuses sockets until it is prepared.
                try await preparing.value
                return pool
            }
        }
    }

    deinit {
        polling.cancel()
    }

    /// Sends a message once; nothing is tried again.
    ///
    /// - Throws: ``ProviderClientError/replyLost`` if it may have been delivered all the same.
    public func send(
        key: String,
        recipient: String,
        body: String
    ) async throws(ProviderClientError) -> ProviderReply {
        switch try await ask(.send(key: key, recipient: recipient, body: body)) {
        case .reply(let reply): return reply
        case let other: throw .malformed("\(other)")
        }
    }

    /// Asks whether anything was delivered under a key.
    public func lookUp(key: String) async throws(ProviderClientError) -> ProviderSight {
        switch try await ask(.lookUp(key: key)) {
        case .sight(let sight): return sight
        case let other: throw .malformed("\(other)")
        }
    }

    /// Gives the callbacks that went out so far and have a number above one, in their order.
    ///
    /// At most 1000 at a time: ask again after the last.
    public func callbacks(
        after number: Int
    ) async throws(ProviderClientError) -> [ProviderCallback] {
        switch try await ask(.callbacks(after: number)) {
        case .callbacks(let callbacks): return callbacks
        case let other: throw .malformed("\(other)")
        }
    }

    private func ask(
        _ request: ProviderRequest
    ) async throws(ProviderClientError) -> ProviderAnswer {
        while true {
            let turn = turn.wrappingAdd(1, ordering: .relaxed).newValue
            let link: ProviderLink
            do {
                link = try await lanes[turn % lanes.count].link()
            } catch {
                throw .unreachable(error)
            }
            switch await link.ask(request) {
            case .answer(.malformed(let reason)), .malformed(let reason): throw .malformed(reason)
            case .answer(let answer): return answer
            case .lost: throw .replyLost
            case .cancelled: throw .unreachable(.cancelled)
            case .unseen: continue
            }
        }
    }
}

/// The place of one connection in a client: holds the one that is open, or opens the next.
private final class ProviderLane: Sendable {
    private typealias Opening = Task<Result<ProviderLink, ProviderSocketError>, Never>

    private struct State {
        /// Nil before the first use and after a failure.
        var opening: Opening?
        /// Nil until it has opened.
        var link: ProviderLink?
    }

    private let socketPath: String
    private let pool: @Sendable () async throws -> ProviderSocketPool
    private let state = Mutex(State())

    init(_ socketPath: String, pool: @escaping @Sendable () async throws -> ProviderSocketPool) {
        self.socketPath = socketPath
        self.pool = pool
    }

    func link() async throws(ProviderSocketError) -> ProviderLink {
        try await open().value.get()
    }

    /// What opens the connection, or has opened it.
    private func open() -> Opening {
        state.withLock { state in
            if let opening = state.opening, state.link?.isOpen ?? true { return opening }
            let opening = Opening { await self.connect() }
            state = State(opening: opening)
            return opening
        }
    }

    private func connect() async -> Result<ProviderLink, ProviderSocketError> {
        let result: Result<ProviderLink, ProviderSocketError>
        do {
            let address = try ProviderAddress(path: socketPath)
            let pool = try await pool()
            result = .success(ProviderLink(try LineSocket(try await address.connect(), pool: pool)))
        } catch {
            result = .failure(ProviderSocketError(error))
        }
        state.withLock { state in
            if case .success(let link) = result { state.link = link } else { state.opening = nil }
        }
        return result
    }
}
