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

    /// Whether this process's writer is between the beginning of its transaction and the flush.
    var isCommitting: Bool {
        get { committing.load(ordering: .acquiring) }
        set { committing.store(newValue, ordering: .releasing) }
    }

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
    /// How often it finds a commit neither sealed nor anybody at work on it, until it is left.
    private static let orphanCountMax = 50

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
        let code = OpenFileLock.take(OpenFileLock.commitByte, of: fileDescriptor, waiting: true)
        guard code == 0 else { throw FileSystem.error(code, path: path, action: "lock") }
        durability.isCommitting = true
    }

    func unlockCommits() {
        guard sealer != nil else { return }
        durability.isCommitting = false
        OpenFileLock.letGo(OpenFileLock.commitByte, of: fileDescriptor)
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
    /// - Throws: `JournalError.interrupted(path:)` if its writer was killed before it had sealed it,
    ///   `JournalError.poisoned` if a flush has failed in this process,
    ///   `JournalError.busy(path:)` if a stopped process keeps it waiting, and
    ///   `JournalError.inputOutput(path:code:)`.
    func waitUntilDurable(_ id: UInt64) throws(JournalError) {
        guard durability.isAsked, durability.transactionID < id else { return }
        let deadline = MonotonicInstant.now.adding(nanoseconds: Self.flushNanosecondsMax)
        var orphanCount = 0
        repeat {
            let isAtWork =
                durability.isCommitting
                || OpenFileLock.isHeld(OpenFileLock.commitByte, of: fileDescriptor) == true
            // Whoever has begun another transaction has seen to it.
            if durability.transactionID >= id { return }
            if information().lastTransactionID > id { return durability.note(id) }
            if durability.hasFailed { throw .poisoned }
            if !isAtWork {
                if try isReady(id) { return try flush(id) }
                orphanCount += 1
                guard orphanCount < Self.orphanCountMax else { throw .interrupted(path: path) }
            }
            usleep(Self.lookMicroseconds)
        } while MonotonicInstant.now < deadline
        throw .busy(path: path)
    }

    /// Whether a flush makes a commit durable: nobody has to seal it first.
    private func isReady(_ id: UInt64) throws(JournalError) -> Bool {
        let page = try commitFile.metaPage(id)
        guard unsafe CommitArm(page.span.bytes)?.transactionID == id else { return true }
        return unsafe CommitSeal(page.span.bytes)?.transactionID == id
    }

    private func flush(_ id: UInt64) throws(JournalError) {
        do throws(JournalError) { try commitFile.flush() } catch {
            durability.hasFailed = true
            throw error
        }
        durability.note(id)
    }
}
