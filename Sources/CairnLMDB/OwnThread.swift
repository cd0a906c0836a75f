internal import CairnJournal
internal import Glibc

/// Work on a thread of its own: for what may block, which the tasks' few threads must not.
enum OwnThread {
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let answer = await unsafe withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<Value, JournalError>, Never>) in
            let work = ThreadWork {
                let result: Result<Value, JournalError>
                do throws(JournalError) { result = .success(try body()) } catch {
                    result = .failure(error)
                }
                unsafe continuation.resume(returning: result)
            }
            if let code = work.start() {
                unsafe continuation.resume(
                    returning: .failure(.lmdb(code: code, message: "no thread for a write"))
                )
            }
        }
        return try answer.get()
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
