import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Real processes, really killed: what they were told is durable is there, and nothing is torn.
struct CrashTests {
    /// At least 200 kills: each is of one process, or of two that write to the same journal.
    static let roundCount = 160 * ProofScale.factor
    /// Where a machine is so busy that many a process dies before its first append, there are
    /// more rounds, up to this many.
    static let roundCountMax = 4 * roundCount
    /// A run in which next to nothing was acknowledged would prove next to nothing.
    static let acknowledgedCountMin = 1_000 * ProofScale.factor
    /// After so many rounds the next one begins a new journal, so that the checks, each of a
    /// whole journal, stay cheap however much a disk takes.
    static let journalRoundCount = 20

    @Test func `a killed writer loses nothing it acknowledged`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var numbers = SeededGenerator(seed: seed)
        let scratch = try ScratchFolder()

        var killCount = 0
        var acknowledgedCount = 0
        var said = Said()
        for round in 0..<Self.roundCountMax {
            let isProved = acknowledgedCount + said.acknowledgedCount > Self.acknowledgedCountMin
            if round >= Self.roundCount, isProved { break }
            let path = scratch.path("journal-\(round / Self.journalRoundCount)")
            if round % Self.journalRoundCount == 0 {
                acknowledgedCount += said.acknowledgedCount
                said = Said()
            }
            // A child tells the time itself: here it would write on while others are in the way.
            let lifetimes = (0..<(round % 4 == 3 ? 2 : 1)).map { _ in numbers.draw(0...90) }
            var children: [CrashChild] = []
            for (index, lifetime) in lifetimes.enumerated() {
                children.append(
                    try await CrashChild(
                        journal: path,
                        firstWriter: index * 8,
                        writerCount: 1 + round % 8,
                        lifetimeMilliseconds: Int(lifetime),
                        // The others die at any moment of a start, of a birth too.
                        livesFromAcknowledgement: round % 4 < 2
                    )
                )
            }
            let run = "seed \(seed), round \(round), \(lifetimes) ms"
            for child in children {
                #expect(try await child.end() == .signal(SIGKILL), "\(run)")
                try said.take(child.allLines())
            }
            killCount += children.count
            guard FileManager.default.fileExists(atPath: path) else { continue }
            try await JournalAudit.verify(path, said, run)
        }
        acknowledgedCount += said.acknowledgedCount
        #expect(killCount >= 200 * ProofScale.factor)
        #expect(
            acknowledgedCount > Self.acknowledgedCountMin,
            "\(acknowledgedCount) appends acknowledged in \(killCount) kills"
        )
        print("crash test: \(killCount) kills, \(acknowledgedCount) acknowledged appends")
    }
}
