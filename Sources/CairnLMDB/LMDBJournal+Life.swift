public import CairnJournal
internal import Glibc
internal import Synchronization

/// Signs of life are locks on single bytes of the file `life.lock` in the journal's folder: the
/// kernel lets go of them when their process ends, and keeps them while it is stopped.
///
/// They belong to the open file (Linux "open file description locks") and not to the process, so
/// that two holders in one process exclude each other and closing one file lets go of nothing
/// else.
extension LMDBJournal {
    public func lockLife(_ number: UInt64) throws(JournalError) -> any LifeLock {
        try requireOpen()
        _ = try core.requireWriter()
        return try FileLifeLock(number, path: lifePath)
    }

    public func isLifeLocked(_ number: UInt64) throws(JournalError) -> Bool {
        try requireOpen()
        return try isByteLocked(number, path: lifePath)
    }

    /// Whether a number's sign of life is held in the journal of a folder, which need not be open:
    /// for readers of a copy, which has no locks of its own.
    public static func isLifeLocked(
        _ number: UInt64,
        inJournalAt path: String
    ) throws(JournalError) -> Bool {
        try isByteLocked(number, path: lifePath(in: path))
    }

    private var lifePath: String { Self.lifePath(in: path) }

    private static func lifePath(in folder: String) -> String { folder + "/life.lock" }
}

private func isByteLocked(_ number: UInt64, path: String) throws(JournalError) -> Bool {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        if errno == ENOENT { return false }
        throw FileSystem.error(errno, path: path, action: "read")
    }
    defer { _ = close(descriptor) }
    var range = flock(byte: number, type: F_WRLCK)
    guard unsafe fcntl(descriptor, OpenFileLock.query, &range) == 0 else {
        throw FileSystem.error(errno, path: path, action: "lock")
    }
    return range.l_type != Int16(F_UNLCK)
}

/// The commands of `fcntl` for locks of an open file; Swift does not import them.
private enum OpenFileLock {
    static let query: Int32 = 36
    static let set: Int32 = 37
}

extension flock {
    fileprivate init(byte: UInt64, type: Int32) {
        self.init()
        l_type = Int16(type)
        l_whence = Int16(SEEK_SET)
        l_start = off_t(clamping: byte)
        l_len = 1
    }
}

private final class FileLifeLock: LifeLock {
    let number: UInt64
    private let descriptor: Mutex<Int32?>

    init(_ number: UInt64, path: String) throws(JournalError) {
        self.number = number
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw FileSystem.error(errno, path: path, action: "write to") }
        var range = flock(byte: number, type: F_WRLCK)
        guard unsafe fcntl(file, OpenFileLock.set, &range) == 0 else {
            let code = errno
            _ = close(file)
            if code == EAGAIN || code == EACCES { throw .lockHeld(number: number) }
            throw FileSystem.error(code, path: path, action: "lock")
        }
        descriptor = Mutex(file)
    }

    deinit { release() }

    func release() {
        let file = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let file { _ = close(file) }
    }
}
