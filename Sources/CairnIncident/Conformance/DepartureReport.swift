public import CairnCore

/// Who left the declared path: how many requests, by kind, and which ones.
public struct DepartureReport: Sendable {
    /// How many requests the question was about.
    public let requestCount: Int
    /// How many events they have.
    public let eventCount: Int
    /// How many of them show a departure that counts: of the path, or of the kinds asked for.
    public let departingCount: Int
    /// The kinds that were found: those of the path first, each time the most frequent first.
    public let totals: [DepartureTotal]
    /// The requests that departed, as many as asked for, the one with the latest departure first.
    public let requests: [DepartingRequest]
}

/// How often requests departed in one way.
public struct DepartureTotal: Hashable, Sendable {
    public let kind: DepartureKind
    /// How many requests show it.
    public let requestCount: Int
    /// How many of all requests that the question was about show it, from 0 to 1.
    public let share: Double
    /// How often it was shown.
    public let eventCount: Int
    /// When it was shown first.
    public let firstSeen: Timestamp
    /// When it was shown last.
    public let lastSeen: Timestamp
}

/// A request that departed.
public struct DepartingRequest: Hashable, Sendable {
    /// `pagw_id`.
    public let requestID: String
    /// `tenant` of its first event.
    public let tenant: String
    /// The ways in which it did, by the first of each.
    public let departures: [Departure]
}

/// One way in which a request departed, and the first place that shows it.
public struct Departure: Hashable, Sendable {
    public let kind: DepartureKind
    /// How often the request shows it.
    public let eventCount: Int
    /// Where the first event stands that shows it.
    public let position: Position
    /// `sequence_no` of that event, or its sequence where its row has none.
    public let sequenceNumber: Int64
    /// The stage of that event, with aliases resolved.
    public let stage: String
    /// `event_type` of that event.
    public let eventType: String
    /// Since when: the event's `created_at`, or when the time had passed that it may have taken.
    public let at: Timestamp
    /// The stage that was skipped first; nil for other kinds.
    public let skippedStage: String?
}
