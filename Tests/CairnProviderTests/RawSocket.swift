import FlyingSocks
import Foundation
import Foundation

/// A socket that says and hears lines without knowing what they mean.
struct RawSocket {
    private let socket: Socket

    /// Connects to whoever listens at a path.
    init(connectingTo path: String) throws {
        try self.init()
        try socket.connect(to: .unix(path: path))
    }

    /// Listens at a path.
    init(listeningAt path: String) throws {
        try self.init()
        try socket.bind(to: .unix(path: path))
        try socket.listen()
    }

    private init() throws {
        try self.init(socket: try Socket(domain: AF_UNIX, type: .stream))
    }

    private init(socket: Socket) throws {
        self.socket = socket
        try socket.setFlags(.nonBlocking)
    }

    /// Waits for a connection.
    func accept() async throws -> RawSocket {
        try RawSocket(socket: Socket(file: try await trying { try socket.accept().file }))
    }

    func write(_ text: String) async throws {
        let data = Data(text.utf8)
        var done = data.startIndex
        while done < data.endIndex {
            done = try await trying { try socket.write(data, from: done) }
        }
    }

    /// Waits for as many lines as asked for, or for the end of the connection.
    func lines(count: Int) async throws -> [String] {
        var bytes: [UInt8] = []
        while bytes.count(where: { $0 == 0x0A }) < count {
            do {
                bytes += try await trying { try socket.read(atMost: 4096) }
            } catch SocketError.disconnected {
                break
            }
        }
        return bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    func close() throws {
        try socket.close()
    }

    private func trying<Value>(_ body: () throws -> Value) async throws -> Value {
        while true {
            do { return try body() } catch SocketError.blocked {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }
}
