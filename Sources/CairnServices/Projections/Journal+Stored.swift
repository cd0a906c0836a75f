internal import CairnCore
internal import CairnJournal

extension Journal {
    /// Whether a projection's tables are kept beside the journal, however far they are.
    func hasStored(_ table: ProjectionTable) -> Bool {
        guard let store = projectionStore else { return false }
        do throws(JournalError) {
            return try store.read(table) { stored throws(JournalError) in stored.mark != nil }
        } catch {
            return false
        }
    }
}
