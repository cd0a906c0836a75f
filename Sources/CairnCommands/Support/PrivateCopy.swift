internal import CairnJournal
internal import CairnLMDB
internal import Glibc
internal import Synchronization

/// Copies of journals that this command made for itself.
enum PrivateCopy {
    private static let folders = Mutex<[String]>([])

    /// Copies a journal to a temporary place, by reading its data file and nothing else.
    ///
    /// - Returns: The copy's folder, which ``removeAll()`` takes away.
    static func make(of path: String) throws(CommandFailure) -> String {
        let parent = Terminal.environment("TMPDIR") ?? "/tmp"
        let folder = "\(parent)/cairn-copy-\(getpid())"
        guard mkdir(folder, 0o700) == 0 else {
            throw CommandFailure(
                .inputOutput,
                "no private copy can be made in \(parent) (error \(errno)); set TMPDIR"
            )
        }
        folders.withLock { $0.append(folder) }
        let copy = "\(folder)/journal"
        do throws(JournalError) {
            let report = try LMDBJournal.salvage(from: path, to: copy)
            guard report.isComplete else {
                let reason = "the copy ends at position \(report.lastPosition)"
                throw JournalError.damaged(path: path, reason: reason)
            }
        } catch {
            throw CommandFailure(error, path: path, isWriting: true)
        }
        return copy
    }

    /// Removes what was copied.
    static func removeAll() {
        let folders = folders.withLock { folders in
            defer { folders = [] }
            return folders
        }
        for folder in folders {
            for file in ["data.mdb", "lock.mdb"] { unlink("\(folder)/journal/\(file)") }
            rmdir("\(folder)/journal")
            rmdir(folder)
        }
    }
}
