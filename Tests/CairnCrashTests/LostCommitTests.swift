import CairnCore
import CairnJournal
@testable import CairnLMDB
import CairnTestSupport
import Foundation
import Synchronization
import Testing

/// LMDB lets other processes in as soon as a commit has failed, before its writer hears of it.
struct LostCommitTests {
    @Test func `no view takes what was not committed for what another process appended there`()
        async throws
    {
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")
        let journal = try LMDBJournal(path: path)
        let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
        try await journal.append(event, to: try StreamID("mine/1"))
        let tail = journal.core.tail
        // As the writer leaves it while its commit is on its way: one more of the stream.
        tail.monitor.withLock {
            tail.beginCommit(after: tail.last)
            tail.active.add(
                sequence: SequenceNumber(rawValue: 2),
                of: StreamNumber(rawValue: 1),
                naming: nil,
                id: nil
            )
        }
        // A view of before knows nothing of it, and need not wait.
        let mine = try StreamID("mine/1")
        #expect(try journal.lastSequence(of: mine).rawValue == 1)

        // The commit fails; another process appends in its place.
        let other = try await CrashChild(journal: path, firstWriter: 1, writerCount: 1)
        try await eventually { try journal.head().lastPosition.rawValue >= 2 }
        try await other.kill()

        let answer = Mutex<Result<SequenceNumber, JournalError>?>(nil)
        Thread.detachNewThread {
            let found = Result { () throws(JournalError) in try journal.lastSequence(of: mine) }
            answer.withLock { $0 = found }
        }
        // A thread that does not wait has its answer.
        try await eventually {
            tail.monitor.withLock({ tail.waiterCount }) != 0 || answer.withLock({ $0 }) != nil
        }
        // The writer hears of it.
        tail.monitor.withLock {
            tail.restart(indexedUpTo: .zero)
            tail.endCommit()
        }
        try await eventually { answer.withLock({ $0 }) != nil }
        #expect(try answer.withLock { $0 }?.get().rawValue == 1)
        let report = try LMDBJournal.verify(path: path)
        #expect(report.isIntact, "\(report.damages)")
        journal.close()
    }
}
