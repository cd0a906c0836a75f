public import CairnJournal
internal import Glibc
internal import Synchronization

/// Signs of life are locks on single bytes of the data file, far beyond its end: the kernel lets
/// go of them when their process ends, and keeps them while it is stopped.
///
/// A file of their own could be removed, and then every holder would look dead and its sends
/// would be repeated; without the data file there is nothing to send. LMDB takes its own locks in
/// `lock.mdb` and none here.
///
/// They belong to the open file and not to the process, see `OpenFileLock`.
extension LMDBJournal {
    public func lockLife(_ number: UInt64) throws(JournalError) -> any LifeLock {
        try requireOpen()
        _ = try core.requireWriter()
        return try FileLifeLock(number, path: dataPath(in: path), identity: core.identity)
    }

    public func isLifeLocked(_ number: UInt64) throws(JournalError) -> Bool {
        try requireOpen()
        // The file that is open, whatever lies under its name meanwhile.
        return try core.environment.withFile { file throws(JournalError) in
            try isByteLocked(number, of: file, path: dataPath(in: path))
        }
    }

    /// Whether a number's sign of life is held in the journal of a folder, which need not be open:
    /// for readers of a copy, which has no locks of its own.
    ///
    /// - Throws: `JournalError`; `JournalError.notFound(path:)` where no journal is, because then
    ///   nobody knows who lives.
    public static func isLifeLocked(
        _ number: UInt64,
        inJournalAt path: String
    ) throws(JournalError) -> Bool {
        try isByteLocked(number, inJournalAt: path)
    }
}

private func dataPath(in folder: String) -> String { folder + "/data.mdb" }

private func isByteLocked(
    _ number: UInt64,
    inJournalAt folder: String
) throws(JournalError) -> Bool {
    let path = dataPath(in: folder)
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
        if errno == ENOENT { throw .notFound(path: folder) }
        throw FileSystem.error(errno, path: path, action: "read")
    }
    defer { _ = close(file) }
    return try isByteLocked(number, of: file, path: path)
}

private func isByteLocked(
    _ number: UInt64,
    of file: Int32,
    path: String
) throws(JournalError) -> Bool {
    guard let isHeld = OpenFileLock.isHeld(OpenFileLock.lifeByte(number), of: file) else {
        throw FileSystem.error(errno, path: path, action: "lock")
    }
    return isHeld
}

private final class FileLifeLock: LifeLock {
    let number: UInt64
    private let descriptor: Mutex<Int32?>

    init(
        _ number: UInt64,
        path: String,
        identity: FileSystem.Identity
    ) throws(JournalError) {
        self.number = number
        let file = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw FileSystem.error(errno, path: path, action: "write to") }
        do throws(JournalError) {
            // A lock in another file than the one that is written to would tell nobody anything.
            guard try FileSystem.identity(of: file, path: path) == identity else {
                throw .damaged(
                    path: path,
                    reason: "another file lies there than the one that is open"
                )
            }
            try Self.lock(number, file, path)
        } catch {
            _ = close(file)
            throw error
        }
        descriptor = Mutex(file)
    }

    private static func lock(
        _ number: UInt64,
        _ file: Int32,
        _ path: String
    ) throws(JournalError) {
        switch OpenFileLock.take(OpenFileLock.lifeByte(number), of: file) {
        case 0: return
        case EAGAIN, EACCES: throw .lockHeld(number: number)
        case let code: throw FileSystem.error(code, path: path, action: "lock")
        }
    }

    deinit { release() }

    func release() {
        let file = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let file else { return }
        // A child that was forked a moment ago, and has not yet become another program, has this
        // open file, too: closing ours alone would leave the lock with it.
        OpenFileLock.letGo(OpenFileLock.lifeByte(number), of: file)
        _ = close(file)
    }
}
