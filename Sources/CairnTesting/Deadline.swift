internal import Synchronization

private let deadlineTickCount = 1_200

/// Runs something that a broken journal may never end, and fails instead of hanging with it.
///
/// What has not ended by then is cancelled and left behind, because it may ignore that too. The
/// deadline is counted in ticks, each a task's turn: where many tests share few threads, it moves
/// away with every turn that `body` has to wait for as well.
///
/// - Throws: ``ContractFailure`` at the deadline, or what `body` throws.
func within<Value: Sendable>(
    _ message: String,
    deadline: Duration = .seconds(60),
    fileID: String = #fileID,
    line: Int = #line,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let runner = Task {
        do {
            race.end(.success(try await body()))
        } catch {
            race.end(.failure(error))
        }
    }
    let timer = Task {
        do {
            let tick = deadline / deadlineTickCount
            for _ in 0..<deadlineTickCount { try await Task.sleep(for: tick) }
        } catch {
            return
        }
        race.end(
            .failure(
                ContractFailure(
                    message: message,
                    expected: "an end within \(deadline)",
                    actual: "none",
                    location: "\(fileID):\(line)"
                )
            )
        )
        runner.cancel()
    }
    defer { timer.cancel() }
    return try await race.winner()
}

/// Hands the first of several results to the one who waits.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
    }

    private let state = Mutex(State.running)

    func end(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .running:
                state = .ended(result)
                return nil
            case .awaited(let continuation):
                state = .ended(result)
                return continuation
            case .ended:
                return nil
            }
        }
        waiting?.resume(with: result)
    }

    func winner() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = state.withLock { state in
                if case .ended(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
