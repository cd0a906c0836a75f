import Cairn
import CairnTestSupport
import CairnTesting
import Foundation
import Testing

@testable import CairnServices

/// Keepers in several processes, which are killed in the middle of their work.
@Suite(.timeLimit(.minutes(30)))
struct KeeperProcessTests {
    private static let seed: UInt64 = 61

    private static func acts() throws -> RequestActs {
        try RequestActs(seed: seed, count: 480, isMixed: true)
    }

    /// Goes on with the acts where the journal ends, beside a keeper, until there are so many, and
    /// kills the process then.
    private static func write(to path: String, upTo count: Int) async throws {
        let acts = try acts()
        let journal = try LMDBJournal(path: path)
        let keeper = KeeperDesk().keeper(journal)
        async let _ = keeper.run()
        var start = Int(try journal.head().lastPosition.rawValue)
        while start < count {
            try await journal.append(Array(acts.appends[start..<min(start + 3, count)]))
            start += 3
        }
        kill(getpid(), SIGKILL)
    }

    @Test(arguments: [false, true])
    func `a killed writer leaves tables that answer right, also beside another keeper`(
        hasOtherKeeper: Bool
    ) async throws {
        let folder = try ScratchFolder()
        let acts = try Self.acts()
        let journal = try LMDBJournal(path: folder.path("j"))
        defer { journal.close() }
        let desk = KeeperDesk()
        let keeper = Task { if hasOtherKeeper { await desk.keeper(journal).run() } }
        let board = KeeperDesk.board(journal)
        var random = SeededGenerator(seed: Self.seed)
        /// Compares the answers as of some position with those of a journal that is cut there.
        func compare() async throws {
            let last = Int(try journal.head().lastPosition.rawValue)
            guard last > 0 else { return }
            let count = 1 + random.below(last)
            let now = RequestActs.time(count + 5)
            let found = try await board.view(asOf: Position(rawValue: UInt64(count)))
                .answers(at: now)
            let cut = PipelineView(try await acts.journal(upTo: count))
            #expect(try await found == cut.answers(at: now), "as of \(count) of \(last)")
        }
        for round in 1...4 {
            let count = acts.appends.count / 4 * round
            async let child: Void = Self.expectKill(of: folder.path("j"), count)
            for _ in 0..<4 {
                let last = try journal.head().lastPosition
                if last.rawValue < UInt64(count) { try await journal.waitForEvent(after: last) }
                try await compare()
            }
            await child
            #expect(try journal.head().lastPosition.rawValue == UInt64(count))
            try await compare()
        }
        keeper.cancel()
        await keeper.value
        #expect(desk.failedCount == 0)
        // Whoever laid them, they are those of one pass.
        let tables = KeeperDesk.tables(journal)
        let marks = try await tables.catchUp()
        #expect(try await tables.removeDamaged().isEmpty)
        try await tables.reset()
        #expect(try await KeeperDesk.tables(journal).catchUp() == marks)
        #expect(marks.map(\.name).sorted() == KeeperDesk.names)
    }

    private static func expectKill(of path: String, _ count: Int) async {
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, count = count as Int] in
            try await KeeperProcessTests.write(to: path, upTo: count)
        }
    }
}
