/// Where the cases of a property run.
public enum Isolation: Hashable, Sendable {
    /// In the process of the test, which a trap ends.
    case none
    /// First in a child process, so that a case that traps, or never ends, is a failure like any
    /// other: it is made simpler and reported.
    ///
    /// A child is a copy of the process by fork(2), with the calling thread alone. It goes through
    /// the cases; those that it survives run again in the process itself, which then has the errors
    /// that they throw and what they do to variables outside. So a property takes twice its time,
    /// and one more copy for each trap.
    ///
    /// For synchronous properties that compute, and for `check(_:scheduled:)`, all of whose tasks run
    /// on the thread that is copied; the order `.delays(0)` is that of arrival, and nothing comes
    /// from elsewhere, such as a timer. Every other `check` that waits is refused with
    /// ``IsolationError/asynchronous``. So call the one that does not from a function that is not
    /// `async`: inside one that is, the compiler takes the one that waits, whatever the property
    /// does. What is safe in a child: memory, files of its own,
    /// locks that no other thread holds, printing. What is not: everything that needs another
    /// thread, such as other tasks, dispatch queues and what holds a lock of theirs at the moment of the
    /// copy; such a child stands still, and is tried a second time before the case is taken for one
    /// that never ends. Where other tests run beside the property, give it a process of its own:
    /// `await #expect(processExitsWith: .success) { try check(...) }`.
    ///
    /// What a case does outside of memory happens twice. What `#expect` records in a child is lost,
    /// and recorded when the case runs again. A case that does not do the same again ends the
    /// process after all, and so does one that draws with `try?` and goes on.
    ///
    /// The `timeout` is for each case. One that needs longer has failed; after four of them a
    /// failure is reported as simple as it is by then.
    case fork(timeout: Duration = .seconds(10))
}

/// What a case did to its process.
public struct Crash: LocatedError, Hashable, CustomStringConvertible {
    /// How the process ended.
    public enum End: Hashable, Sendable {
        /// By a signal, such as the one of a trap.
        case signal(Int32)
        /// By itself, with a code.
        case exit(Int32)
        /// Not at all, until it was killed.
        case timeout(Duration)
    }

    public let end: End
    /// What the process last said about an error, such as `File.swift:7: Fatal error: ...`.
    public let diagnostics: String?

    /// The place that the process named, which is the one that found the error; the signal where
    /// it named none.
    public var location: String {
        let place = diagnostics.flatMap { text in
            ["Fatal error", "Precondition failed", "Assertion failed"].lazy.compactMap { mark in
                text.ranges(of: ": " + mark).first.map { String(text[..<$0.lowerBound]) }
            }.first
        }
        return "\(end)" + (place.map { " at " + $0 } ?? "")
    }

    public var description: String {
        let words =
            switch end {
            case .signal(let number): "the process was ended by signal \(number)"
            case .exit(let code): "the process ended itself with code \(code)"
            case .timeout(let duration): "the case did not end within \(duration)"
            }
        return diagnostics.map { "\(words)\n  \($0)" } ?? words
    }
}

/// Why a property cannot be looked at in a child.
public enum IsolationError: Error, Hashable, Sendable {
    /// A copy of a process has no threads that could run what waits, or what is called as if it
    /// did: every property that an `async` function checks, but for scheduled ones.
    case asynchronous
    /// A call of the system failed.
    case failed(call: String, code: Int32)
}

extension IsolationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .asynchronous:
            """
            a property that waits cannot run in a forked process, unless its jobs are ordered: \
            call check(_:scheduled:) with .delays(0); one that does not wait is taken for one \
            where `check` is called from an async function: call it from one that is not
            """
        case .failed(let call, let code): "\(call) failed with error \(code)"
        }
    }
}
