/// Checks and rescues journals without LMDB: no bytes of a file can stop the program.
///
/// Reads by `pread`, writes nothing, takes no lock. All of it works beside a writer.
public enum JournalInspector {
    /// How often a check starts again because a writer overwrote what it read.
    static let attemptCountMax = 8

    /// Reads everything and names all damage.
    ///
    /// Beside a writer a damage counts only if nothing was committed during the check, or the
    /// next check finds the same; a long check of a busy journal should hold a read transaction
    /// and name it, see ``verify(path:transactionID:)``.
    ///
    /// - Parameter path: The journal's folder.
    /// - Returns: What was found.
    /// - Throws: ``InspectionError``, where no part can be read.
    /// - Complexity: Reads each used page once, and those of trees twice. Memory: about 100 bytes
    ///   for each stream and four bits for each page.
    public static func verify(path: String) throws(InspectionError) -> VerifyReport {
        let file = try LMDBFile(path: path)
        var before: VerifyReport?
        for _ in 0..<attemptCountMax {
            let metas = try MetaPair(file: file)
            let reader = try reader(file, metas)
            guard let meta = soundest(metas, reader) else { break }
            let report = Verification(reader: reader, meta: meta, metas: metas).run()
            if report.isIntact { return report }
            if try MetaPair(file: file) == metas { return report }
            if let before, before.damages == report.damages { return report }
            before = report
        }
        throw .keepsChanging(attemptCount: attemptCountMax)
    }

    /// Reads everything that one transaction sees and names all damage.
    ///
    /// - Parameters:
    ///   - path: The journal's folder.
    ///   - transactionID: The id of a read transaction that stays open during the check, so that
    ///     no writer overwrites what it sees.
    /// - Returns: What was found.
    /// - Throws: ``InspectionError/transactionGone(transactionID:)`` at once if two commits went
    ///   by since the read transaction began: begin a new one and try again.
    public static func verify(
        path: String,
        transactionID: UInt64
    ) throws(InspectionError) -> VerifyReport {
        let file = try LMDBFile(path: path)
        let metas = try MetaPair(file: file)
        let reader = try reader(file, metas)
        guard let meta = metas.newestFirst.first(where: { $0.transactionID == transactionID })
        else { throw .transactionGone(transactionID: transactionID) }
        return Verification(reader: reader, meta: meta, metas: metas).run()
    }

    /// A reader with the page size that the meta pages tell.
    static func reader(_ file: LMDBFile, _ metas: MetaPair) throws(InspectionError) -> PageReader {
        guard let pageByteCount = metas.pageByteCount else {
            guard let damage = metas.first.damage else {
                throw .notLMDB(path: file.path, reason: "it has no meta page")
            }
            let reason = "neither meta page can be read; \(damage.reason)"
            throw .notLMDB(path: file.path, reason: reason)
        }
        return try PageReader(file: file, pageByteCount: pageByteCount)
    }

    /// The newest meta page whose head record was written by its own transaction; where no
    /// head is, simply the newest.
    private static func soundest(_ metas: MetaPair, _ reader: PageReader) -> MetaPage? {
        let pages = metas.newestFirst
        return pages.first { page in
            let walk = TreeWalk(
                reader: reader,
                lastPage: page.lastPage,
                ledger: PageLedger(),
                mayHoldTables: true
            )
            let contents = SnapshotContents(main: page.main, walk: walk)
            return (try? contents.checkedHead(transactionID: page.transactionID)) != nil
        } ?? pages.first
    }
}
