import CairnCore
import CairnJournal
import CairnLMDB
import CairnTestSupport
import Synchronization
import Testing

/// Reads while commits and index flushes go on.
struct ReadingBesideCommitsTests {
    /// How far the writer is.
    private final class Writing: Sendable {
        let acknowledged = Mutex<UInt64>(0)
        let isDone = Mutex(false)
    }

    /// A view begun while a commit is on its way waits for it; by then its entries may have gone to
    /// tables that only a later view sees.
    @Test func `whoever waits for a commit sees what was acknowledged before`() async throws {
        let scratch = try ScratchFolder()
        var configuration = LMDBJournal.Configuration()
        configuration.indexSegmentEventCountMax = 16
        let journal = try LMDBJournal(path: scratch.path("j"), configuration: configuration)
        defer { journal.close() }
        let stream = try StreamID("a/1")
        let writing = Writing()
        let counts = try await withThrowingTaskGroup(of: (reads: Int, stale: Int).self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var counts = (reads: 0, stale: 0)
                    while !(writing.isDone.withLock { $0 }) {
                        let before = writing.acknowledged.withLock { $0 }
                        var last: UInt64 = 0
                        try await journal.forEachEvent(of: stream, .backwards) { header, _ in
                            last = header.sequence.rawValue
                            return .stop
                        }
                        counts.reads += 1
                        // A read waits for nobody as a task does: the writer's task needs a turn.
                        await Task.yield()
                        if last < before { counts.stale += 1 }
                    }
                    return counts
                }
            }
            group.addTask {
                defer { writing.isDone.withLock { $0 = true } }
                for number in 1...400 as ClosedRange<UInt64> {
                    let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
                    try await journal.append(event, to: stream)
                    writing.acknowledged.withLock { $0 = number }
                }
                return (0, 0)
            }
            return try await group.reduce(into: (reads: 0, stale: 0)) {
                $0 = ($0.reads + $1.reads, $0.stale + $1.stale)
            }
        }
        #expect(counts.reads > 100)
        #expect(counts.stale == 0, "of \(counts.reads) reads")
    }
}
