internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal
internal import Synchronization

/// A projection whose rules leave out what was removed: with each removal its tables are made anew.
///
/// Not every table can take something out again, as one that holds the greatest of some numbers;
/// and removals are rare.
final class RemovalTables<Rules: Projection>: Sendable {
    typealias Table = LiveProjection<Rules>

    /// How often in a row others may remove something before a question gives up.
    private static var attemptCountMax: Int { 8 }

    private let journal: any Journal
    private let kind: StreamKind
    /// Makes the tables where the rules' type is known, so that they are compiled for it.
    private let make: @Sendable (StreamRemovals) -> Table
    private let known: Mutex<Known>

    private struct Known {
        let removals: StreamRemovals
        let table: Table
        /// Whether others made before may hold what was removed since.
        var hasFormer = false
        /// Whether the list of removals was ever read.
        var hasLooked = false
        /// A position up to which there are no other removals; nil as long as nobody looked.
        var position: Position?
    }

    init(
        _ journal: any Journal,
        of kind: StreamKind,
        _ make: @escaping @Sendable (StreamRemovals) -> Table
    ) {
        self.journal = journal
        self.kind = kind
        self.make = make
        let none = StreamRemovals()
        known = Mutex(Known(removals: none, table: make(none)))
    }

    /// What the tables are kept under, whatever was removed.
    var name: String { known.withLock { $0.table.table.name } }

    /// Whether any tables of the projection are kept, whatever was removed when they were made.
    var isStored: Bool {
        let name = name
        guard let tables = try? journal.projectionStore?.tables() else { return false }
        return tables.contains { $0.table.name == name }
    }

    /// The tables that leave out what is removed now.
    func current() async throws(EngineError<Never>) -> Table {
        let removals = try await removals()
        return known.withLock { known in
            if known.removals != removals {
                // What a process finds at its start others have met before it.
                let hasFormer = known.hasFormer || known.hasLooked
                known = Known(removals: removals, table: make(removals), hasFormer: hasFormer)
            }
            known.hasLooked = true
            return known.table
        }
    }

    /// Brings the tables up to the journal's end, and stores them.
    ///
    /// Whoever removes something removes the tables that are stored then. Those that were on their
    /// way meanwhile are found here to be of no use, and are removed as well; so is, with a removal
    /// that came since this was asked last, whatever is stored under the name: who removed
    /// something may have ended before the tables were gone.
    ///
    /// - Parameter isCancellable: Whether a caller that is cancelled wants to wait no longer.
    /// - Returns: The tables, and how far they are; nil for that where the journal has no events,
    ///   or the caller was cancelled.
    /// - Throws: `EngineError`, of a list of removals that cannot be read as well.
    @discardableResult
    func catchUp(
        isCancellable: Bool = false
    ) async throws(EngineError<Never>) -> (table: Table, mark: ProjectionMark?) {
        for _ in 0..<Self.attemptCountMax {
            let table = try await current()
            try await removeFormer(than: table)
            let mark =
                isCancellable
                ? try await table.catchUpUnlessCancelled() : try await table.catchUp()
            guard try await current() !== table else { return (table, mark) }
            try await table.reset()
        }
        throw .journal(.busy(path: "the tables of the projection \(name)"))
    }

    /// Removes all other tables of the name after something was removed.
    private func removeFormer(than table: Table) async throws(EngineError<Never>) {
        guard known.withLock({ $0.hasFormer }) else { return }
        do throws(JournalError) {
            try await journal.removeTables(otherThan: [table.table])
        } catch {
            throw .journal(error)
        }
        known.withLock { known in
            if known.table === table { known.hasFormer = false }
        }
    }

    /// Asks the tables that leave out what is removed at the position that they are at.
    ///
    /// - Returns: What the query answers; nil where things are removed again and again.
    /// - Complexity: What the query costs; a look at where the list of removals ends where the
    ///   journal went on since the last one, and a read of the list where that did.
    func read<Answer: Sendable>(
        _ kind: QueryKind = .inOrder,
        _ query: @Sendable (ProjectionView<Rules>) throws(EngineError<Never>) -> Answer
    ) async throws(EngineError<Never>) -> Answer? {
        for _ in 0..<Self.attemptCountMax {
            let asked = known.withLock { $0.position == nil ? nil : $0.table }
            let table: Table
            if let asked { table = asked } else { table = try await current() }
            let (answer, position) = try await table.read(kind) {
                view throws(EngineError<Never>) in
                (try query(view), view.position)
            }
            // What was removed meanwhile must not be in the answer.
            if try await isExact(table, at: position) { return answer }
            // What it stored holds what was removed; it is a cache, and others have their own.
            if try await current() !== table { try? await table.reset() }
        }
        return nil
    }

    /// Whether some tables leave out what is removed at a position, and nothing else.
    private func isExact(
        _ table: Table,
        at position: Position
    ) async throws(EngineError<Never>) -> Bool {
        if known.withLock({ $0.table === table && $0.position == position }) { return true }
        let removals = try await removals(upTo: position)
        return known.withLock { known in
            guard known.table === table, known.removals == removals else {
                // The next attempt looks for itself.
                known.position = nil
                return false
            }
            known.position = position
            return true
        }
    }

    /// What is removed at a position; nil for the journal's end.
    ///
    /// Those that are known still are all of them where their list is as long as it was: one look
    /// at where it ends, whatever came to the journal's other streams meanwhile.
    private func removals(
        upTo bound: Position? = nil
    ) async throws(EngineError<Never>) -> StreamRemovals {
        let removals = known.withLock { $0.removals }
        if bound.map({ removals.listEnd.position < $0 }) ?? true {
            do throws(JournalError) {
                let kind = kind
                let list = try limited { () throws(LimitError) in
                    try Removal.truncations(of: kind)
                }
                if try await journal.lastSequence(of: list) == removals.listEnd.sequence {
                    return removals
                }
            } catch {
                throw .journal(error)
            }
        }
        do throws(IncidentError) {
            return try await StreamRemovals(of: journal, kind: kind, upTo: bound)
        } catch {
            switch error {
            case .journal(let error): throw .journal(error)
            case .unreadable(let position, let error):
                throw .unreadable(position: position, error: error)
            case .limit(let error): throw .journal(.limit(error))
            case .event, .unknownRequest, .unknownStream, .removedRequest, .tooManyEvents:
                return StreamRemovals()
            }
        }
    }
}
