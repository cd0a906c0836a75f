internal import CairnCore
internal import CairnJournal
internal import Glibc

/// What whoever opens a journal for writing does first, before LMDB sees the file: takes a commit
/// back that a crash of the machine cut short, and makes sure that the newest one is on the disk.
///
/// `Specs/JournalFormat.md` has the rules.
enum CommitRecovery {
    /// - Parameter path: The journal's folder.
    /// - Throws: `JournalError`.
    static func settle(path: String) throws(JournalError) {
        let data = path + "/data.mdb"
        let descriptor = unsafe open(data, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystem.error(errno, path: data, action: "write to") }
        defer { close(descriptor) }
        let file: LMDBFile
        do throws(InspectionError) { file = try LMDBFile(path: path) } catch {
            throw JournalError(error, path: path)
        }
        // Others may be in the middle of a commit; nobody is once this is held.
        let code = OpenFileLock.take(OpenFileLock.commitByte, of: descriptor, waiting: true)
        guard code == 0 else { throw FileSystem.error(code, path: data, action: "lock") }
        let metas = try metaPages(file, path)
        let target = CommitFile(
            descriptor: descriptor,
            path: data,
            pageByteCount: metas.pageByteCount ?? 0
        )
        // Damage is for the inspection that follows.
        guard let newest = metas.newestFirst.first, target.pageByteCount > 0 else { return }
        for slot in 0...1 {
            guard case .cutShort(let id) = metas.state(slot: slot) else { continue }
            guard try !isOpen(path) else { throw .busy(path: path) }
            return try takeBack(id, target)
        }
        try writeAgain(newest, metas, target)
    }

    /// Whether LMDB has the journal open in another process.
    private static func isOpen(_ path: String) throws(JournalError) -> Bool {
        let name = path + "/lock.mdb"
        let file = unsafe open(name, O_RDWR | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return false }
            throw FileSystem.error(errno, path: name, action: "look at")
        }
        defer { close(file) }
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        range.l_len = 1
        guard unsafe fcntl(file, F_GETLK, &range) == 0 else {
            throw FileSystem.error(errno, path: name, action: "look at")
        }
        return range.l_type != Int16(F_UNLCK)
    }

    private static func metaPages(
        _ file: LMDBFile,
        _ path: String
    ) throws(JournalError) -> MetaPair {
        do throws(InspectionError) { return try MetaPair(file: file) } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Takes back what a crash has left of a commit: the one before becomes the newest again.
    ///
    /// The arm stays where it is. It is for this transaction, whose meta page does not count as long
    /// as only a part of this has reached the disk.
    private static func takeBack(_ id: UInt64, _ file: CommitFile) throws(JournalError) {
        let start = MetaPage.writtenBytes.lowerBound
        let zeros = [UInt8](repeating: 0, count: file.pageByteCount - CommitSeal.offset)
        try file.write(try emptyMeta(id, file), at: file.offset(of: id) + start)
        try file.write(zeros, at: file.offset(of: id) + CommitSeal.offset)
        try file.flush()
    }

    /// What LMDB writes of a meta page, for the transaction two before, with nothing in it.
    private static func emptyMeta(_ id: UInt64, _ file: CommitFile) throws(JournalError) -> [UInt8]
    {
        let other = try file.metaPage(id - 1)
        let start = MetaPage.writtenBytes.lowerBound
        // The map's size, and the page size and flags in the records of the two trees.
        var page = ByteWriter(capacity: MetaPage.writtenBytes.count)
        page.raw(Array(other[start..<40]))
        for record in [40, 88] {
            page.raw(Array(other[record..<record + 6]))
            page.raw([UInt8](repeating: 0, count: 34))
            page.littleEndian(PageFormat.invalidPage)
        }
        page.littleEndian(UInt64(1))
        page.littleEndian(id - 2)
        return page.finish()
    }

    /// Writes the newest commit and both meta pages once more as they are: after a flush that
    /// failed, the kernel takes pages for clean that the disk does not have, and no later flush
    /// would bring them there.
    private static func writeAgain(
        _ newest: MetaPage,
        _ metas: MetaPair,
        _ file: CommitFile
    ) throws(JournalError) {
        let size = file.pageByteCount
        let isArmed = metas.newestArm?.transactionID == newest.transactionID
        let isUnsealed = isArmed && metas.newestSeal == nil
        let runs =
            if isUnsealed { try changedPages(newest, file) } else { metas.newestSeal?.runs ?? [] }
        var page = [UInt8](repeating: 0, count: size)
        for run in runs {
            for number in run.first..<run.first + UInt64(run.count) {
                try file.read(&page, at: Int(number) * size)
                try file.write(page, at: Int(number) * size)
            }
        }
        for slot in 0...1 as ClosedRange<UInt64> {
            try file.write(try file.metaPage(slot), at: file.offset(of: slot))
        }
        try file.flush()
        guard isUnsealed else { return }
        let zeros = [UInt8](repeating: 0, count: CommitArm.byteCount)
        try file.write(zeros, at: file.offset(of: newest.transactionID) + CommitArm.offset)
        try file.flush()
    }

    /// The pages of a commit that nobody has sealed; those of the whole file where they cannot be
    /// told.
    private static func changedPages(
        _ newest: MetaPage,
        _ file: CommitFile
    ) throws(JournalError) -> [PageRun] {
        let size = file.pageByteCount
        var status = stat()
        guard unsafe fstat(file.descriptor, &status) == 0 else {
            throw FileSystem.error(errno, path: file.path, action: "look at")
        }
        let pageCount = Int(status.st_size) / size
        let place = unsafe mmap(nil, pageCount * size, PROT_READ, MAP_SHARED, file.descriptor, 0)
        guard unsafe place != MAP_FAILED, let map = unsafe place else {
            throw FileSystem.error(errno, path: file.path, action: "map")
        }
        defer { unsafe munmap(map, pageCount * size) }
        let found =
            size == MappedFile.pageByteCount
            ? unsafe ChangedPages.find(
                map: UnsafeRawPointer(map),
                slot: newest.slot,
                countMax: pageCount,
                mayRead: { $0 < UInt64(pageCount) }
            ) : nil
        let count = min(pageCount, Int(newest.lastPage) + 1) - 2
        return found ?? [PageRun(first: 2, count: max(count, 0))]
    }
}
