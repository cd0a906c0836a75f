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
///
/// Where tables are kept, a board that is held on to keeps in memory where requests stood when it
/// was last asked about the journal's end, if they are at most 16,384, and goes on from there: each
/// question then costs what came since, and the open requests. Without tables each is a pass. Whatever a journal's other writers append or remove, and
/// whatever becomes of the tables, the answers are those of a view that goes through all events.
public struct RequestBoard: Sendable {
    /// Events between checkpoints, at least, where nobody says: a question folds up to so many,
    /// which is done in some milliseconds.
    public static let intervalStandard = RequestProjection.intervalMin

    private let journal: any Journal
    private let definition: PipelineDefinition
    private let tables: RemovalTables<RequestProjection>
    private let checkpoints: StoredRequests
    private let machine: PipelineMachine

    /// Looks at a journal; nothing is read yet.
    ///
    /// - Parameters:
    ///   - journal: The journal.
    ///   - definition: The rules that requests are read by.
    ///   - interval: Events between checkpoints, at least. Those of another interval are tables of
    ///     their own, which the `cairn` tool and a ``ProjectionKeeper`` do not look at, and which they
    ///     remove when they bring up theirs.
    public init(
        _ journal: any Journal,
        definition: PipelineDefinition = .priorAuthorization,
        interval: UInt64 = intervalStandard
    ) {
        self.journal = journal
        self.definition = definition
        checkpoints = StoredRequests(journal: journal, interval: interval)
        machine = PipelineMachine(definition)
        tables = RequestProjection.tables(of: journal, definition, interval: interval)
    }

    /// Looks at the journal up to a position.
    ///
    /// - Parameter position: The last position to see; nil for all.
    /// - Returns: A view that answers by the checkpoints where they are near, and the same as one
    ///   that goes through all events.
    public func view(asOf position: Position? = nil) -> PipelineView {
        var view = PipelineView(journal, asOf: position, definition: definition)
        view.checkpoints = checkpoints
        view.machine = machine
        return view
    }

    /// Where a question as of a position begins: at the last checkpoint there or before, or where
    /// the tables end.
    ///
    /// - Parameter position: The last position to see; nil for all.
    /// - Returns: The last event that is not gone through; nil where none is passed over, because
    ///   no tables are kept by these rules, or they end too far before.
    /// - Throws: `IncidentError`, of the journal.
    /// - Complexity: The requests that were open there.
    public func start(asOf position: Position? = nil) async throws(IncidentError) -> Position? {
        try await view(asOf: position).start()
    }

    /// Brings the stored tables up to the journal's end, for a journal that is written to.
    ///
    /// - Throws: `IncidentError`.
    public func catchUp() async throws(IncidentError) {
        do throws(EngineError<Never>) { try await tables.catchUp() } catch {
            throw IncidentError(error)
        }
    }
}

extension RequestProjection {
    static func tables(
        of journal: any Journal,
        _ definition: PipelineDefinition,
        interval: UInt64
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
