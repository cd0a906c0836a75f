internal import Synchronization

/// Tasks that wait for the next event: woken by this process' writer, or by looking at the head.
final class Followers: Sendable {
    /// How often a waiting follower looks for events of other processes, in nanoseconds.
    static let pollNanoseconds: UInt64 = 20_000_000

    private struct State {
        var isClosed = false
        var nextID: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Waits until the writer of this process commits, the poll interval is over or the task is
    /// cancelled: whichever is first.
    ///
    /// The caller looks at the journal again either way.
    func wait(unless isOver: @Sendable () -> Bool) async {
        let id = state.withLock {
            $0.nextID += 1
            return $0.nextID
        }
        var timer: Task<Void, Never>?
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRefused = state.withLock {
                    if $0.isClosed { return true }
                    $0.waiting[id] = continuation
                    return false
                }
                // A commit between the caller's look and now, or a cancelled task, has woken
                // nobody: look once more.
                if isRefused {
                    continuation.resume()
                } else if isOver() || Task.isCancelled {
                    resume(id)
                } else {
                    // Only now, so that it cannot be over before there is somebody to wake.
                    timer = Task {
                        try? await Task.sleep(nanoseconds: Self.pollNanoseconds)
                        self.resume(id)
                    }
                }
            }
        } onCancel: {
            resume(id)
        }
        timer?.cancel()
    }

    private func resume(_ id: UInt64) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }

    func wake() {
        let woken = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in woken.values { continuation.resume() }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake()
    }
}
