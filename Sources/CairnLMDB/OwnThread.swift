internal import CairnJournal
internal import Glibc
internal import Synchronization

/// Work on a thread of its own: for what may block, which the tasks' few threads must not.
enum OwnThread {
    /// Runs the work, and waits for it no longer than a time; then it goes on by itself.
    ///
    /// - Throws: What the work throws, or `late` where it takes longer.
    static func run<Value: Sendable>(
        atMost time: Duration,
        or late: JournalError,
        _ body: @escaping @Sendable () throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let answer = await unsafe withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<Value, JournalError>, Never>) in
            let first = unsafe FirstAnswer(continuation)
            let work = ThreadWork {
                do throws(JournalError) { first.give(.success(try body())) } catch {
                    first.give(.failure(error))
                }
            }
            if let code = work.start() {
                first.give(.failure(.lmdb(code: code, message: "no thread for a write")))
                return
            }
            let timer = Task {
                do { try await Task.sleep(for: time) } catch { return }
                first.give(.failure(late))
            }
            first.onAnswer { timer.cancel() }
        }
        return try answer.get()
    }
}

/// A continuation that two may answer, of whom the first is heard.
@safe
private final class FirstAnswer<Value: Sendable>: Sendable {
    typealias Answer = Result<Value, JournalError>

    @safe
    private struct State {
        var continuation: UnsafeContinuation<Answer, Never>?
        var onAnswer: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    init(_ continuation: UnsafeContinuation<Answer, Never>) {
        state = unsafe Mutex(State(continuation: continuation))
    }

    func give(_ answer: Answer) {
        let (continuation, onAnswer) = unsafe state.withLock { state in
            defer { state = State() }
            return unsafe (state.continuation, state.onAnswer)
        }
        onAnswer?()
        unsafe continuation?.resume(returning: answer)
    }

    /// Says what is done once there is an answer; at once if there is one.
    func onAnswer(_ body: @escaping @Sendable () -> Void) {
        let isAnswered = state.withLock { state in
            guard unsafe state.continuation != nil else { return true }
            state.onAnswer = body
            return false
        }
        if isAnswered { body() }
    }
}

private final class ThreadWork: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// Starts the thread; the code of the failure if it does not start.
    func start() -> Int32? {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let code = unsafe pthread_create(
            &thread,
            nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().body()
                }
                return nil
            },
            context
        )
        guard code == 0 else {
            unsafe Unmanaged<ThreadWork>.fromOpaque(context).release()
            return code
        }
        pthread_detach(thread)
        return nil
    }
}
