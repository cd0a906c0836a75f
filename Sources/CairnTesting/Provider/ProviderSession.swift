internal import CairnCore
internal import Synchronization

/// One connection to a provider, until either end closes it.
final class ProviderSession: Sendable {
    private struct State {
        var readCount = 0
        var isRetired = false
        var reading: Task<[UInt8], any Error>?
    }

    private let socket: LineSocket
    private let desk: ProviderDesk
    private let halfLatency: Duration?
    private let state = Mutex(State())

    init(_ socket: LineSocket, desk: ProviderDesk, behaviour: ProviderBehaviour) {
        self.socket = socket
        self.desk = desk
        let latency = behaviour.latencyMicroseconds
        halfLatency = latency > 0 ? .microseconds(latency) / 2 : nil
    }

    /// Serves the connection.
    ///
    /// What was read is carried out to the end, even if nobody is left to hear of it.
    ///
    /// - Throws: ``ProviderLogError``: the provider must end.
    func run() async throws {
        let result: Result<Void, any Error>
        async let written: Void = socket.writeUntilFinished()
        do {
            try await withThrowingDiscardingTaskGroup { requests in
                var splitter = LineSplitter()
                while let chunk = await nextChunk() {
                    for line in splitter.lines(adding: chunk[...]) {
                        guard countLine() else { return }
                        try take(line, &requests)
                    }
                    guard splitter.restByteCount <= LineSocket.lineByteCountMax else {
                        answer(.malformed(reason: "the line is too long"), id: nil)
                        return
                    }
                }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        socket.finish()
        await written
        await socket.close()
        try result.get()
    }

    private func take(
        _ line: [UInt8],
        _ requests: inout ThrowingDiscardingTaskGroup<any Error>
    ) throws {
        guard let value = try? JSONValue.parse(line) else {
            return answer(.malformed(reason: "the line is not JSON"), id: nil)
        }
        let id = value["id"]?.asInteger
        guard let id, let request = ProviderRequest(value) else {
            return answer(.malformed(reason: "the line is no request"), id: id)
        }
        guard let halfLatency else { return try carryOut(request, id: id)() }
        requests.addTask {
            // Only the provider's own end cuts this short: the request was never accepted then.
            guard (try? await Task.sleep(for: halfLatency)) != nil else { return }
            let reply = try self.carryOut(request, id: id)
            try? await Task.sleep(for: halfLatency)
            reply()
        }
    }

    /// Has a request decided.
    ///
    /// - Returns: What lets the client know.
    private func carryOut(_ request: ProviderRequest, id: Int) throws -> () -> Void {
        let outcome = try desk.take(request)
        return {
            if let said = outcome.answer {
                self.answer(said, id: id)
            } else {
                self.retire()
            }
            self.desk.hasAnswered(outcome)
        }
    }

    private func answer(_ answer: ProviderAnswer, id: Int?) {
        socket.post(answer.line(id: id))
    }

    /// Reads in a task of its own, since a lost request ends the reading and nothing else.
    private func nextChunk() async -> [UInt8]? {
        let reading = Task { try await socket.readChunk() }
        state.withLock { state in
            if state.isRetired { reading.cancel() }
            state.reading = reading
        }
        return try? await withTaskCancellationHandler {
            try await reading.value
        } onCancel: {
            reading.cancel()
        }
    }

    /// Counts a line as read, unless the connection is about to close.
    private func countLine() -> Bool {
        state.withLock { state in
            guard !state.isRetired else { return false }
            state.readCount += 1
            return true
        }
    }

    /// Reads no more, and closes once everything that was read is answered, as far as it will be.
    private func retire() {
        state.withLock { state in
            guard !state.isRetired else { return }
            state.isRetired = true
            state.reading?.cancel()
            socket.post(ProviderFarewell.line(readCount: state.readCount))
        }
    }
}
