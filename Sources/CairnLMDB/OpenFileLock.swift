internal import CairnJournal
internal import Glibc

/// Locks on single bytes of the data file, far beyond its end, that belong to the open file and not
/// to the process (Linux "open file description locks"): two holders in one process exclude each
/// other, and closing one file lets go of nothing else.
///
/// Swift does not import the commands of `fcntl` for them.
enum OpenFileLock {
    private static let query: Int32 = 36
    private static let set: Int32 = 37
    private static let wait: Int32 = 38
    /// The byte that a writer holds from before its transaction until its commit is on the disk.
    static let commitByte: off_t = 1 << 61

    /// The byte of a worker's number.
    static func lifeByte(_ number: UInt64) -> off_t { 1 << 62 | off_t(clamping: number) }

    /// Whether somebody else holds a byte; nil where the system does not say, see `errno`.
    static func isHeld(_ byte: off_t, of file: Int32) -> Bool? {
        var range = range(byte, F_WRLCK)
        guard unsafe fcntl(file, query, &range) == 0 else { return nil }
        return range.l_type != Int16(F_UNLCK)
    }

    /// Takes a byte.
    ///
    /// - Returns: 0, or what `errno` says.
    static func take(_ byte: off_t, of file: Int32, waiting: Bool = false) -> Int32 {
        var range = range(byte, F_WRLCK)
        while unsafe fcntl(file, waiting ? wait : set, &range) != 0 {
            guard errno == EINTR else { return errno }
        }
        return 0
    }

    static func letGo(_ byte: off_t, of file: Int32) {
        var range = range(byte, F_UNLCK)
        _ = unsafe fcntl(file, set, &range)
    }

    private static func range(_ byte: off_t, _ type: Int32) -> flock {
        var range = flock()
        range.l_type = Int16(type)
        range.l_whence = Int16(SEEK_SET)
        range.l_start = byte
        range.l_len = 1
        return range
    }
}
