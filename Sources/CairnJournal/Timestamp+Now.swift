public import CairnCore
internal import Glibc

extension Timestamp {
    /// The instant on the machine's wall clock, which may go backwards between two calls.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
