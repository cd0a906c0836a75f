internal import CairnCore
internal import CairnJournal

/// How far behind the journal stored tables may be for one question to go on from them.
enum StoredTables {
    /// So many events are taken in at any time, in a fraction of a second.
    static let behindCountMax: UInt64 = 65_536
}

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

    /// Whether a projection's stored tables lack at most so many of the journal's events.
    ///
    /// - Parameters:
    ///   - table: The projection's table.
    ///   - countMax: How many; ``StoredTables/behindCountMax`` are never too many.
    /// - Returns: False also where nothing is stored, or what is stored is another journal's.
    /// - Throws: `JournalError` of the journal; a store that cannot be read is none.
    func hasStored(
        _ table: ProjectionTable,
        behindByAtMost countMax: UInt64
    ) async throws(JournalError) -> Bool {
        guard let store = projectionStore else { return false }
        let position: Position?
        do throws(JournalError) {
            position = try store.read(table) { stored throws(JournalError) in
                stored.mark?.position
            }
        } catch {
            return false
        }
        let last = try await head().lastPosition
        // What is beyond the end is of another journal, and is not gone on from.
        guard let position, position <= last else { return false }
        return last.rawValue - position.rawValue <= max(countMax, StoredTables.behindCountMax)
    }

    /// Removes all stored tables of a projection after something was removed that they hold: they
    /// are a cache, and the removal holds whatever becomes of them.
    func removeTables(named name: String) async {
        guard let store = projectionStore, let tables = try? store.tables() else { return }
        for (table, _) in tables where table.name == name { try? await store.remove(table) }
    }

    /// Removes all stored tables of some projections but those that are given.
    func removeTables(otherThan own: [ProjectionTable]) async throws(JournalError) {
        guard let store = projectionStore else { return }
        let names = Set(own.map(\.name))
        for (table, _) in try store.tables()
        where names.contains(table.name) && !own.contains(table) {
            try await store.remove(table)
        }
    }
}
