public import CairnCore
public import CairnDomains
internal import CairnEngine
public import CairnIncident
public import CairnJournal

/// Keeps where requests stood at earlier positions, beside the journal, so that a question as of
/// one of them need not begin at the first event.
///
/// ```swift
/// let board = RequestBoard(journal)
/// try await board.catchUp()
/// let view = board.view(asOf: position)
/// let stuck = try await view.stuck(now: instant)
/// ```
public struct RequestBoard: Sendable {
    private let journal: any Journal
    private let definition: PipelineDefinition
    private let tables: RemovalTables<RequestProjection>
    private let interval: UInt64

    /// Looks at a journal; nothing is read yet.
    public init(_ journal: any Journal, definition: PipelineDefinition = .priorAuthorization) {
        self.init(journal, definition: definition, interval: RequestProjection.intervalMin)
    }

    /// Looks at a journal with another interval between checkpoints: for tests, whose journals
    /// are short.
    package init(_ journal: any Journal, definition: PipelineDefinition, interval: UInt64) {
        self.journal = journal
        self.definition = definition
        self.interval = interval
        tables = RequestProjection.tables(of: journal, definition, interval: interval)
    }

    /// Looks at the journal up to a position.
    ///
    /// - Parameter position: The last position to see; nil for all.
    /// - Returns: A view that answers by the checkpoints where they are near, and the same as one
    ///   that goes through all events.
    public func view(asOf position: Position? = nil) -> PipelineView {
        var view = PipelineView(journal, asOf: position, definition: definition)
        view.checkpoints = StoredRequests(journal: journal, interval: interval)
        return view
    }

    /// Brings the stored tables up to the journal's end, for a journal that is written to.
    ///
    /// - Throws: `IncidentError`.
    public func catchUp() async throws(IncidentError) {
        do throws(EngineError<Never>) { try await tables.current().catchUp() } catch {
            throw IncidentError(error)
        }
    }
}

extension RequestProjection {
    static func tables(
        of journal: any Journal,
        _ definition: PipelineDefinition,
        interval: UInt64 = intervalMin
    ) -> RemovalTables<RequestProjection> {
        RemovalTables(journal, of: PipelineEvent.streamKind) { removals in
            LiveProjection(
                RequestProjection(
                    pipeline: definition,
                    removals: removals,
                    interval: interval
                ),
                of: journal
            )
        }
    }
}
