/// Something that people who run the system should know: one row of seed 003's `system_events`.
///
/// Nothing is decided by it and nothing is folded from it, so it has no machine.
public struct SystemEvent: Hashable, Sendable {
    public var level: SystemEventLevel
    /// `event_type`.
    public var type: SystemEventType
    /// `lead_id`.
    public var leadID: LeadID?
    public var payload: SystemEventPayload?
    /// What else the row of a table says that it was imported from.
    public var origin: RowOrigin?

    public init(
        _ level: SystemEventLevel,
        _ type: SystemEventType,
        leadID: LeadID? = nil,
        payload: SystemEventPayload? = nil,
        origin: RowOrigin? = nil
    ) {
        self.level = level
        self.type = type
        self.leadID = leadID
        self.payload = payload
        self.origin = origin
    }
}

/// Who a system event is about, where it is about one: the `id` of a lead in the source's table.
public struct LeadID: Hashable, Sendable, RawRepresentable, ExpressibleByIntegerLiteral {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    public init(integerLiteral value: Int64) {
        self.init(rawValue: value)
    }
}

extension LeadID: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
