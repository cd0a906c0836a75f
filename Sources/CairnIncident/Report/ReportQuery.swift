public import CairnCore

/// Which requests a report is about, and when they count as stuck.
public struct ReportQuery: Sendable {
    /// Exactly these, by `pagw_id`; empty for all that the other fields let through, which are
    /// not looked at otherwise.
    public var requestIDs: [String]
    /// Whose requests: the tenant of their first event; nil for all.
    public var tenant: String?
    /// What else must hold of a request's state.
    public var predicate: Predicate<RequestRow>?
    /// How the predicate was written, for the page to say.
    public var predicateText: String?
    /// Only requests with an event created at this instant or later; nil for all.
    public var since: Timestamp?
    /// Only requests with an event created before this instant; nil for all.
    ///
    /// One event has to fit both.
    public var until: Timestamp?
    /// How long a request may rest before it counts as stuck; the seed's 15 minutes by default.
    public var olderThan: TimeSpan
    /// Whether a stage's declared deadline replaces ``olderThan``.
    public var usesDeadlines: Bool
    /// Most events that all of the requests may have.
    public var eventCountMax: Int

    public init(
        requestIDs: [String] = [],
        tenant: String? = nil,
        predicate: Predicate<RequestRow>? = nil,
        predicateText: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        olderThan: TimeSpan = .seconds(900),
        usesDeadlines: Bool = false,
        eventCountMax: Int = 250_000
    ) {
        self.requestIDs = requestIDs
        self.tenant = tenant
        self.predicate = predicate
        self.predicateText = predicateText
        self.since = since
        self.until = until
        self.olderThan = olderThan
        self.usesDeadlines = usesDeadlines
        self.eventCountMax = eventCountMax
    }

    /// Whether an event created then makes its request part of the report.
    func covers(_ createdAt: Timestamp) -> Bool {
        if let since, createdAt < since { return false }
        if let until, createdAt >= until { return false }
        return true
    }
}
