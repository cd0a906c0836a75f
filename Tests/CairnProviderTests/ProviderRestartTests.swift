import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Ends, torn logs, and the one side when the other does not keep to the rules.
struct ProviderRestartTests {
    @Test func `a provider that is started anew remembers every key`() async throws {
        let provider = try await Provider()
        let client = provider.client(connectionCount: 1)
        let first = try await client.send("a")
        let reference = try #require(first.reference)
        try await provider.kill()
        // The first call may go out on the old connection; the next needs a new one.
        var errors: [ProviderClientError] = []
        for _ in 0..<2 {
            do throws(ProviderClientError) {
                _ = try await client.send("b")
            } catch {
                errors.append(error)
            }
        }
        #expect(errors.count == 2)
        guard case .unreachable(.failed) = errors.last else {
            Issue.record("\(errors) do not say that nobody is there")
            return
        }
        try await provider.restart()
        #expect(try await client.send("a") == first)
        #expect(
            try await client.lookUp(key: "a") == .delivered(reference: reference, count: 1)
        )
        #expect(try provider.log().deliveries == ["a": 1])
    }

    @Test func `killed again and again under load, a provider delivers each key once`() async throws
    {
        let provider = try await Provider()
        let client = provider.client()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for number in 0..<100 {
                        try await Self.sendUntilAccepted("\(task)/\(number)", client)
                    }
                }
            }
            for _ in 0..<4 {
                try await Task.sleep(for: .milliseconds(20))
                try await provider.restart()
            }
            try await group.waitForAll()
        }
        let log = try provider.log()
        #expect(log.deliveries.count == 16 * 100)
        #expect(log.deliveryCount == 16 * 100)
    }

    private static func sendUntilAccepted(_ key: String, _ client: ProviderClient) async throws {
        while true {
            do throws(ProviderClientError) {
                #expect(try await client.send(key).reference != nil)
                return
            } catch .unreachable(.failed) {
                try await Task.sleep(for: .milliseconds(2))
            } catch {
                #expect(error == .replyLost)
            }
        }
    }

    @Test func `a torn last line is ignored and written over`() async throws {
        let provider = try await Provider()
        let client = provider.client()
        let first = try await client.send("a")
        try await provider.restart {
            let text = try provider.scratch.text("log")
            let torn = text.split(separator: "\n").last?.dropLast(10) ?? ""
            try provider.scratch.file("log", text + torn)
            #expect(try provider.log().deliveries == ["a": 1])
        }
        #expect(try await client.send("a") == first)
        _ = try await client.send("b")
        #expect(try provider.log().deliveries == ["a": 1, "b": 1])
        #expect(try provider.log().requestCount == 3)
    }

    @Test func `a broken line that is not the last is named`() throws {
        let scratch = try ScratchFolder()
        try scratch.file("log", #"{"event":"lookup","key":"a","count":0}"# + "\nx\n")
        #expect(throws: ProviderLogError.malformed(lineNumber: 2)) {
            try ProviderLog(path: scratch.path("log"))
        }
    }

    @Test func `two providers do not share a log`() async throws {
        let provider = try await Provider()
        await #expect(throws: ProviderLogError.inUse) {
            try await ProviderSimulator.serve(
                socketPath: provider.scratch.path("other"),
                logPath: provider.logPath
            )
        }
    }

    @Test func `a provider ends when it is told to and leaves no socket`() async throws {
        let provider = try await Provider()
        _ = try await provider.client().send("a")
        #expect(try await provider.terminate() == .exit(0))
        #expect(try provider.scratch.names().contains("socket") == false)
    }

    @Test func `a request that is under way when its client leaves is still delivered`()
        async throws
    {
        var slow = ProviderBehaviour()
        slow.latencyMicroseconds = 1_000_000
        let provider = try await Provider(slow)
        let socket = try RawSocket(connectingTo: provider.socketPath)
        try await socket.write(
            #"{"id":1,"verb":"send","key":"a","recipient":"anna","body":""}"# + "\nnonsense\n"
        )
        // Nonsense is answered at once, and shows that the line before it was read.
        #expect(try await socket.lines(count: 1).first?.contains("malformed") == true)
        try socket.close()
        while try provider.log().deliveries != ["a": 1] {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test func `a malformed line gets an answer, and the next request its own`() async throws {
        let provider = try await Provider()
        let socket = try RawSocket(connectingTo: provider.socketPath)
        try await socket.write(
            "nonsense\n" + #"{"id":5,"verb":"fly"}"# + "\n"
                + #"{"id":6,"verb":"lookup","key":"a"}"# + "\n"
        )
        #expect(
            try await socket.lines(count: 3) == [
                #"{"id":null,"answer":"malformed","reason":"the line is not JSON"}"#,
                #"{"id":5,"answer":"malformed","reason":"the line is no request"}"#,
                #"{"id":6,"answer":"not_found"}"#,
            ]
        )
        try socket.close()
        #expect(try await provider.client().send("a").reference != nil)
    }

    @Test func `a line that does not end is refused`() async throws {
        let provider = try await Provider()
        let socket = try RawSocket(connectingTo: provider.socketPath)
        try await socket.write(String(repeating: "x", count: (1 << 20) + 1))
        #expect(try await socket.lines(count: 1).first?.contains("too long") == true)
        try socket.close()
        #expect(try await provider.client().send("a").reference != nil)
    }

    @Test func `a cancelled call does not wait, and says whether anything went out`() async throws {
        let scratch = try ScratchFolder()
        let listener = try RawSocket(listeningAt: scratch.path("socket"))
        let client = ProviderClient(socketPath: scratch.path("socket"), connectionCount: 1)
        let under = Task { try await client.send("a") }
        let connection = try await listener.accept()
        #expect(try await connection.lines(count: 1).count == 1)
        under.cancel()
        await #expect(throws: ProviderClientError.replyLost) { try await under.value }

        let before = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send("b")
        }
        await #expect(throws: ProviderClientError.unreachable(.cancelled)) {
            try await before.value
        }
    }

    @Test func `an answer that is none is malformed, a silent end a lost reply`() async throws {
        let scratch = try ScratchFolder()
        let listener = try RawSocket(listeningAt: scratch.path("socket"))
        let client = ProviderClient(socketPath: scratch.path("socket"), connectionCount: 1)
        for answer in ["nonsense\n", ""] {
            let sending = Task { try await client.send("a") }
            let connection = try await listener.accept()
            #expect(try await connection.lines(count: 1).count == 1)
            try await connection.write(answer)
            try connection.close()
            let expected: ProviderClientError = answer.isEmpty ? .replyLost : .malformed("nonsense")
            await #expect(throws: expected) { try await sending.value }
        }
    }

    @Test func `what a closing provider has not read is sent again`() async throws {
        let scratch = try ScratchFolder()
        let listener = try RawSocket(listeningAt: scratch.path("socket"))
        let client = ProviderClient(socketPath: scratch.path("socket"), connectionCount: 1)
        let first = Task { try await client.send("a") }
        let connection = try await listener.accept()
        #expect(try await connection.lines(count: 1).count == 1)
        let second = Task { try await client.lookUp(key: "b") }
        #expect(try await connection.lines(count: 1).count == 1)
        try await connection.write(#"{"answer":"closing","read":1}"# + "\n")
        let next = try await listener.accept()
        let request = try #require(try await next.lines(count: 1).first)
        let id = try #require(request.split(separator: ",").first)
        try await next.write(id + #","answer":"not_found"}"# + "\n")
        #expect(try await second.value == .notFound)
        try connection.close()
        await #expect(throws: ProviderClientError.replyLost) { try await first.value }
    }

    @Test func `a path that is too long for a socket is named`() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.path(String(repeating: "x", count: 120))
        let error = ProviderSocketError.pathTooLong(
            byteCount: path.utf8.count,
            byteCountMax: 103
        )
        let client = ProviderClient(socketPath: path)
        await #expect(throws: ProviderClientError.unreachable(error)) {
            try await client.send("a")
        }
        await #expect(throws: error) {
            try await ProviderSimulator.serve(socketPath: path, logPath: scratch.path("log"))
        }
    }
}
