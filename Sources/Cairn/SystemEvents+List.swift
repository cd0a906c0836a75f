public import CairnCore
public import CairnDomains
public import CairnIncident
public import CairnServices

extension SystemEvents {
    /// Lists system events, newest first by their positions.
    ///
    /// - Parameters:
    ///   - limit: Most rows; at least 1 and at most `SystemEventQuery.limitMax`.
    ///   - leadID: Only events of this lead.
    ///   - level: Only events of this level.
    ///   - type: Only events of this `event_type`.
    ///   - since: The first `created_at`.
    ///   - until: The first `created_at` that is too late.
    ///   - before: The first position that is too late: `next` of the page before.
    /// - Returns: The rows, and where to go on.
    /// - Throws: `IncidentError`.
    /// - Complexity: That of ``SystemEventBoard/list(_:)``; the first listing of a journal whose
    ///   tables nobody stored reads all of it.
    public func list(
        limit: Int = SystemEventQuery.limitStandard,
        leadID: LeadID? = nil,
        level: SystemEventLevel? = nil,
        type: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        before: Position? = nil
    ) async throws(IncidentError) -> SystemEventPage {
        try await board.list(
            SystemEventQuery(
                limit: limit,
                leadID: leadID,
                level: level,
                type: type,
                since: since,
                until: until,
                before: before
            )
        )
    }
}
