internal import CairnCore
internal import CairnJournal
internal import Glibc

/// Makes commits durable with one flush each: after LMDB has written pages and meta page, it notes
/// behind the meta page which pages they are, and flushes all of it together.
///
/// `Specs/JournalFormat.md` has the rules. Used by the thread that holds the lock for commits.
final class CommitSealer {
    /// A commit of more pages takes longer to go through again than a second flush.
    static let pageCountMax = 512

    private let file: CommitFile
    private let bootID: BootID
    /// The transaction that is known to be armed on the disk, with everything before it; 0 if none.
    private var armed: UInt64 = 0

    init(file: CommitFile, bootID: BootID) {
        self.file = file
        self.bootID = bootID
    }

    /// Makes sure that a transaction's commit can be told from half a one, and that what it finds is
    /// on the disk.
    ///
    /// Flushes if the last commit was not this writer's own.
    /// - Throws: `JournalError.inputOutput(path:code:)` where that fails; the journal may not be
    ///   written to any more.
    func prepare(_ id: UInt64, in environment: Environment) throws(JournalError) {
        if armed == id, isArmed(id, in: environment) { return }
        armed = 0
        try sealWhatWasLeft(id - 1, in: environment)
        try file.arm(id, bootID)
        try file.flush()
        try file.mark(id - 1)
        armed = id
        environment.durability.note(id - 1)
    }

    private func isArmed(_ id: UInt64, in environment: Environment) -> Bool {
        guard let map = unsafe environment.mapped.start else { return true }
        let page = unsafe RawSpan(
            _unsafeStart: map + file.offset(of: id),
            byteCount: CommitArm.offset + CommitArm.byteCount
        )
        return CommitArm(page)?.transactionID == id
    }

    /// Seals the commit of a writer that was killed before it could.
    private func sealWhatWasLeft(_ id: UInt64, in environment: Environment) throws(JournalError) {
        let page = try file.metaPage(id)
        guard unsafe CommitArm(page.span.bytes)?.transactionID == id,
            unsafe CommitSeal(page.span.bytes)?.transactionID != id
        else { return }
        if let seal = seal(of: id, in: environment) {
            try file.write(seal, at: file.offset(of: id) + CommitSeal.offset)
        } else {
            try file.flush()
            try file.arm(id + 1, bootID)
            try file.disarm(id)
        }
    }

    /// Makes a commit durable that LMDB has just written.
    ///
    /// - Throws: `JournalError.outcomeUnknown`: others may have seen the commit already.
    func seal(_ id: UInt64, in environment: Environment) throws(JournalError) {
        do throws(JournalError) {
            // A transaction without changes writes nothing.
            guard try file.transactionID(inSlotOf: id) == id else { return }
            armed = 0
            let isSealed = write(seal(of: id, in: environment), id)
            if !isSealed { try file.flush() }
            // First this one: an arm in the other slot is what says that this commit, if it is not
            // armed, may still be so on the disk.
            try file.arm(id + 1, bootID)
            if !isSealed { try file.disarm(id) }
            try file.flush()
            armed = id + 1
            try file.mark(id)
            environment.durability.note(id)
        } catch {
            throw .outcomeUnknown
        }
    }

    /// Says that the last commit needs no seal any more, when the journal is closed.
    ///
    /// Only where it is known to be on the disk; what fails is met again when it is opened.
    func finish(_ lastID: UInt64) {
        guard armed == lastID + 1 else { return }
        armed = 0
        try? file.disarm(lastID)
        try? file.flush()
    }

    private func write(_ seal: [UInt8]?, _ id: UInt64) -> Bool {
        guard let seal else { return false }
        do throws(JournalError) {
            try file.write(seal, at: file.offset(of: id) + CommitSeal.offset)
            return true
        } catch {
            return false
        }
    }

