internal import CairnJournal
internal import Glibc

/// The folder that projections' tables are in, which any process may take away at any time.
///
/// LMDB opens its lock file and its data file by their names, one after the other. Two processes
/// that have the same data file and different lock files would write over each other's pages, so
/// the two are only ever taken away together, with their folder; and whoever opens them looks
/// whether it is still the same one.
struct ProjectionFolder {
    /// How often it is tried again where somebody else took the folder away.
    private static let tryCountMax = 100

    let path: String

    /// Opens the tables, and makes them where they are missing or cannot be used.
    func openForWriting() throws(JournalError) -> Environment {
        try trying { () throws(JournalError) in
            if unsafe mkdir(path, 0o777) != 0, errno != EEXIST {
                throw FileSystem.error(errno, path: path, action: "make")
            }
            do throws(JournalError) {
                return try open(isReadOnly: false)
            } catch {
                switch error {
                // Somebody took it away between the two.
                case .notFound: return nil
                // Whoever has the old file open goes on with it, and finds it gone later.
                case .notAJournal, .damaged: try remove()
                default: throw error
                }
                return nil
            }
        }
    }

    /// - Throws: `JournalError.notFound(path:)` where no tables are.
    func openForReading() throws(JournalError) -> Environment {
        try trying { () throws(JournalError) in try open(isReadOnly: true) }
    }

    /// Takes the tables away, whatever state they are in.
    ///
    /// What a process that was killed has left behind goes with the next one; files of others are
    /// moved and not removed. A link stays, and leads to an empty folder then. Where the folder is
    /// a mount point the files go one by one, and only one process at a time may do that.
    ///
    /// - Throws: `JournalError.notAJournal(path:reason:)` for a file in the folder's place, which is
    ///   somebody's and not ours to move.
    func remove() throws(JournalError) {
        guard try FileSystem.kind(of: path) != .file else {
            throw .notAJournal(path: path, reason: "it is a file; tables are in a folder")
        }
        let place = FileSystem.resolved(path)
        for number in 0..<Self.tryCountMax {
            let target = place + ".removed" + (number == 0 ? "" : "-\(number)")
            Birth.remove(target)
            if unsafe rename(place, target) == 0 {
                if isLink { unsafe mkdir(place, 0o777) }
                return Birth.remove(target)
            }
            switch errno {
            case ENOENT: return
            // Somebody else has just put one there, or left a file there.
            case ENOTEMPTY, EEXIST, ENOTDIR: continue
            // A mount point cannot be moved.
            case EBUSY: return Birth.remove(place)
            default: throw FileSystem.error(errno, path: path, action: "remove")
            }
        }
        throw .busy(path: path)
    }

    private var isLink: Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private func trying<Value>(
        _ body: () throws(JournalError) -> Value?
    ) throws(JournalError) -> Value {
        for _ in 0..<Self.tryCountMax {
            if let value = try body() { return value }
        }
        throw .busy(path: path)
    }

    /// Opens both files; nil where they may be of two folders.
    private func open(isReadOnly: Bool) throws(JournalError) -> Environment? {
        // Held open, so that no other folder gets its number meanwhile.
        let folder = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileSystem.error(errno, path: path, action: "open") }
        defer { Glibc.close(folder) }
        let identity = try FileSystem.identity(of: folder, path: path)
        // One without a byte is one that somebody is just making: LMDB waits for them.
        if Environment.fileByteCount(path) > 0 {
            do throws(InspectionError) { try check() } catch {
                throw LMDBProjectionStore.error(error, path: path)
            }
        } else if isReadOnly {
            throw .notFound(path: path)
        }
        let environment = try Environment(
            path: path,
            isReadOnly: isReadOnly,
            tables: [.main],
            flushing: .pagesOnly
        )
        guard (try? FileSystem.identity(of: path)) == identity else {
            environment.close()
            return nil
        }
        return environment
    }

    /// The largest file that is gone through wholly when it is opened, in bytes: about a
    /// millisecond for each of these 16 MiB.
    private static let wholeByteCountMax: UInt64 = 16 << 20

    /// Looks whether LMDB may be let loose on the file, and whether it says what was written.
    ///
    /// A spoilt key, or a branch that leads to another page, hides entries without a word.
    private func check() throws(InspectionError) {
        try JournalInspector.preflightCache(path: path, wholeUpTo: 0)
        do throws(InspectionError) {
            try JournalInspector.preflightCache(path: path, wholeUpTo: Self.wholeByteCountMax)
        } catch .keepsChanging {
            // Who writes to it all the time has found its keys.
            return
        }
    }
}
