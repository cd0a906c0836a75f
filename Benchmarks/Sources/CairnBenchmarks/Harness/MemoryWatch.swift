import CBaselines
import Foundation
import Synchronization

/// Watches how much memory of its own the process gains, beside pages of files.
///
/// Looks every two milliseconds, on a thread of its own.
final class MemoryWatch: Sendable {
    private let start: Int
    private let highest: Mutex<Int>
    private let isOver = Atomic(false)

    init() {
        cb_return_free_memory()
        start = Self.ownByteCount()
        highest = Mutex(start)
        Thread.detachNewThread { [self] in
            while !isOver.load(ordering: .relaxed) {
                look()
                usleep(2_000)
            }
        }
    }

    private func look() {
        let now = Self.ownByteCount()
        highest.withLock { $0 = max($0, now) }
    }

    /// Ends the watch and says by how many bytes memory had grown at most.
    func end() -> UInt64 {
        isOver.store(true, ordering: .relaxed)
        look()
        return UInt64(max(0, highest.withLock { $0 } - start))
    }

    /// The kernel's `RssAnon`: heap and stacks, without the memory map of the journal.
    private static func ownByteCount() -> Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
            let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
        else { return 0 }
        return kibibytes * 1_024
    }
}
