internal import CairnCore
internal import CairnDomains
internal import CairnEngine
public import CairnIncident
public import CairnJournal

/// Lists system events by level, type, lead and time from tables that are kept beside the journal
/// (seed 003).
///
/// The tables are caught up with the journal whenever they are asked; the first question to a
/// journal without them reads it once. They say where the events stand, and only the events of
/// the page are read. The answers are those of `SystemEventView`, which goes through the events.
public struct SystemEventBoard: Sendable {
    private let journal: any Journal
    private let projection: LiveProjection<SystemEventProjection>

    /// Looks at a journal; nothing is read before the first question.
    public init(_ journal: any Journal) {
        self.journal = journal
        projection = LiveProjection(SystemEventProjection(), of: journal)
    }

    /// Whether someone has stored the tables, so that not all of the journal has to be read.
    public var isStored: Bool { journal.hasStored(projection.table) }

    /// Whether going on from the stored tables is the cheaper way to one answer, as against going
    /// through the events: what came since they were stored is at most 65,536 events, or
    /// as many as there are system events.
    ///
    /// - Throws: `IncidentError`.
    public func isNear() async throws(IncidentError) -> Bool {
        do throws(JournalError) {
            let stream = try limited { () throws(LimitError) in try SystemEvent.stream() }
            let count = try await journal.lastSequence(of: stream).rawValue
            return try await journal.hasStored(projection.table, behindByAtMost: count)
        } catch {
            throw .journal(error)
        }
    }

    /// Lists system events, newest first by their positions.
    ///
    /// - Parameter query: Which, and how many.
    /// - Returns: The rows, and where to go on.
    /// - Throws: `IncidentError`.
    /// - Complexity: The rows, and about as much for finding them; with a lead, its events or those
    ///   of the level and type from the cursor on, whichever is less; where instants do not rise
    ///   with positions and few of them are asked for, an entry for each 1,024 positions.
    public func list(
        _ query: SystemEventQuery = SystemEventQuery()
    ) async throws(IncidentError) -> SystemEventPage {
        let view = SystemEventView(journal)
        // The stream backwards is what is asked for.
        guard query.selects else { return try await view.list(query) }
        var rows: [SystemEventRow] = []
        var end = query.before?.previous ?? Position(rawValue: .max)
        while true {
            let hits = try await hits(query, upTo: end, limit: query.limit - rows.count)
            // Whoever goes through the events knows which one it is, and what is wrong with it.
            guard !hits.meetsUnreadable else { return try await view.list(query) }
            guard let found = try await view.rows(at: hits.positions, of: query) else {
                return try await view.list(query)
            }
            let isFull = hits.positions.count >= query.limit - rows.count
            if rows.isEmpty { rows = found } else { rows += found }
            guard isFull, let last = hits.positions.last else {
                return SystemEventPage(rows: rows, next: nil)
            }
            if rows.count >= query.limit {
                // The first of the stream has nothing before it.
                let isFirst = rows.last.map { $0.sequence.rawValue <= 1 } ?? true
                return SystemEventPage(rows: rows, next: isFirst ? nil : last)
            }
            // Some were erased; others take their places.
            end = last.previous
        }
    }

    /// Brings the stored tables up to the journal's end, for a journal that is written to.
    ///
    /// - Throws: `IncidentError`.
    public func catchUp() async throws(IncidentError) {
        do throws(EngineError<Never>) { try await projection.catchUp() } catch {
            throw IncidentError(error)
        }
    }

    private func hits(
        _ query: SystemEventQuery,
        upTo end: Position,
        limit: Int
    ) async throws(IncidentError) -> SystemEventHits {
        do throws(EngineError<Never>) {
            return try await projection.read { view throws(EngineError<Never>) in
                try view.hits(query, upTo: end, limit: limit)
            }
        } catch {
            throw IncidentError(error)
        }
    }
}

extension IncidentError {
    init(_ error: EngineError<Never>) {
        switch error {
        case .journal(let error): self = .journal(error)
        case .unreadable(let position, let error): self = .unreadable(position: position, error)
        }
    }
}
