internal import Glibc
internal import Synchronization

/// What the tool does when the system interrupts it.
enum Signals {
    /// How often somebody asked to stop.
    private static let interruptCount = Atomic<Int>(0)

    static var isInterrupted: Bool { interruptCount.load(ordering: .relaxed) > 0 }

    /// The signal that waits for the end of ``deferringEnd(_:)``, or 0.
    private static let deferredSignal = Atomic<Int32>(0)

    /// Makes ends that nobody can prevent quiet and clear.
    ///
    /// LMDB reads its file through a memory map and has no checksums: a file that was cut short
    /// or damaged where it looks stops the process. The handlers do nothing but write one line
    /// and leave, which is all that may be done in them.
    static func install() {
        // Made before a handler can run, in which nothing may be allocated.
        ScreenTerminal.leave()
        signal(SIGPIPE, SIG_IGN)
        // A write beyond the limit of file sizes becomes an error that the journal reports.
        signal(SIGXFSZ, SIG_IGN)
        for trap in [SIGBUS, SIGSEGV, SIGABRT] {
            signal(trap) { _ in
                ScreenTerminal.leave()
                let line: StaticString =
                    "cairn: the journal's file is damaged or was cut short where it was read; check it with 'cairn verify', rescue it with 'cairn salvage'; where 'cairn verify' finds nothing, 'cairn index --rebuild' makes its tables anew\n"
                _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
                _exit(74)
            }
        }
        for trap in [SIGILL, SIGTRAP, SIGFPE] {
            signal(trap) { _ in
                ScreenTerminal.leave()
                let line: StaticString =
                    "cairn: stopped by a mistake in cairn itself; nothing acknowledged is lost\n"
                _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
                _exit(74)
            }
        }
    }

    /// Runs something that has to be tidied up, and only then lets a first signal end the process.
    ///
    /// A second signal ends it at once.
    static func deferringEnd<Value, Failure>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let ends = [SIGINT, SIGTERM, SIGHUP]
        // Made before the handler can run, in which nothing may be allocated.
        deferredSignal.store(0, ordering: .relaxed)
        // Whole actions: Swift takes the pointer that stands for ignoring to be an empty optional.
        var earlier = ends.map { _ in sigaction() }
        for (index, end) in ends.enumerated() {
            sigaction(end, nil, &earlier[index])
            signal(end) { number in
                let earlier = Signals.deferredSignal.exchange(number, ordering: .relaxed)
                if earlier != 0 { _exit(128 + number) }
            }
        }
        defer {
            // What was ignored, as after `nohup`, is ignored again.
            for (index, end) in ends.enumerated() { sigaction(end, &earlier[index], nil) }
            let waiting = deferredSignal.load(ordering: .relaxed)
            if waiting != 0 { raiseHere(waiting) }
        }
        return try body()
    }

    /// Raises a signal, also on one of those threads on which the runtime lets none arrive.
    private static func raiseHere(_ number: Int32) {
        var only = sigset_t()
        var earlier = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, number)
        pthread_sigmask(SIG_UNBLOCK, &only, &earlier)
        raise(number)
        pthread_sigmask(SIG_SETMASK, &earlier, nil)
    }

    /// A Ctrl-C, and what `kill` and a supervisor send.
    private static let interrupts = [SIGINT, SIGTERM]

    /// Lets an interrupt end the process at once again.
    static func endAtInterrupts() {
        for interrupt in interrupts { signal(interrupt, SIG_DFL) }
    }

    /// Lets the first interrupt end a verb cleanly, and the second one at once.
    ///
    /// Both are safe: what was acknowledged is on disk.
    static func catchInterrupts() {
        // Made before the handler can run, in which nothing may be allocated.
        _ = isInterrupted
        for interrupt in interrupts {
            signal(interrupt) { number in
                let earlier = Signals.interruptCount.add(1, ordering: .relaxed).oldValue
                if earlier > 0 { _exit(128 + number) }
            }
        }
    }
}
