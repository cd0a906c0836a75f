public import CairnCore
public import CairnDomains

/// Which system events to list, apart from how they are found.
public struct SystemEventQuery: Hashable, Sendable {
    /// How many rows a page has where nobody says.
    public static let limitStandard = 100
    /// Most rows of a page.
    public static let limitMax = 1_000

    /// Most rows: what was asked for, but at least 1 and at most ``limitMax``.
    public let limit: Int
    /// Only events of this lead.
    public var leadID: LeadID?
    /// Only events of this level.
    public var level: SystemEventLevel?
    /// Only events of this `event_type`.
    public var type: String?
    /// The first `created_at`.
    public var since: Timestamp?
    /// The first `created_at` that is too late.
    public var until: Timestamp?
    /// The first position that is too late: where the page before ended.
    public var before: Position?

    public init(
        limit: Int = limitStandard,
        leadID: LeadID? = nil,
        level: SystemEventLevel? = nil,
        type: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        before: Position? = nil
    ) {
        self.limit = min(max(limit, 1), Self.limitMax)
        self.leadID = leadID
        self.level = level
        self.type = type
        self.since = since
        self.until = until
        self.before = before
    }

    /// Whether it leaves out events for what they are, and not only for where they stand.
    package var selects: Bool {
        leadID != nil || level != nil || type != nil || since != nil || until != nil
    }

    /// Whether an event is one of those, whatever the limit.
    public func matches(_ row: SystemEventRow) -> Bool {
        if let before, row.position >= before { return false }
        if let leadID, row.event.leadID != leadID { return false }
        if let level, row.event.level != level { return false }
        if let since, row.createdAt < since { return false }
        if let until, row.createdAt >= until { return false }
        return type.map(row.event.type.name.hasSameBytes) ?? true
    }
}

/// One row of seed 003's `system_events`, and where it stands.
public struct SystemEventRow: Hashable, Sendable {
    public let position: Position
    /// Its place among the journal's system events.
    public let sequence: SequenceNumber
    public let recordedAt: Timestamp
    /// `created_at`.
    public let createdAt: Timestamp
    public let event: SystemEvent

    public init(
        position: Position,
        sequence: SequenceNumber,
        recordedAt: Timestamp,
        createdAt: Timestamp,
        event: SystemEvent
    ) {
        self.position = position
        self.sequence = sequence
        self.recordedAt = recordedAt
        self.createdAt = createdAt
        self.event = event
    }
}

/// A part of a listing, newest first.
public struct SystemEventPage: Hashable, Sendable {
    public let rows: [SystemEventRow]
    /// What `before` is for the page that follows; nil where nothing older was left unread.
    public let next: Position?

    public init(rows: [SystemEventRow], next: Position?) {
        self.rows = rows
        self.next = next
    }
}
