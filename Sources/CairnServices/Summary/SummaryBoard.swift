internal import CairnCore
internal import CairnDomains
internal import CairnEngine
public import CairnIncident
public import CairnJournal
internal import Synchronization

/// Counts requests' events by hour, tenant, stage, type and status from tables that are kept
/// beside the journal: the `event_tracker_summary` of seed 002.
///
/// The tables are caught up with the journal whenever they are asked; the first question to a
/// journal without them reads it once. The answers are those of `PipelineView.summary`, which
/// goes through the events.
public struct SummaryBoard: Sendable {
    private let journal: any Journal
    private let tables: RemovalTables<SummaryProjection>
    private let known = KnownGroups()

    /// Looks at a journal; nothing is read before the first question.
    public init(_ journal: any Journal) {
        self.journal = journal
        tables = SummaryProjection.tables(of: journal)
    }

    /// Whether someone has stored the tables, so that not all of the journal has to be read; they
    /// are made anew where a request was removed since.
    public var isStored: Bool { tables.isStored }

    /// Whether going on from the stored tables is the cheaper way to one answer, as against going
    /// through the events: what came since they were stored is at most 65,536 events, or a
    /// quarter of the journal.
    ///
    /// - Throws: `IncidentError`.
    public func isNear() async throws(IncidentError) -> Bool {
        let table = try await table()
        do throws(JournalError) {
            let quarter = try await journal.head().lastPosition.rawValue / 4
            return try await journal.hasStored(table, behindByAtMost: quarter)
        } catch {
            throw .journal(error)
        }
    }

    /// How many bytes of metadata all events hold, where the stored tables lack at most 65,536
    /// events; nil where they lack more, or nobody stored them.
    ///
    /// - Throws: `IncidentError`, of an event that cannot be read as well.
    /// - Complexity: The groups of all hours, and the events that came since.
    public func metadataByteCountIfNear() async throws(IncidentError) -> Int64? {
        let table = try await table()
        do throws(JournalError) {
            guard try await journal.hasStored(table, behindByAtMost: 0) else { return nil }
        } catch {
            throw .journal(error)
        }
        return try await metadataByteCount()
    }

    /// Sums events up by hour, tenant, stage, type and status.
    ///
    /// - Parameter query: Which hours, of what.
    /// - Returns: A row for each group with events: the oldest hour first, then by tenant, stage,
    ///   type and status in the C collation.
    /// - Throws: `IncidentError`.
    /// - Complexity: The groups of the hours that are asked for, of all tenants and stages.
    public func rows(
        _ query: SummaryQuery = SummaryQuery()
    ) async throws(IncidentError) -> [SummaryRow] {
        do throws(EngineError<Never>) {
            let found = try await tables.read { view throws(EngineError<Never>) in
                try view.rows(query, known)
            }
            if let found { return found }
        } catch .unreadable {
            // Whoever goes through the events knows which one it is, and what is wrong with it.
        } catch {
            throw IncidentError(error)
        }
        return try await PipelineView(journal).summary(query)
    }

    /// The tables that leave out what is removed now.
    private func table() async throws(IncidentError) -> ProjectionTable {
        do throws(EngineError<Never>) { return try await tables.current().table } catch {
            throw IncidentError(error)
        }
    }

    /// How many bytes of metadata all events hold.
    ///
    /// - Throws: `IncidentError`.
    /// - Complexity: The groups of all hours.
    public func metadataByteCount() async throws(IncidentError) -> Int64 {
        do throws(EngineError<Never>) {
            let found = try await tables.read { view throws(EngineError<Never>) in
                var count: Int64 = 0
                try view.forEach(inPrefix: SummaryProjection.hourPrefix, from: nil) { _, value in
                    if case .totals(let totals) = value { count &+= totals.metadataByteCount }
                    return .proceed
                }
                return count
            }
            if let found { return found }
        } catch {
            throw IncidentError(error)
        }
        return try await PipelineView(journal).metadataByteCount()
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

/// The words of the groups that were looked up, by their numbers.
///
/// A number is the position of a group's first event, and stands for the same words whatever tables
/// it is found in.
private final class KnownGroups: Sendable {
    /// Most groups that are kept.
    private static let countMax = 65_536

    private let groups = Mutex<[UInt64: SummaryGroup]>([:])

    var all: [UInt64: SummaryGroup] { groups.withLock { $0 } }

    func keep(_ new: [UInt64: SummaryGroup]) {
        if new.count <= Self.countMax { groups.withLock { $0 = new } }
    }
}

extension PipelineView {
    /// How many bytes of metadata all events hold, by going through them.
    func metadataByteCount() async throws(IncidentError) -> Int64 {
        try await summary().reduce(0) { $0 &+ $1.metadataByteCount }
    }
}

extension ProjectionView<SummaryProjection> {
    fileprivate func rows(
        _ query: SummaryQuery,
        _ known: KnownGroups
    ) throws(Failure) -> [SummaryRow] {
        var found: [(hour: SummaryHour, number: UInt64, totals: SummaryTotals)] = []
        try forEach(
            inPrefix: SummaryProjection.hourPrefix,
            from: query.firstHour.map { .hour($0, 0) }
        ) { key, value in
            guard case .hour(let hour, let number) = key, case .totals(let totals) = value,
                !query.ends(before: hour)
            else { return .stop }
            found.append((hour, number, totals))
            return .proceed
        }
        var groups = known.all
        let knownCount = groups.count
        var rows: [SummaryRow] = []
        for (hour, number, totals) in found {
            if groups[number] == nil, case .words(let group)? = try value(of: .words(number)) {
                groups[number] = group
            }
            guard let group = groups[number], query.matches(group) else { continue }
            rows.append(SummaryRow(hour, group, totals))
        }
        if groups.count > knownCount { known.keep(groups) }
        return SummaryRow.sorted(rows)
    }
}
