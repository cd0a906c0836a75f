internal import CLMDB
internal import CairnCore
internal import CairnJournal
internal import Glibc
internal import Synchronization

/// What a process knows of what is on the disk.
final class Durability: Sendable {
    /// Whether LMDB shows commits before they are on the disk.
    let isAsked: Bool
    private let last = Atomic<UInt64>(0)

    init(isAsked: Bool) { self.isAsked = isAsked }

    /// The last transaction that is known to be on the disk, with all before it.
    var transactionID: UInt64 { last.load(ordering: .acquiring) }

    func note(_ id: UInt64) { last.max(id, ordering: .releasing) }
}

// Only one writer of all processes is between the beginning of its transaction and the flush of its
// commit: what it notes behind the meta pages is of the newest two commits.
extension Environment {
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
    }

    func unlockCommits() {
        guard sealer != nil else { return }
        OpenFileLock.letGo(OpenFileLock.commitByte, of: fileDescriptor)
    }

    /// Says that the last commit is whole, when the journal is closed: a file that was closed is
    /// believed as it is.
    func finishCommits() {
        guard let sealer, (try? lockCommits()) != nil else { return }
        sealer.finish(lastTransactionID)
        unlockCommits()
    }

    /// Lets a view that has just begun see the newest commit that is on the disk: LMDB shows one
    /// before its flush.
    ///
    /// That is the one before the newest at most. LMDB keeps its pages for as long as the view is
    /// open, because the newest, which the view holds for LMDB, is the one that has replaced them.
    func settle(_ view: Transaction) throws(JournalError) {
        let id = view.id
        guard durability.isAsked, durability.transactionID < id else { return }
        try view.locateMap()
        let deadline = MonotonicInstant.now.adding(nanoseconds: Self.flushNanosecondsMax)
        repeat {
            if try isDurable(id) { return durability.note(id) }
            if let map = unsafe mapped.start {
                let page = unsafe map + Int((id - 1) & 1) * MappedFile.pageByteCount
                let before = unsafe Array(
                    UnsafeRawBufferPointer(start: page, count: MetaRoots.byteCount)
                )
                atomicMemoryFence(ordering: .acquiring)
                // Nobody writes over it before the newest is on the disk, and said to be.
                let isBefore = unsafe MetaRoots(before.span.bytes).transactionID == id - 1
                if isBefore, try !isDurable(id) {
                    return unsafe try view.look(
                        at: before.span.bytes.extracting(MetaRoots.mainRange),
                        in: map
                    )
                }
            }
            usleep(Self.lookMicroseconds)
        } while MonotonicInstant.now < deadline
        throw .busy(path: path)
    }

    /// How long a view looks for either, in nanoseconds: 5 seconds.
    ///
    /// Only where LMDB's map is not known does it have to wait for a flush.
    private static let flushNanosecondsMax: UInt64 = 5_000_000_000
    /// How often it looks, in microseconds.
    private static let lookMicroseconds: UInt32 = 50

    /// Whether a transaction that can be read is said to be on the disk, or is no longer the newest.
    private func isDurable(_ id: UInt64) throws(JournalError) -> Bool {
        if lastTransactionID > id { return true }
        if let map = unsafe mapped.start {
            let start = unsafe map + Int(id & 1) * MappedFile.pageByteCount
            let page = unsafe RawSpan(_unsafeStart: start, byteCount: CommitMark.end)
            return CommitMark(page)?.transactionID == id
        }
        let page = try commitFile.metaPage(id)
        return unsafe CommitMark(page.span.bytes)?.transactionID == id
    }
}
