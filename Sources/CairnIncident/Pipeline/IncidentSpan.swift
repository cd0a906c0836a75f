public import CairnCore

/// A stretch of time in which something went wrong, and which requests it is about.
///
/// A request belongs to it where it was under way at any moment of it: an event of it was created
/// within, or it had begun before and had not ended when the stretch began. So one that had been
/// stuck for days belongs to it, and one that ended before does not.
public struct IncidentSpan: Hashable, Sendable {
    /// The first instant of it; nil where it begins with the first event.
    public let from: Timestamp?
    /// The first instant after it; nil where it goes on to the last event.
    public let until: Timestamp?

    public init(from: Timestamp? = nil, until: Timestamp? = nil) {
        self.from = from
        self.until = until
    }

    /// Whether an event created then is within.
    public func covers(_ createdAt: Timestamp) -> Bool {
        !isAfter(createdAt) && (until.map { createdAt < $0 } ?? true)
    }

    /// Whether the stretch begins after an instant.
    func isAfter(_ instant: Timestamp) -> Bool {
        from.map { instant < $0 } ?? false
    }
}
