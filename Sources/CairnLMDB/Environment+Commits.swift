internal import CLMDB
internal import CairnCore
internal import CairnJournal
internal import Glibc
internal import Synchronization

/// What a process knows of what is on the disk.
final class Durability: Sendable {
    /// Whether commits are durable only when their seal is flushed, so that a view may be ahead.
    let isAsked: Bool
    private let last = Atomic<UInt64>(0)
    private let committing = Atomic<Bool>(false)
    private let failed = Atomic<Bool>(false)

    init(isAsked: Bool) { self.isAsked = isAsked }

    /// The last transaction that is known to be on the disk, with all before it.
    var transactionID: UInt64 { last.load(ordering: .acquiring) }

    func note(_ id: UInt64) { last.max(id, ordering: .releasing) }

    /// Whether a thread of this process is between the beginning of a transaction and the flush.
    var isCommitting: Bool { committing.load(ordering: .acquiring) }

    /// Whether this thread is the one now.
    func beginCommitting() -> Bool {
        committing.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    func endCommitting() { committing.store(false, ordering: .releasing) }

    /// Whether a flush has failed: no later one brings to the disk what that one was to bring.
    var hasFailed: Bool {
        get { failed.load(ordering: .acquiring) }
        set { failed.store(newValue, ordering: .releasing) }
    }
}

// Only one writer of all processes is between the beginning of its transaction and the flush of its
// commit: what it notes behind the meta pages is of the newest two commits.
extension Environment {
    /// How long a view may wait for the flush of what it sees, in nanoseconds: 5 seconds.
    private static let flushNanosecondsMax: UInt64 = 5_000_000_000
    /// How often it looks, in microseconds.
    private static let lookMicroseconds: UInt32 = 20

    /// The data file as LMDB has it open.
    var commitFile: CommitFile {
        CommitFile(
            descriptor: fileDescriptor,
            path: path,
            pageByteCount: information().pageByteCount
        )
    }

    /// Waits until no other process commits, and keeps them from it.
    func lockCommits() throws(JournalError) {
        guard sealer != nil else { return }
        // The lock of the open file keeps no other thread of this process out, and there is one only
        // where a view finds a commit that a killed writer has left.
        while !durability.beginCommitting() { usleep(Self.lookMicroseconds) }
        try lockOthersOut()
    }

    private func lockOthersOut() throws(JournalError) {
        let code = OpenFileLock.take(OpenFileLock.commitByte, of: fileDescriptor, waiting: true)
        guard code == 0 else {
            durability.endCommitting()
            throw FileSystem.error(code, path: path, action: "lock")
        }
    }

    func unlockCommits() {
        guard sealer != nil else { return }
        OpenFileLock.letGo(OpenFileLock.commitByte, of: fileDescriptor)
        durability.endCommitting()
    }

    /// Says that the last commit is whole, when the journal is closed: a file that was closed is
    /// believed as it is.
    func finishCommits() {
        guard let sealer, (try? lockCommits()) != nil else { return }
        sealer.finish(information().lastTransactionID)
        unlockCommits()
    }

    /// Waits until what a view sees is on the disk: LMDB shows a commit before its flush.
    ///
    /// - Throws: `JournalError.poisoned` if a flush has failed in this process,
    ///   `JournalError.busy(path:)` if a stopped process keeps it waiting, and
    ///   `JournalError.inputOutput(path:code:)`.
    func waitUntilDurable(_ id: UInt64) throws(JournalError) {
        guard durability.isAsked, durability.transactionID < id else { return }
        let deadline = MonotonicInstant.now.adding(nanoseconds: Self.flushNanosecondsMax)
        repeat {
            let isAtWork =
                durability.isCommitting
                || OpenFileLock.isHeld(OpenFileLock.commitByte, of: fileDescriptor) == true
            // Whoever has begun another transaction has seen to it.
            if durability.transactionID >= id { return }
            if information().lastTransactionID > id { return durability.note(id) }
            if durability.hasFailed { throw .poisoned }
            if !isAtWork { return try makeDurable(id) }
            usleep(Self.lookMicroseconds)
        } while MonotonicInstant.now < deadline
        throw .busy(path: path)
    }

    /// Does what the writer of a commit did not come to before it was killed.
    ///
    /// Who only reads cannot seal it. Where that is missing, too, a machine that stops before
    /// anybody opens the journal for writing takes the commit back, of which nobody was told.
    private func makeDurable(_ id: UInt64) throws(JournalError) {
        guard let sealer else {
            do throws(JournalError) { try commitFile.flush() } catch {
                durability.hasFailed = true
                throw error
            }
            return durability.note(id)
        }
        // This may be inside a monitor that the writer needs after it has taken the lock; it makes
        // the same durable then.
        while !durability.beginCommitting() {
            if durability.transactionID >= id { return }
            usleep(Self.lookMicroseconds)
        }
        try lockOthersOut()
        defer { unlockCommits() }
        guard information().lastTransactionID == id else { return durability.note(id) }
        try sealer.prepare(id + 1, in: self)
    }
}