    /// The seal of the newest commit; nil where it is too large, or cannot be gone through.
    private func seal(of id: UInt64, in environment: Environment) -> [UInt8]? {
        guard file.pageByteCount == MappedFile.pageByteCount,
            let map = unsafe environment.mapped.start
        else { return nil }
        let size = MappedFile.pageByteCount
        let slot = Int(id & 1)
        let runs = unsafe ChangedPages.find(map: map, slot: slot, countMax: Self.pageCountMax) {
            environment.mapped.contains($0, file.descriptor)
        }
        guard let runs, runs.count <= CommitSeal.runCountMax else { return nil }
        var digest = CommitDigest(
            transactionID: id,
            metaPage: unsafe RawSpan(_unsafeStart: map + slot * size, byteCount: size)
        )
        for run in runs {
            for page in Int(run.first)..<Int(run.first) + run.count {
                digest.add(unsafe RawSpan(_unsafeStart: map + page * size, byteCount: size))
            }
        }
        return CommitSeal(transactionID: id, digest: digest.value, runs: runs).encoded()
    }
}

/// The data file, as the seals of its commits are written to it beside LMDB.
///
/// Whoever writes to it holds the lock for commits.
struct CommitFile {
    let descriptor: Int32
    let path: String
    let pageByteCount: Int

    /// Where the page begins that holds the meta page of a transaction.
    func offset(of transactionID: UInt64) -> Int { Int(transactionID & 1) * pageByteCount }

    /// Reads a meta page and what is behind it.
    func metaPage(_ transactionID: UInt64) throws(JournalError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: pageByteCount)
        try read(&bytes, at: offset(of: transactionID))
        return bytes
    }

    func transactionID(inSlotOf id: UInt64) throws(JournalError) -> UInt64 {
        var bytes = [UInt8](repeating: 0, count: 8)
        try read(&bytes, at: offset(of: id) + 144)
        return bytes.load(at: 0)
    }

    /// Fills bytes from the file, which has to have as many.
    func read(_ bytes: inout [UInt8], at offset: Int) throws(JournalError) {
        let count = unsafe bytes.withUnsafeMutableBytes { memory in
            unsafe FileSystem.read(descriptor, at: offset, into: memory)
        }
        guard count == bytes.count else {
            throw .inputOutput(path: path, code: count == nil ? errno : EIO)
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(JournalError) {
        let isWritten = unsafe bytes.withUnsafeBytes { bytes in
            unsafe FileSystem.write(descriptor, at: offset, bytes)
        }
        guard isWritten else { throw FileSystem.error(errno, path: path, action: "write to") }
    }

    /// Arms a transaction, and takes away the seal of one that had its number before and was taken
    /// back.
    func arm(_ id: UInt64, _ bootID: BootID) throws(JournalError) {
        var bytes = CommitArm(transactionID: id, bootID: bootID).encoded()
        let page = try metaPage(id)
        if unsafe CommitSeal(page.span.bytes)?.transactionID == id {
            let end = CommitSeal.offset + CommitSeal.headByteCount - CommitArm.offset
            bytes += repeatElement(0, count: end - bytes.count)
        }
        try write(bytes, at: offset(of: id) + CommitArm.offset)
    }

    /// Says that a commit that is on the disk needs no seal.
    func disarm(_ id: UInt64) throws(JournalError) {
        let zeros = [UInt8](repeating: 0, count: CommitArm.byteCount)
        try write(zeros, at: offset(of: id) + CommitArm.offset)
    }

    /// Notes that a commit is on the disk.
    ///
    /// Needs no flush: it is true whenever it is there.
    func mark(_ id: UInt64) throws(JournalError) {
        let bytes = CommitMark(transactionID: id).encoded()
        try write(bytes, at: offset(of: id) + CommitMark.offset)
    }

    /// - Throws: `JournalError.inputOutput(path:code:)`, also where the disk is full: whatever the
    ///   reason, the kernel takes pages for clean now that the disk does not have.
    func flush() throws(JournalError) {
        guard fdatasync(descriptor) == 0 else { throw .inputOutput(path: path, code: errno) }
    }
}
