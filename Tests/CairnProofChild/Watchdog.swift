import Foundation
import Synchronization

/// Ends a process that does not get on: what it was at is the last thing that it said.
final class Watchdog: Sendable {
    private let secondCountMax = 120
    private let count = Atomic(0)

    init() {
        Thread.detachNewThread { [self] in
            var seen = -1
            var seconds = 0
            while true {
                sleep(1)
                let now = count.load(ordering: .relaxed)
                seconds = now == seen ? seconds + 1 : 0
                seen = now
                if seconds > secondCountMax { abort() }
            }
        }
    }

    func tick() {
        count.wrappingAdd(1, ordering: .relaxed)
    }
}
