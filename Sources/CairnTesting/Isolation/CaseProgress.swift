#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// How far a child has come, in a file that outlives it.
///
/// A case that does the same again can be stopped where the child was.
struct CaseProgress: Hashable, Sendable {
    /// What the child has come to.
    struct Mark: Hashable {
        /// The cases that it has begun, which is also what shows that it gets on.
        var begunCount = 0
        /// How often the last of them turned to its tape.
        var tickCount = 0
        var isFinished = false
    }

    let descriptor: Int32

    /// What the child has come to; all zero where that cannot be read.
    var mark: Mark {
        var numbers: [UInt64] = [0, 0, 0]
        guard pread(descriptor, &numbers, 24, 0) == 24 else { return Mark() }
        return Mark(
            begunCount: Int(numbers[0]),
            tickCount: Int(numbers[1]),
            isFinished: numbers[2] == 1
        )
    }

    func reset() {
        _ = pwrite(descriptor, [UInt64](repeating: 0, count: 3), 24, 0)
    }

    func begin(_ begunCount: Int) {
        _ = pwrite(descriptor, [UInt64(begunCount), 0], 16, 0)
    }

    func tick(_ count: Int) {
        var number = UInt64(count)
        _ = pwrite(descriptor, &number, 8, 8)
    }

    func finish() {
        var number: UInt64 = 1
        _ = pwrite(descriptor, &number, 8, 16)
    }
}

/// Where a case ended a child, to be stopped there.
struct CrashPoint: Sendable {
    let tickCount: Int
    let crash: Crash
}
