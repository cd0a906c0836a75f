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
        var metas = try metaPages(file, path)
        guard metas.newestArm != nil, let size = metas.pageByteCount else {
            // Where flushing a meta page failed, the drive may have it although LMDB has put the one
            // before in its place: the first commit writes over pages of it.
            guard fsync(descriptor) == 0 else { throw .inputOutput(path: path, code: errno) }
            return
        }
        // Others may be in the middle of a commit; nobody is once this is held.
        let code = OpenFileLock.take(OpenFileLock.commitByte, of: descriptor, waiting: true)
        guard code == 0 else { throw FileSystem.error(code, path: data, action: "lock") }
        metas = try metaPages(file, path)
        let target = CommitFile(descriptor: descriptor, path: data, pageByteCount: size)
        for slot in 0...1 {
            guard case .cutShort(let id) = metas.state(slot: slot) else { continue }
            return try takeBack(id, target)
        }
        // Damage is for the inspection that follows.
        guard let newest = metas.newestFirst.first,
            newest.transactionID == metas.newestArm?.transactionID
        else { return try target.flush() }
        try writeAgain(newest, metas.newestSeal, target)
    }

    private static func metaPages(
        _ file: LMDBFile,
        _ path: String
    ) throws(JournalError) -> MetaPair {
        do throws(InspectionError) { return try MetaPair(file: file) } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Makes the commit before the newest again.
    ///
    /// Nobody has the file open: whoever opened it since the machine started has been here, or was
    /// refused.
    private static func takeBack(_ id: UInt64, _ file: CommitFile) throws(JournalError) {
        var page = try file.metaPage(id)
        let start = MetaPage.writtenBytes.lowerBound
        page.replaceSubrange(start..<page.count, with: try emptyMeta(id, file))
        try file.write(page, at: file.offset(of: id))
        try file.flush()
    }

    /// What follows a meta page's constant part, for a transaction two before with nothing in it.
    private static func emptyMeta(_ id: UInt64, _ file: CommitFile) throws(JournalError) -> [UInt8] {
        let other = try file.metaPage(id - 1)
        let start = MetaPage.writtenBytes.lowerBound
        // The map's size, and the page size and flags in the records of the two trees.
        var page = ByteWriter(capacity: file.pageByteCount - start)
        page.raw(Array(other[start..<40]))
        for record in [40, 88] {
            page.raw(Array(other[record..<record + 6]))
            page.raw([UInt8](repeating: 0, count: 34))
            page.littleEndian(PageFormat.invalidPage)
        }
        page.littleEndian(UInt64(1))
        page.littleEndian(id - 2)
        page.raw([UInt8](repeating: 0, count: file.pageByteCount - MetaPage.byteCount))
        return page.finish()
    }

    /// Writes the newest commit once more as it is: after a flush that failed, the kernel takes
    /// pages for clean that the disk does not have, and no later flush would bring them there.
    private static func writeAgain(
        _ newest: MetaPage,
        _ seal: CommitSeal?,
        _ file: CommitFile
    ) throws(JournalError) {
        let size = file.pageByteCount
        let runs =
            if let seal { seal.runs } else { try changedPages(newest, file) }
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
        guard seal == nil else { return }
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
