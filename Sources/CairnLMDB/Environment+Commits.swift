internal import CairnJournal
internal import Glibc

// Only one writer of all processes is between the beginning of its transaction and the flush of its
// commit: what it notes behind the meta pages is of the newest two commits.
extension Environment {
    /// Waits until no other process commits, and keeps them from it.
    func lockCommits() throws(JournalError) {
        guard sealer != nil else { return }
        let code = OpenFileLock.take(OpenFileLock.commitByte, of: fileDescriptor, waiting: true)
        guard code == 0 else { throw FileSystem.error(code, path: path, action: "lock") }
    }

    func unlockCommits() {
        guard sealer != nil else { return }
        OpenFileLock.letGo(OpenFileLock.commitByte, of: fileDescriptor)
    }

    /// Says that the last commit is whole, when the journal is closed: a file that was closed is
    /// believed as it is.
    func finishCommits() {
        guard let sealer, (try? lockCommits()) != nil else { return }
        sealer.finish(information().lastTransactionID)
        unlockCommits()
    }
}
