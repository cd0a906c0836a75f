import CairnCore
import Synchronization

/// A clock that stands until it is set.
final class ManualClock: Sendable {
    private let instant = Mutex(Timestamp.unixEpoch)

    var now: Timestamp { instant.withLock { $0 } }

    func set(_ now: Timestamp) {
        instant.withLock { $0 = now }
    }
}
