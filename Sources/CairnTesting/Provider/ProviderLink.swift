internal import CairnCore
internal import Synchronization

/// One connection of a client, with the requests that wait for their answers.
final class ProviderLink: Sendable {
    /// How a request ended.
    enum Outcome {
        case answer(ProviderAnswer)
        /// It went out, or may have, and nothing came back.
        case lost
        /// The provider has not seen it and never will.
        case unseen
        /// The task was cancelled before anything went out.
        case cancelled
        case malformed(String)
    }

    private struct Waiting {
        let continuation: CheckedContinuation<Outcome, Never>
        /// Which line of the connection the request is.
        let lineNumber: Int
    }

    private struct State {
        var isOpen = true
        var lineCount = 0
        var waiting: [Int: Waiting] = [:]
    }

    private let socket: LineSocket
    private let state = Mutex(State())
    private static let tickets = Atomic(0)

    /// Whether it takes requests.
    var isOpen: Bool { state.withLock { $0.isOpen } }

    /// Starts reading and writing, which ends with the connection or with the pool.
    init(_ socket: LineSocket) {
        self.socket = socket
        Task {
            async let written: Void = socket.writeUntilFinished()
            await read()
            end(.lost)
            socket.finish()
            await written
            await socket.close()
        }
    }

    /// Sends a request and waits for what comes of it.
    func ask(_ request: ProviderRequest) async -> Outcome {
        let ticket = Self.tickets.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let refusal: Outcome? = state.withLock { state in
                    guard state.isOpen else { return .unseen }
                    // Cancelled later, the handler finds the ticket.
                    guard !Task.isCancelled else { return .cancelled }
                    state.lineCount += 1
                    state.waiting[ticket] = Waiting(
                        continuation: continuation,
                        lineNumber: state.lineCount
                    )
                    // Under the lock, so that lines go out in the order of their numbers.
                    socket.post(request.line(id: ticket))
                    return nil
                }
                if let refusal { continuation.resume(returning: refusal) }
            }
        } onCancel: {
            resume(ticket, .lost)
        }
    }

    private func read() async {
        var splitter = LineSplitter()
        while let chunk = try? await socket.readChunk() {
            for line in splitter.lines(adding: chunk[...]) {
                guard let value = try? JSONValue.parse(line) else {
                    return end(.malformed(String(decoding: line, as: UTF8.self)))
                }
                if let readCount = ProviderFarewell.readCount(value) {
                    retire(readCount: readCount)
                } else if let id = value["id"]?.asInteger, let answer = ProviderAnswer(value) {
                    resume(id, .answer(answer))
                } else {
                    return end(.malformed(String(decoding: line, as: UTF8.self)))
                }
            }
        }
    }

    private func resume(_ ticket: Int, _ outcome: Outcome) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: ticket) }
        waiting?.continuation.resume(returning: outcome)
    }

    /// Gives back what the provider did not read; the rest may still be answered.
    private func retire(readCount: Int) {
        let unseen = state.withLock { state in
            state.isOpen = false
            let unseen = state.waiting.filter { $0.value.lineNumber > readCount }
            for ticket in unseen.keys { state.waiting[ticket] = nil }
            return unseen.values
        }
        for waiting in unseen { waiting.continuation.resume(returning: .unseen) }
    }

    private func end(_ outcome: Outcome) {
        let rest = state.withLock { state in
            state.isOpen = false
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for waiting in rest { waiting.continuation.resume(returning: outcome) }
    }
}
