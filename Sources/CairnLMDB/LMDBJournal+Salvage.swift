internal import CairnCore
public import CairnJournal

extension LMDBJournal {
    /// Reads everything in a journal and names all damage, also while others write.
    ///
    /// A journal that opens is checked inside one view, so that writers cannot overwrite what is
    /// being read; meanwhile its file grows by what they write, and a process that has it open for
    /// this alone cannot open it for writing. One that does not open is checked as it lies there.
    ///
    /// - Throws: ``InspectionError``, where no part can be read.
    public static func verify(path: String) throws(InspectionError) -> VerifyReport {
        guard let journal = try? LMDBJournal(path: path, configuration: .readOnly) else {
            return try JournalInspector.verify(path: path)
        }
        defer { journal.close() }
        for _ in 0..<8 {
            guard let view = try? journal.core.environment.beginView() else { break }
            do throws(InspectionError) {
                // The view has to stay until the end, and not only until its number is known.
                return try withExtendedLifetime(view) { () throws(InspectionError) in
                    try JournalInspector.verify(path: path, transactionID: view.seenID)
                }
            } catch .transactionGone {
                // Two commits went by before the meta page was read: begin a newer view.
                continue
            } catch {
                break
            }
        }
        return try JournalInspector.verify(path: path)
    }

    /// Copies a damaged journal, up to the first pack of events that cannot be read, into a new one.
    ///
    /// Without damage to events that is all up to the last acknowledged commit.
    ///
    /// Positions, recorded times and the running hash stay equal; the index is built anew. The
    /// damaged journal is not changed.
    ///
    /// - Parameters:
    ///   - path: The damaged journal.
    ///   - destination: Where nothing is yet.
    /// - Returns: What was saved and what was lost.
    /// - Throws: `JournalError`; `JournalError.damaged(path:reason:)` when nothing can be
    ///   saved.
    public static func salvage(
        from path: String,
        to destination: String
    ) throws(JournalError) -> SalvageReport {
        var report: SalvageReport?
        _ = try JournalCopy.build(at: destination) { copy throws(JournalError) in
            do throws(SalvageError<JournalError>) {
                report = try JournalInspector.salvage(path: path) {
                    pack,
                    _ throws(JournalError) in
                    try copy.add(pack)
                }
            } catch {
                switch error {
                case .receiver(let refusal): throw refusal
                case .inspection(let reason): throw JournalError(reason, path: path)
                }
            }
        }
        guard let report else { throw .damaged(path: path, reason: "nothing could be read") }
        return report
    }
}

extension JournalError {
    /// What an inspection found, as an error of opening a journal.
    init(_ error: InspectionError, path: String) {
        self =
            switch error {
            case .notFound: .notFound(path: path)
            case .inputOutput(let file, _, let code):
                FileSystem.error(code, path: file, action: "read")
            case .notLMDB(_, let reason): .notAJournal(path: path, reason: reason)
            case .newerFormat(let found):
                .newerFormat(found: found, supported: Int(HeadRecord.formatVersion))
            case .cutShort: .interrupted(path: path)
            case .transactionGone, .keepsChanging: .busy(path: path)
            case .meta, .page, .head:
                .damaged(path: path, reason: error.description)
            }
    }
}
