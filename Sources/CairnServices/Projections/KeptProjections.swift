internal import CairnCore
public import CairnEngine
public import CairnJournal

/// The projections whose tables are kept beside a journal for the queries of this library.
///
/// Nobody has to bring them up to date: each query takes in what came since, and stores it when it
/// is much. Doing it at the end of an import saves the next query the time.
public struct KeptProjections: Sendable {
    private let journal: any Journal
    private let keys: LiveProjection<ItemKeyProjection>
    private let systemEvents: LiveProjection<SystemEventProjection>
    /// Made anew where sessions or requests were removed.
    private let prompts: RemovalTables<PromptProjection>
    private let summary: RemovalTables<SummaryProjection>

    /// Looks at a journal; nothing is read yet.
    public init(_ journal: any Journal) {
        self.journal = journal
        keys = LiveProjection(ItemKeyProjection(), of: journal)
        systemEvents = LiveProjection(SystemEventProjection(), of: journal)
        prompts = PromptProjection.tables(of: journal)
        summary = SummaryProjection.tables(of: journal)
    }

    private var all: [any KeptProjectionTable] {
        get async throws(EngineError<Never>) {
            [
                keys, try await prompts.current(), systemEvents,
                try await summary.current(),
            ]
        }
    }

    /// Brings all tables up to the journal's end, and removes those of other rules.
    ///
    /// - Returns: How far each is, by name; those of a journal without events are not in it.
    /// - Throws: `EngineError`, of the first that fails, once the others are up to date;
    ///   `JournalError.readOnly` where nothing can be stored.
    @discardableResult
    public func catchUp() async throws(EngineError<Never>) -> [KeptProjection] {
        var kept: [KeptProjection] = []
        var failure: EngineError<Never>?
        let all = try await all
        for projection in all {
            // An event that one of them cannot read holds the others back no further.
            do throws(EngineError<Never>) {
                guard let mark = try await projection.catchUp() else { continue }
                kept.append(KeptProjection(projection.table, mark))
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        try await removeFormer(all)
        return kept
    }

    private func removeFormer(
        _ all: [any KeptProjectionTable]
    ) async throws(EngineError<Never>) {
        do throws(JournalError) {
            guard let store = journal.projectionStore else { return }
            let names = Set(all.map(\.table.name))
            let own = Set(all.map(\.table))
            for (table, _) in try store.tables()
            where names.contains(table.name) && !own.contains(table) {
                try await store.remove(table)
            }
        } catch {
            throw .journal(error)
        }
    }

    /// Removes all tables; the next query reads the journal anew.
    ///
    /// - Throws: `EngineError`.
    public func reset() async throws(EngineError<Never>) {
        for projection in try await all { try await projection.reset() }
    }

    /// Compares what is stored with the sum in each table's mark, and removes what does not match.
    ///
    /// - Returns: The names of tables that held something else than was written.
    /// - Throws: `JournalError`.
    /// - Complexity: One walk over all entries.
    public func removeDamaged() async throws(JournalError) -> [String] {
        guard let store = journal.projectionStore else { return [] }
        var names: [String] = []
        for (table, _) in try store.tables() where try !store.isSound(table) {
            names.append(table.name)
            try await store.remove(table)
        }
        return names
    }
}

/// How far the tables of one projection are.
public struct KeptProjection: Hashable, Sendable {
    public let name: String
    public let mark: ProjectionMark

    init(_ table: ProjectionTable, _ mark: ProjectionMark) {
        name = table.name
        self.mark = mark
    }
}

/// A projection of whatever rules.
private protocol KeptProjectionTable: Sendable {
    var table: ProjectionTable { get }
    func catchUp() async throws(EngineError<Never>) -> ProjectionMark?
    func reset() async throws(EngineError<Never>)
}

extension LiveProjection: KeptProjectionTable {}

extension ProjectionStore {
    /// Whether the entries of a table are those whose sum its mark has.
    fileprivate func isSound(_ table: ProjectionTable) throws(JournalError) -> Bool {
        var count: UInt64 = 0
        var sum: UInt64 = 0
        do throws(JournalError) {
            return try read(table) { stored throws(JournalError) in
                // One without a mark was begun anew meanwhile.
                guard let mark = stored.mark else { return true }
                try stored.forEach(inPrefix: [], from: nil, .forwards) { key, value in
                    count &+= 1
                    sum &+= EntryHash.of(key: key, value: value)
                    return .proceed
                }
                return mark.entryCount == count && mark.stateHash == sum
            }
        } catch .damaged {
            return false
        }
    }
}
