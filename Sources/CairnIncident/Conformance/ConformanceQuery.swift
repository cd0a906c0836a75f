public import CairnCore

/// Which requests to hold against their definition.
///
/// The whole history of a request is read in any case, so that none seems to lack its beginning.
public struct ConformanceQuery: Sendable {
    /// Whose requests: the tenant of their first event; nil for all.
    public var tenant: String?
    /// Only requests whose current event has this `status`.
    public var status: String?
    /// Only requests in this stage, under its name or an alias.
    public var stage: String?
    /// Only requests with an event created then or later; of departures, those since then.
    public var since: Timestamp?
    /// Only requests with an event created before; of departures, those before.
    public var until: Timestamp?
    /// What else must hold of a request's state.
    public var predicate: Predicate<RequestRow>?

    public init(
        tenant: String? = nil,
        status: String? = nil,
        stage: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        predicate: Predicate<RequestRow>? = nil
    ) {
        self.tenant = tenant
        self.status = status
        self.stage = stage
        self.since = since
        self.until = until
        self.predicate = predicate
    }

    /// What must be asked of the requests' states; nil for nothing.
    var states: RequestQuery? {
        guard status != nil || stage != nil || predicate != nil else { return nil }
        return RequestQuery(tenant: tenant, status: status, stage: stage, predicate: predicate)
    }

    /// The time that is asked about.
    var span: IncidentSpan { IncidentSpan(from: since, until: until) }
}

/// What a step of a request is called by.
public enum PathLevel: String, Hashable, Sendable, CaseIterable {
    /// The name of its stage, with aliases resolved.
    case stage
    /// Its `event_type`.
    case type
}
