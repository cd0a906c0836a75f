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
        // A child that was forked a moment ago has this open file, too.
        OpenFileLock.letGo(OpenFileLock.commitByte, of: descriptor)
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

    /// The newest transaction of a journal that is opened for reading, if it may be taken for
    /// durable.
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
        guard !metas.isNewestDamaged, let newest = metas.newestFirst.first,
            let size = metas.pageByteCount
        else { return }
        let target = CommitFile(descriptor: descriptor, path: path, pageByteCount: size)
        var cutShort: UInt64?
        for slot in 0...1 {
            if case .cutShort(let id) = metas.state(slot: slot) { cutShort = id }
        }
        // Its writer was killed, and nobody has read it.
        let isUnsealed = metas.newestArm != nil && metas.newestSeal == nil
        let rest = cutShort ?? (isUnsealed && metas.hasWholeBefore ? newest.transactionID : nil)
        if let rest, try !isOpen() { return try takeBack(rest, target) }
        // The kernel has all of what this system has written.
        guard cutShort == nil else { throw .busy(path: path) }
        let runs =
            if isUnsealed { try changedPages(newest, size) } else { metas.newestSeal?.runs ?? [] }
        try writeAgain(runs, target)
        if isUnsealed {
            let id = newest.transactionID
            try target.arm(id + 1, try BootID.ofThisSystem())
            try target.disarm(id)
            try target.flush()
        }
        try target.mark(newest.transactionID)
    }

    /// Whether LMDB has the journal open in another process: it holds a lock on the first byte of its
    /// lock file for as long.
    private func isOpen() throws(JournalError) -> Bool {
        let name = path + "/lock.mdb"
        let lockFile = unsafe open(name, O_RDWR | O_CLOEXEC)
        guard lockFile >= 0 else {
            if errno == ENOENT { return false }
            throw FileSystem.error(errno, path: name, action: "look at")
        }
        defer { close(lockFile) }
        guard let isHeld = OpenFileLock.isHeld(0, of: lockFile) else {
            throw FileSystem.error(errno, path: name, action: "look at")
        }
        return isHeld
    }

    /// The pages of a commit that nobody has sealed; those of the whole file where they cannot be
    /// told.
    private func changedPages(_ newest: MetaPage, _ size: Int) throws(JournalError) -> [PageRun] {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw FileSystem.error(errno, path: path, action: "look at")
        }
        let pageCount = Int(status.st_size) / size
        let whole = PageRun(first: 2, count: max(0, min(pageCount, Int(newest.lastPage) + 1) - 2))
        guard size == MappedFile.pageByteCount, pageCount > 0 else { return [whole] }
        let place = unsafe mmap(nil, pageCount * size, PROT_READ, MAP_SHARED, descriptor, 0)
        guard unsafe place != MAP_FAILED, let map = unsafe place else {
            throw FileSystem.error(errno, path: path, action: "map")
        }
        defer { unsafe munmap(map, pageCount * size) }
        let found = unsafe ChangedPages.find(
            map: UnsafeRawPointer(map),
            slot: newest.slot,
            countMax: pageCount,
            mayRead: { $0 < UInt64(pageCount) }
        )
        return found ?? [whole]
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
    private func writeAgain(_ runs: [PageRun], _ target: CommitFile) throws(JournalError) {
        let size = target.pageByteCount
        var page = [UInt8](repeating: 0, count: size)
        for run in runs {
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
