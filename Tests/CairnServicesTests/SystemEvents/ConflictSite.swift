import Cairn
import CairnTestSupport
import CairnTesting
import Synchronization
import Testing

/// A journal of either kind that says what each of its commits held.
struct ConflictSite: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case memory, lmdb
    }

    private let folder: ScratchFolder
    let journal: any Journal
    let clock = ManualClock()
    private let commits = CommitList()

    init(_ kind: Kind) throws {
        folder = try ScratchFolder()
        let clock = clock
        if kind == .memory {
            journal = MemoryJournal(clock: { clock.now })
        } else {
            var configuration = LMDBJournal.Configuration()
            configuration.clock = { clock.now }
            configuration.onCommit = commits.add
            journal = try LMDBJournal(path: folder.path("j"), configuration: configuration)
        }
    }

    /// How many events the last commit held; nil for a journal that does not say.
    var lastCommitEventCount: Int? { commits.eventCounts.last }

    /// What was recorded of system events, oldest first.
    func rows() async throws -> [SystemEventRow] {
        try await SystemEventView(journal).list(SystemEventQuery(limit: 1_000)).rows.reversed()
    }

    /// The payloads of all system events, which are conflicts.
    func conflicts() async throws -> [String] {
        try await rows().map { row in
            #expect(row.event.type == .atomicUpdateConflict)
            #expect(row.event.level == .warn)
            return row.event.payload?.description ?? ""
        }
    }

    /// Runs something that is refused, and that appends one event in one commit.
    func refused<Failure: Error & Equatable>(
        _ error: Failure,
        _ body: () async throws -> Void
    ) async throws {
        let before = try await journal.head().lastPosition
        let commitCount = commits.eventCounts.count
        await #expect(throws: error) { try await body() }
        #expect(try await journal.head().lastPosition == before.next)
        if journal is LMDBJournal {
            #expect(commits.eventCounts.dropFirst(commitCount) == [1])
        }
    }

    /// Runs something that appends as many events as it says, and none besides.
    func taken(_ eventCount: UInt64, _ body: () async throws -> Void) async throws {
        let before = try await journal.head().lastPosition.rawValue
        try await body()
        #expect(try await journal.head().lastPosition.rawValue == before + eventCount)
    }
}

final class CommitList: Sendable {
    private let facts = Mutex<[CommitFacts]>([])

    var eventCounts: [Int] { facts.withLock { $0.map(\.eventCount) } }

    func add(_ commit: CommitFacts) { facts.withLock { $0.append(commit) } }
}
