internal import CairnCore
internal import CairnDomains
internal import CairnEngine
public import CairnIncident
public import CairnJournal

/// Counts requests' events by hour, tenant, stage, type and status from tables that are kept
/// beside the journal: the `event_tracker_summary` of seed 002.
///
/// The tables are caught up with the journal whenever they are asked; the first question to a
/// journal without them reads it once. The answers are those of `PipelineView.summary`, which
/// goes through the events.
public struct SummaryBoard: Sendable {
    /// How often in a row others may remove requests before the events are gone through.
    private static let attemptCountMax = 8

    private let journal: any Journal
    private let tables: SummaryTables

    /// Looks at a journal; nothing is read before the first question.
    public init(_ journal: any Journal) {
        self.journal = journal
        tables = SummaryTables(journal)
    }

    /// Whether someone has stored the tables, so that not all of the journal has to be read; they
    /// are made anew where a request was removed since.
    public var isStored: Bool { tables.isStored }

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
            for _ in 0..<Self.attemptCountMax {
                let (projection, removals) = try await tables.current()
                let (rows, position) = try await projection.read {
                    view throws(EngineError<Never>) in
                    (try view.rows(query), view.position)
                }
                // A request that was removed meanwhile must not be in the sums.
                if try await tables.removals(upTo: position) == removals { return rows }
            }
        } catch .unreadable {
            // Whoever goes through the events knows which one it is, and what is wrong with it.
        } catch {
            throw IncidentError(error)
        }
        return try await PipelineView(journal).summary(query)
    }

    /// How many bytes of metadata all events hold.
    ///
    /// - Throws: `IncidentError`.
    /// - Complexity: The groups of all hours.
    public func metadataByteCount() async throws(IncidentError) -> Int64 {
        var count: Int64 = 0
        for row in try await rows() { count &+= row.metadataByteCount }
        return count
    }

    /// Brings the stored tables up to the journal's end, for a journal that is written to.
    ///
    /// - Throws: `IncidentError`.
    public func catchUp() async throws(IncidentError) {
        do throws(EngineError<Never>) { try await tables.current().projection.catchUp() } catch {
            throw IncidentError(error)
        }
    }
}

extension ProjectionView<SummaryProjection> {
    fileprivate func rows(_ query: SummaryQuery) throws(Failure) -> [SummaryRow] {
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
        var groups: [UInt64: SummaryGroup] = [:]
        var rows: [SummaryRow] = []
        for (hour, number, totals) in found {
            if groups[number] == nil, case .words(let group)? = try value(of: .words(number)) {
                groups[number] = group
            }
            guard let group = groups[number], query.matches(group) else { continue }
            rows.append(SummaryRow(hour, group, totals))
        }
        return SummaryRow.sorted(rows)
    }
}
