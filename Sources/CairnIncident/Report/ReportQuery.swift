public import CairnCore

/// Which requests a report is about, and when they count as stuck.
public struct ReportQuery: Sendable {
    /// Exactly these, by `pagw_id`; empty for all that the other fields let through, which are
    /// not looked at otherwise.
    public var requestIDs: [String]
    /// Whose requests: the tenant of their first event; nil for all.
    public var tenant: String?
    /// Only requests whose current event has this `status`.
    public var status: String?
    /// Only requests in this stage, under its name or an alias.
    public var stage: String?
    /// What else must hold of a request's state.
    public var predicate: Predicate<RequestRow>?
    /// How the predicate was written, for the page to say.
    public var predicateText: String?
    /// Only requests that were under way at this instant or later, as ``IncidentSpan`` has it;
    /// nil for all.
    public var since: Timestamp?
    /// Only requests that were under way before this instant; nil for all.
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
        status: String? = nil,
        stage: String? = nil,
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
        self.status = status
        self.stage = stage
        self.predicate = predicate
        self.predicateText = predicateText
        self.since = since
        self.until = until
        self.olderThan = olderThan
        self.usesDeadlines = usesDeadlines
        self.eventCountMax = eventCountMax
    }

    /// The requests that the fields let through.
    var requests: RequestQuery {
        let isOfAnyTime = since == nil && until == nil
        return RequestQuery(
            tenant: tenant,
            status: status,
            stage: stage,
            predicate: predicate,
            incident: isOfAnyTime ? nil : IncidentSpan(from: since, until: until)
        )
    }
}
