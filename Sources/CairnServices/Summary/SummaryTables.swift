internal import CairnCore
internal import CairnEngine
internal import CairnIncident
internal import CairnJournal
internal import Synchronization

/// The tables of sums by the removals that there are.
final class SummaryTables: Sendable {
    typealias Table = LiveProjection<SummaryProjection>

    private let journal: any Journal
    private let known: Mutex<Table>

    init(_ journal: any Journal) {
        self.journal = journal
        known = Mutex(LiveProjection(SummaryProjection(), of: journal))
    }

    /// Whether any tables of sums are kept, whatever was removed when they were made.
    var isStored: Bool {
        let name = known.withLock { $0.table.name }
        guard let tables = try? journal.projectionStore?.tables() else { return false }
        return tables.contains { $0.table.name == name }
    }

    /// The tables that leave out what is removed now.
    func current() async throws(EngineError<Never>) -> (
        projection: Table, removals: PipelineRemovals
    ) {
        let removals = try await removals()
        let projection = known.withLock { known in
            if known.rules.removals != removals {
                known = LiveProjection(SummaryProjection(removals: removals), of: journal)
            }
            return known
        }
        return (projection, removals)
    }

    /// What is removed up to a position; nil for all.
    func removals(
        upTo bound: Position? = nil
    ) async throws(EngineError<Never>) -> PipelineRemovals {
        do throws(IncidentError) {
            return try await PipelineRemovals(of: journal, upTo: bound)
        } catch {
            switch error {
            case .journal(let error): throw .journal(error)
            case .unreadable(let position, let error):
                throw .unreadable(position: position, error: error)
            case .limit(let error): throw .journal(.limit(error))
            case .event, .unknownRequest, .removedRequest: return PipelineRemovals()
            }
        }
    }
}
