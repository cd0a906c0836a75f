internal import CIsolation

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Runs cases of a search in copies of the process.
struct ForkedCases: ~Copyable {
    /// How far a copy got.
    struct Run {
        /// Cases that did not end it.
        var survivedCount: Int
        /// What the next one did; nil where the copy got to the end.
        var crash: CrashPoint?
    }

    private let timeout: Duration
    private let progress: CaseProgress
    private let diagnostics: Int32

    private static let diagnosticsByteCountMax = 4_096

    init(timeout: Duration) throws(IsolationError) {
        self.timeout = timeout
        let file = cairn_isolation_file()
        progress = CaseProgress(descriptor: file)
        diagnostics = cairn_isolation_file()
        let failure = min(file, diagnostics)
        if failure < 0 { throw .failed(call: "memfd_create", code: -failure) }
    }

    deinit {
        if progress.descriptor >= 0 { close(progress.descriptor) }
        if diagnostics >= 0 { close(diagnostics) }
    }

    /// Runs the rest of a search in a copy.
    ///
    /// One that stands still is tried once more: another thread may have held a lock when the copy
    /// was made, and then holds it there for ever.
    func run(
        _ search: PropertySearch,
        _ perform: (CasePlan) -> CaseRecord
    ) throws(IsolationError) -> Run {
        let first = try runOnce(search, perform)
        guard case .timeout = first.crash?.crash.end else { return first }
        let second = try runOnce(search, perform)
        return second.survivedCount < first.survivedCount ? first : second
    }

    private func runOnce(
        _ search: PropertySearch,
        _ perform: (CasePlan) -> CaseRecord
    ) throws(IsolationError) -> Run {
        progress.reset()
        _ = ftruncate(diagnostics, 0)
        _ = lseek(diagnostics, 0, SEEK_SET)
        let child = cairn_isolation_fork(diagnostics)
        guard child >= 0 else { throw .failed(call: "fork", code: -child) }
        if child == 0 { live(search, perform) }
        let patience = Int64(clamping: timeout.attoseconds / 1_000_000_000_000_000)
        let end = cairn_isolation_wait(child, progress.descriptor, patience)
        guard end.error == 0 else { throw .failed(call: "waitpid", code: end.error) }
        let mark = progress.mark
        if mark.isFinished { return Run(survivedCount: mark.begunCount, crash: nil) }
        let isStalled = end.stalled != 0
        let own: Crash.End = end.exited != 0 ? .exit(end.code) : .signal(end.code)
        return Run(
            survivedCount: max(0, mark.begunCount - 1),
            crash: CrashPoint(
                tickCount: mark.tickCount,
                crash: Crash(
                    end: isStalled ? .timeout(timeout) : own,
                    diagnostics: isStalled ? nil : lastError
                )
            )
        )
    }

    /// The life of a copy.
    private func live(_ search: PropertySearch, _ perform: (CasePlan) -> CaseRecord) -> Never {
        var search = search
        var begunCount = 0
        // Where the time runs out is for the process to say, which then goes on from there.
        while search.shrinkTime.isOver || !search.shrinkTime.isPast, var plan = search.next() {
            begunCount += 1
            progress.begin(begunCount)
            plan.progress = progress
            search.take(perform(plan))
        }
        progress.finish()
        cairn_isolation_exit(0)
    }

    /// The last line in which the copy said why it ends.
    private var lastError: String? {
        let size = Int(lseek(diagnostics, 0, SEEK_END))
        let start = max(0, size - Self.diagnosticsByteCountMax)
        var bytes = [UInt8](repeating: 0, count: Self.diagnosticsByteCountMax)
        let count = pread(diagnostics, &bytes, bytes.count, off_t(start))
        guard count > 0 else { return nil }
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        let marks = ["Fatal error", "Precondition failed", "Assertion failed"]
        return lines.last { line in marks.contains { line.contains($0) } }.map { String($0) }
    }
}

extension CasePlan {
    /// Runs the case.
    func run(_ body: (inout Draw) throws -> Void) -> CaseRecord {
        let tape = Tape(self)
        var draw = Draw(tape)
        let error = CaseFindings.gather {
            try tape.beginCase()
            try body(&draw)
        }
        return tape.finish(error)
    }
}

extension PropertySearch {
    /// Of how many cases that never end the time is spent.
    private static let timeoutCountMax = 4

    /// Runs the search to its end, each case first in a copy of the process.
    mutating func runForked(
        timeout: Duration,
        _ perform: (CasePlan) -> CaseRecord
    ) throws(IsolationError) {
        let cases = try ForkedCases(timeout: timeout)
        var timeoutCount = 0
        shrinkTime.isOwn = false
        while !isFinished {
            shrinkTime.look()
            let ahead = try cases.run(self, perform)
            for _ in 0..<ahead.survivedCount {
                guard let plan = next() else { return }
                take(perform(plan))
            }
            guard let crash = ahead.crash else { continue }
            guard var plan = next() else { return }
            plan.crash = crash
            take(perform(plan))
            if case .timeout = crash.crash.end {
                timeoutCount += 1
                if timeoutCount >= Self.timeoutCountMax { settle() }
            }
        }
        // Takes leave of the last failure.
        _ = next()
    }
}
