import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Real processes, really killed: what they were told is durable is there, and nothing is torn.
struct CrashTests {
    /// At least 200 kills: each is of one process, or of two that write to the same journal.
    static let roundCount = 160

    @Test func `a killed writer loses nothing it acknowledged`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var numbers = SeededGenerator(seed: seed)
        let scratch = try ScratchFolder()
        let path = scratch.path("journal")

        var killCount = 0
        var said = Said()
        for round in 0..<Self.roundCount {
            let processCount = round % 4 == 3 ? 2 : 1
            let children = try (0..<processCount).map { index in
                try CrashChild(journal: path, firstWriter: index * 8, writerCount: 1 + round % 8)
            }
            let milliseconds = numbers.draw(2...90)
            try await Task.sleep(nanoseconds: UInt64(milliseconds) * 1_000_000)
            for child in children { await child.kill() }
            for child in children { try said.take(child.allLines()) }
            killCount += processCount
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let run = "seed \(seed), round \(round), \(milliseconds) ms"
            try await JournalAudit.verify(path, said, run)
        }
        #expect(killCount >= 200)
        // A run in which next to nothing was acknowledged would prove next to nothing.
        #expect(said.acknowledgedCount > 1_000, "\(said.acknowledgedCount) appends acknowledged")
        print("crash test: \(killCount) kills, \(said.acknowledgedCount) acknowledged appends")
    }
}
