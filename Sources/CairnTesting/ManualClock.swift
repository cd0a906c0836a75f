public import CairnCore
internal import Synchronization

/// A clock that stands still until a test moves it, forwards or backwards.
public final class ManualClock: Sendable {
    private let instant: Mutex<Timestamp>

    /// Starts a clock; by default at 2026-01-01T00:00:00Z.
    public init(at start: Timestamp = Timestamp(nanoseconds: 1_767_225_600_000_000_000)) {
        instant = Mutex(start)
    }

    /// What the clock shows.
    public var now: Timestamp { instant.withLock { $0 } }

    /// Moves the clock to an instant.
    public func set(to new: Timestamp) {
        instant.withLock { $0 = new }
    }

    /// Moves the clock by a span, which may be negative.
    public func advance(by span: TimeSpan) {
        instant.withLock { $0 = $0.adding(span) }
    }
}
