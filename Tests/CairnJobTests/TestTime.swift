import Cairn
import CairnTesting
import Synchronization

/// The clocks of a service, which stand still until a test moves them.
///
/// The wall clock and the boot clock are two, so that one can jump without the other.
final class TestTime: Sendable {
    private struct Sleeper {
        let end: Int64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var boot = BootInstant(boot: 1, nanoseconds: 1_000_000_000_000)
        var sleepers: [UInt64: Sleeper] = [:]
        var lastNumber: UInt64 = 0
    }

    let wall = ManualClock()
    private let state = Mutex(State())

    var clock: ServiceClock {
        ServiceClock(
            now: { [self] in wall.now },
            boot: { [self] in boot },
            sleep: { [self] in try await sleep($0) }
        )
    }

    var now: Timestamp { wall.now }

    var boot: BootInstant { state.withLock { $0.boot } }

    /// How many wait for the clock.
    var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Lets a span pass: wakes those whose waits are over.
    func advance(by span: TimeSpan) {
        wall.advance(by: span)
        let woken = state.withLock { state in
            state.boot = state.boot.adding(span)
            let now = state.boot.nanoseconds
            let woken = state.sleepers.filter { $0.value.end <= now }
            for number in woken.keys { state.sleepers[number] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Starts the machine anew: the boot clock begins from the start, and nobody sleeps on.
    func restartMachine() {
        state.withLock { state in
            state.boot = BootInstant(boot: state.boot.boot + 1, nanoseconds: 5_000_000_000)
        }
    }

    /// Passes by itself while something runs, from wait to wait.
    ///
    /// No step is longer than `stepMax`, so that no timeout is over while its work is just not
    /// looking at the clock.
    func flowing<Value: Sendable>(
        stepMax: TimeSpan = .milliseconds(100),
        _ body: () async throws -> Value
    ) async throws -> Value {
        let driver = Task {
            while !Task.isCancelled {
                // Gives those who work a chance to come to their next wait.
                try await Task.sleep(for: .microseconds(200))
                advanceToNext(stepMax)
            }
        }
        defer { driver.cancel() }
        return try await body()
    }

    private func advanceToNext(_ stepMax: TimeSpan) {
        let wait = state.withLock { state in
            state.sleepers.values.map { $0.end - state.boot.nanoseconds }.min()
        }
        if let wait { advance(by: min(TimeSpan(nanoseconds: max(wait, 0)), stepMax)) }
    }

    private func sleep(_ span: TimeSpan) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver: Bool? = state.withLock { state in
                    if Task.isCancelled { return nil }
                    let end = state.boot.adding(span).nanoseconds
                    if end <= state.boot.nanoseconds { return true }
                    state.sleepers[number] = Sleeper(end: end, continuation: continuation)
                    return false
                }
                switch isOver {
                case nil: continuation.resume(throwing: CancellationError())
                case true?: continuation.resume()
                case false?: break
                }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
