internal import CairnCore
internal import Synchronization

/// How a closure ended, or that it had not by its time.
enum RaceEnd<Value: Sendable>: Sendable {
    case returned(Value)
    case threw(any Error)
    case timedOut
}

/// How a send closure ended.
typealias SendEnd = RaceEnd<SendOutcome>

/// Runs a closure that may hang: what does not end in time is left alone and told of later.
///
/// A structured wait could not end before the closure does, however long that is.
enum AttemptRace {
    /// What a closure that was cancelled has left to end in.
    static let grace = TimeSpan.seconds(1)

    /// - Parameters:
    ///   - timeout: How long to wait.
    ///   - clock: What measures it.
    ///   - body: The closure; it is cancelled when the time is over, or with the caller, and then
    ///     waited for no longer than ``grace``.
    ///   - late: Gets the end of a closure that nobody waits for any more.
    /// - Returns: How the closure ended, or that its time was over first.
    static func run<Value: Sendable>(
        timeout: TimeSpan,
        clock: ServiceClock,
        _ body: @escaping @Sendable () async throws -> Value,
        late: @escaping @Sendable (RaceEnd<Value>) async -> Void = { _ in }
    ) async -> RaceEnd<Value> {
        let finish = Finish<Value>()
        let work = Task {
            let end: RaceEnd<Value>
            do { end = .returned(try await body()) } catch { end = .threw(error) }
            if !finish.resume(end) { await late(end) }
        }
        let timer = Task {
            do { try await clock.sleep(timeout) } catch { return }
            if finish.resume(.timedOut) { work.cancel() }
        }
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { finish.await($0) }
        } onCancel: {
            work.cancel()
            Task {
                try? await clock.sleep(grace)
                _ = finish.resume(.timedOut)
            }
        }
        timer.cancel()
        return end
    }

    /// Takes the first of two ends, whether someone waits for it already or not.
    private final class Finish<Value: Sendable>: Sendable {
        private enum State {
            case open
            case awaited(CheckedContinuation<RaceEnd<Value>, Never>)
            case ended(RaceEnd<Value>)
            case over
        }

        private let state = Mutex<State>(.open)

        /// Whether this end is the first.
        func resume(_ end: RaceEnd<Value>) -> Bool {
            let (isFirst, waiter) = state.withLock {
                state -> (Bool, CheckedContinuation<RaceEnd<Value>, Never>?) in
                switch state {
                case .open:
                    state = .ended(end)
                    return (true, nil)
                case .awaited(let waiter):
                    state = .over
                    return (true, waiter)
                case .ended, .over: return (false, nil)
                }
            }
            waiter?.resume(returning: end)
            return isFirst
        }

        func await(_ waiter: CheckedContinuation<RaceEnd<Value>, Never>) {
            let end = state.withLock { state -> RaceEnd<Value>? in
                if case .ended(let end) = state {
                    state = .over
                    return end
                }
                state = .awaited(waiter)
                return nil
            }
            if let end { waiter.resume(returning: end) }
        }
    }
}
