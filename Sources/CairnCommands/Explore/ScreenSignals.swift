internal import Glibc
internal import Synchronization

/// The signals that somebody who shows a screen must answer, as bytes of a pipe.
///
/// A handler may do no more than write there.
struct ScreenSignals: ~Copyable {
    /// Those that end the process.
    private static let ends = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    private static let others = [SIGTSTP, SIGCONT, SIGWINCH]

    private static let entrance = Atomic<Int32>(-1)

    /// The end of the pipe that signals come out of.
    let exit: Int32

    init() throws(CommandFailure) {
        var pair: [Int32] = [-1, -1]
        guard pipe(&pair) == 0 else {
            throw CommandFailure(.inputOutput, "no pipe can be made (error \(errno))")
        }
        for end in pair {
            // Neither a handler nor who waits for keys may be held up by it.
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        exit = pair[0]
        Self.entrance.store(pair[1], ordering: .sequentiallyConsistent)
        for number in Self.ends + Self.others { Self.watch(number) }
    }

    deinit {
        for number in Self.ends + Self.others { signal(number, SIG_DFL) }
        close(Self.entrance.exchange(-1, ordering: .sequentiallyConsistent))
        close(exit)
    }

    private static func watch(_ number: Int32) {
        signal(number) { number in
            let known = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(ScreenSignals.entrance.load(ordering: .relaxed), &byte, 1)
            errno = known
        }
    }

    /// Takes the signals that came since.
    func taken() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(exit, &bytes, bytes.count)
        return bytes.prefix(max(count, 0)).map { Int32($0) }
    }

    /// Whether a signal ends the process.
    static func isEnd(_ number: Int32) -> Bool { ends.contains(number) }

    /// Lets a signal do what it does where nobody answers it, and goes on where the process does.
    func yield(to number: Int32) {
        signal(number, SIG_DFL)
        // Threads of a pool block signals, and one that is blocked would wait for ever.
        var wanted = sigset_t()
        var known = sigset_t()
        sigemptyset(&wanted)
        sigaddset(&wanted, number)
        pthread_sigmask(SIG_UNBLOCK, &wanted, &known)
        raise(number)
        pthread_sigmask(SIG_SETMASK, &known, nil)
        Self.watch(number)
    }
}
