internal import CairnCore
public import CairnDomains
public import CairnEngine
public import CairnJournal

/// The projections whose tables are kept beside a journal for the queries of this library.
///
/// A query takes in what came since, and stores it when it is much; doing it at the end of an
/// import saves the next query the time, and a ``ProjectionKeeper`` does it again and again.
/// Checkpoints of requests are laid by ``catchUp()`` and by that of ``RequestBoard`` alone: without
/// them a question about the past goes through the events.
public struct KeptProjections: Sendable {
    private let journal: any Journal
    private let keys: LiveProjection<ItemKeyProjection>
    private let systemEvents: LiveProjection<SystemEventProjection>
    /// Made anew where sessions or requests were removed.
    private let prompts: RemovalTables<PromptProjection>
    private let summary: RemovalTables<SummaryProjection>
    private let requests: RemovalTables<RequestProjection>

    /// Looks at a journal; nothing is read yet.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - pipeline: The rules that requests are read by.
    public init(_ journal: any Journal, pipeline: PipelineDefinition = .priorAuthorization) {
        self.init(journal, pipeline: pipeline, interval: RequestProjection.intervalMin)
    }

    /// Looks at a journal with another interval between checkpoints of requests.
    package init(_ journal: any Journal, pipeline: PipelineDefinition, interval: UInt64) {
        self.journal = journal
        keys = LiveProjection(ItemKeyProjection(), of: journal)
        systemEvents = LiveProjection(SystemEventProjection(), of: journal)
        prompts = PromptProjection.tables(of: journal)
        summary = SummaryProjection.tables(of: journal)
        requests = RequestProjection.tables(of: journal, pipeline, interval: interval)
    }

    private var all: [any KeptTables] { [keys, prompts, systemEvents, summary, requests] }

    /// Brings all tables up to the journal's end, and removes those of other rules.
    ///
    /// - Returns: How far each is, by name; those of a journal without events are not in it.
    /// - Throws: `EngineError`, of the first that fails, once the others are up to date;
    ///   `JournalError.readOnly` where nothing can be stored.
    @discardableResult
    public func catchUp() async throws(EngineError<Never>) -> [KeptProjection] {
        try await catchUp(isCancellable: false, removingFormer: true)
    }

    /// Brings all tables up to the journal's end, unless the caller is cancelled meanwhile.
    func catchUpUnlessCancelled(removingFormer: Bool) async throws(EngineError<Never>) {
        _ = try await catchUp(isCancellable: true, removingFormer: removingFormer)
    }

    private func catchUp(
        isCancellable: Bool,
        removingFormer: Bool
    ) async throws(EngineError<Never>) -> [KeptProjection] {
        var kept: [KeptProjection] = []
        var tables: [ProjectionTable] = []
        var failure: EngineError<Never>?
        for projection in all {
            // What one of them cannot read holds the others back no further.
            do throws(EngineError<Never>) {
                let (table, mark) = try await projection.bringUp(isCancellable: isCancellable)
                tables.append(table)
                if let mark { kept.append(KeptProjection(table, mark)) }
            } catch {
                failure = failure ?? error
                // Who waited for another process' write has waited for the file of all tables.
                if case .journal(.busy) = error { break }
            }
            if isCancellable, Task.isCancelled { return kept }
        }
        if removingFormer {
            do throws(JournalError) { try await journal.removeTables(otherThan: tables) } catch {
                throw .journal(error)
            }
        }
        if let failure { throw failure }
        return kept
    }

    /// Removes all tables; the next query reads the journal anew.
    ///
    /// - Throws: `EngineError`, of the first that fails, once the others are removed. A list of
    ///   removals that cannot be read is none: tables are removed whatever they leave out.
    public func reset() async throws(EngineError<Never>) {
        var failure: EngineError<Never>?
        for projection in all {
            do throws(EngineError<Never>) { try await projection.reset() } catch {
                if case .unreadable = error { continue }
                failure = failure ?? error
            }
        }
        for name in [prompts.name, summary.name, requests.name] {
            await journal.removeTables(named: name)
        }
        if let failure { throw failure }
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

/// The tables of a projection of whatever rules.
private protocol KeptTables: Sendable {
    /// Brings the tables up to the journal's end.
    func bringUp(
        isCancellable: Bool
    ) async throws(EngineError<Never>) -> (ProjectionTable, ProjectionMark?)
    func reset() async throws(EngineError<Never>)
}

extension LiveProjection: KeptTables {
    fileprivate func bringUp(
        isCancellable: Bool
    ) async throws(EngineError<Never>) -> (ProjectionTable, ProjectionMark?) {
        (table, isCancellable ? try await catchUpUnlessCancelled() : try await catchUp())
    }
}

extension RemovalTables: KeptTables {
    fileprivate func bringUp(
        isCancellable: Bool
    ) async throws(EngineError<Never>) -> (ProjectionTable, ProjectionMark?) {
        let (tables, mark) = try await catchUp(isCancellable: isCancellable)
        return (tables.table, mark)
    }

    fileprivate func reset() async throws(EngineError<Never>) { try await current().reset() }
}

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
