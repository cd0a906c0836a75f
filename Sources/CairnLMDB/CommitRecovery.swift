internal import CairnCore
internal import CairnJournal
internal import Glibc

/// What whoever opens a journal for writing does first, before LMDB sees the file: takes a commit
/// back that was cut short, and makes sure that the newest one is on the disk.
///
/// No other process commits from then on until this is ended. `Specs/JournalFormat.md` has the
/// rules.
final class CommitRecovery {
    private let path: String
    private let file: LMDBFile
    private var descriptor: Int32

    /// - Parameter path: The journal's folder.
    /// - Throws: `JournalError`.
    init(path: String) throws(JournalError) {
        self.path = path
        file = try Self.inspecting(path) { () throws(InspectionError) in try LMDBFile(path: path) }
        let data = path + "/data.mdb"
        descriptor = unsafe open(data, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystem.error(errno, path: data, action: "write to") }
        let code = OpenFileLock.take(OpenFileLock.commitByte, of: descriptor, waiting: true)
        guard code == 0 else { throw FileSystem.error(code, path: data, action: "lock") }
        try settle()
    }

    deinit { end() }

    /// Lets others commit.
    func end() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
    }

    private static func inspecting<Value>(
        _ path: String,
        _ body: () throws(InspectionError) -> Value
    ) throws(JournalError) -> Value {
        do throws(InspectionError) { return try body() } catch {
            throw JournalError(error, path: path)
        }
    }

    /// The newest transaction of a journal, if whoever opens it now may take it for durable.
    static func durableTransactionID(path: String) throws(JournalError) -> UInt64? {
        try inspecting(path) { () throws(InspectionError) in
            try MetaPair(file: try LMDBFile(path: path)).durableTransactionID
        }
    }

    private func settle() throws(JournalError) {
        let metas = try Self.inspecting(path) { () throws(InspectionError) in
            try MetaPair(file: file)
        }
        // Damage is for the inspection that follows.
        guard let newest = metas.newestFirst.first, let size = metas.pageByteCount else { return }
        let target = CommitFile(descriptor: descriptor, path: path, pageByteCount: size)
        for slot in 0...1 {
            guard case .cutShort(let id) = metas.state(slot: slot) else { continue }
            guard try !isOpen() else { throw .busy(path: path) }
            return try takeBack(id, target)
        }
        if metas.newestArm != nil, metas.newestSeal == nil {
            // Its writer was killed. Where the journal is open the kernel has all of it, and the
            // next writer seals it.
            let isOpen = try isOpen()
            guard metas.hasOneBefore, !isOpen else { return try target.flush() }
            return try takeBack(newest.transactionID, target)
        }
        try writeAgain(metas, target)
        try target.mark(newest.transactionID)
    }

    /// Whether LMDB has the journal open in another process.
    private func isOpen() throws(JournalError) -> Bool {
        let name = path + "/lock.mdb"
        let lockFile = unsafe open(name, O_RDWR | O_CLOEXEC)
        guard lockFile >= 0 else {
            if errno == ENOENT { return false }
            throw FileSystem.error(errno, path: name, action: "look at")
        }
        defer { close(lockFile) }
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        range.l_len = 1
        guard unsafe fcntl(lockFile, F_GETLK, &range) == 0 else {
            throw FileSystem.error(errno, path: name, action: "look at")
        }
        return range.l_type != Int16(F_UNLCK)
    }

    /// Takes back what is left of a commit: the one before becomes the newest again.
    ///
    /// The arm stays where it is. It is for this transaction, whose meta page does not count as long
    /// as only a part of this has reached the disk.
    private func takeBack(_ id: UInt64, _ target: CommitFile) throws(JournalError) {
        let start = MetaPage.writtenBytes.lowerBound
        let end = CommitSeal.offset + CommitSeal.headByteCount
        let page = try target.metaPage(id)
        let other = try target.metaPage(id - 1)
        // The map's size, and the page size and flags in the records of the two trees.
        var bytes = ByteWriter(capacity: end - start)
        bytes.raw(Array(other[start..<40]))
        for record in [40, 88] {
            bytes.raw(Array(other[record..<record + 6]))
            bytes.raw([UInt8](repeating: 0, count: 34))
            bytes.littleEndian(PageFormat.invalidPage)
        }
        bytes.littleEndian(UInt64(1))
        bytes.littleEndian(id - 2)
        bytes.raw([UInt8](repeating: 0, count: CommitArm.offset - MetaPage.byteCount))
        bytes.raw(Array(page[CommitArm.offset..<CommitArm.offset + CommitArm.byteCount]))
        bytes.raw([UInt8](repeating: 0, count: end - CommitArm.offset - CommitArm.byteCount))
        try target.write(bytes.finish(), at: target.offset(of: id) + start)
        try target.flush()
        // Nobody begins a transaction before the one before is on the disk.
        try target.mark(id - 1)
    }

    /// Writes the newest commit and both meta pages once more as they are: after a flush that
    /// failed, the kernel takes pages for clean that the disk does not have, and no later flush
    /// would bring them there.
    private func writeAgain(_ metas: MetaPair, _ target: CommitFile) throws(JournalError) {
        let size = target.pageByteCount
        var page = [UInt8](repeating: 0, count: size)
        for run in metas.newestSeal?.runs ?? [] {
            for number in run.first..<run.first + UInt64(run.count) {
                try target.read(&page, at: Int(number) * size)
                try target.write(page, at: Int(number) * size)
            }
        }
        for slot in 0...1 as ClosedRange<UInt64> {
            try target.write(try target.metaPage(slot), at: target.offset(of: slot))
        }
        try target.flush()
    }
}
