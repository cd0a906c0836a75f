internal import FlyingSocks
internal import Foundation
internal import Synchronization

/// A connected socket that lines are posted to, by anyone, and chunks read from, by one task.
///
/// What is posted while a write is under way goes out with the next one, in one piece.
final class LineSocket: Sendable {
    /// Most bytes that may wait for a reader at the other end who takes none.
    static let unsentByteCountMax = 64 << 20
    /// Longest line that is put together.
    static let lineByteCountMax = 1 << 20
    private static let chunkByteCount = 32 << 10

    private struct Outbox {
        var bytes: [UInt8] = []
        var isFinished = false
    }

    private let socket: AsyncSocket
    private let pool: ProviderSocketPool
    private let outbox = Mutex(Outbox())
    private let bell: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init(_ socket: Socket, pool: ProviderSocketPool) throws {
        self.socket = try AsyncSocket(socket: socket, pool: pool)
        self.pool = pool
        (bell, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Adds bytes to what will be written; in vain after the end.
    func post(_ bytes: [UInt8]) {
        let isFirst = outbox.withLock { outbox in
            guard !outbox.isFinished else { return false }
            let isFirst = outbox.bytes.isEmpty
            outbox.bytes.append(contentsOf: bytes)
            if outbox.bytes.count > Self.unsentByteCountMax {
                outbox.bytes = []
                outbox.isFinished = true
            }
            return isFirst
        }
        if isFirst { ringer.yield() }
    }

    /// Takes nothing more; the writing ends with what was posted so far.
    func finish() {
        outbox.withLock { $0.isFinished = true }
        ringer.yield()
    }

    /// Writes what is posted until all of it is written after ``finish()``, or nobody reads it.
    func writeUntilFinished() async {
        defer { outbox.withLock { $0 = Outbox(isFinished: true) } }
        for await _ in bell {
            let (batch, isLast) = outbox.withLock { outbox in
                defer { outbox.bytes = [] }
                return (outbox.bytes, outbox.isFinished)
            }
            do {
                try await write(Data(batch))
            } catch {
                return
            }
            if isLast { return }
        }
    }

    private func write(_ batch: Data) async throws {
        var done = batch.startIndex
        while done < batch.endIndex {
            do {
                done = try socket.socket.write(batch, from: done)
            } catch SocketError.blocked {
                try await wait(for: .write)
            }
        }
    }

    /// Reads what is there next.
    ///
    /// - Throws: At the end of the connection.
    func readChunk() async throws -> [UInt8] {
        while true {
            try Task.checkCancellation()
            do {
                return try socket.socket.read(atMost: Self.chunkByteCount)
            } catch SocketError.blocked {
                try await wait(for: .read)
            }
        }
    }

    /// Waits until it is worth trying again.
    ///
    /// The pool calls a socket disconnected whose other end is closed, even if there is still
    /// something to read, so only the next try tells.
    private func wait(for event: Socket.Event) async throws {
        do {
            try await pool.suspendSocket(socket.socket, untilReadyFor: [event])
        } catch SocketError.disconnected {
            await Task.yield()
        }
    }

    /// Closes the socket, which no task may be using any more.
    func close() async {
        await pool.settle()
        try? socket.close()
    }
}
