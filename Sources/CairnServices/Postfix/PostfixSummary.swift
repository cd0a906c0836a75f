/// What the lines of a mail log said, counted as they stand there.
public struct PostfixCounts: Hashable, Sendable {
    /// Lines that were read, those of other programs included.
    public var lines = 0
    /// Deliveries that the next hop took.
    public var sent = 0
    /// Of those, the ones whose next hop is this host itself: the message goes on under another
    /// name.
    public var handedOver = 0
    /// Deliveries that are to be tried again.
    public var deferred = 0
    /// Deliveries that failed for good.
    public var bounced = 0
    /// Messages that were given up although they might have been tried again.
    public var expired = 0
    /// Recipients that were refused before there was a message to deliver.
    public var rejected = 0
    /// Deliveries of notices about other messages, which are no touches.
    public var notices = 0
    /// Messages that were let go of because too many were on their way at once; what the log says
    /// about them later hangs on no attempt.
    public var letGo = 0

    public init() {}

    mutating func add(_ status: PostfixDelivery.Status) {
        switch status {
        case .sent: sent += 1
        case .deferred, .softBounced: deferred += 1
        case .bounced: bounced += 1
        }
    }
}
