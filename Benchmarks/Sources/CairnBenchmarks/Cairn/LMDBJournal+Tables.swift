import Cairn

extension LMDBJournal {
    /// Opens a journal whose projections begin at the first event.
    ///
    /// Stored, they are removed first; otherwise a reader folds them in memory, which finds no tables
    /// and makes none.
    static func withoutTables(isStored: Bool, in directory: String) async throws -> LMDBJournal {
        guard isStored else { return try LMDBJournal(path: directory, configuration: .readOnly) }
        let journal = try LMDBJournal(path: directory)
        try await KeptProjections(journal).reset()
        return journal
    }
}
