import CairnTestSupport
import CairnTesting
import Foundation
import Testing

/// Writers that are stopped wherever they are, and go on, or are killed as they stand.
struct PausedWriterTests {
    static let roundCount = 16 * ProofScale.factor
    /// Where a machine is so busy that next to nothing is acknowledged, there are more rounds, up
    /// to this many.
    static let roundCountMax = 4 * roundCount
    /// A run in which next to nothing was acknowledged would prove next to nothing.
    static let acknowledgedCountMin = 200 * ProofScale.factor
    static let journalRoundCount = 4
    static let pauseCount = 6

    @Test(.timeLimit(.minutes(30 * ProofScale.factor)))
    func `two writers that are paused and killed at random lose nothing`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        var numbers = SeededGenerator(seed: seed)
        let scratch = try ScratchFolder()
        var said = Said()
        var acknowledgedCount = 0
        for round in 0..<Self.roundCountMax {
            let isProved = acknowledgedCount + said.acknowledgedCount > Self.acknowledgedCountMin
            if round >= Self.roundCount, isProved { break }
            let path = scratch.path("journal-\(round / Self.journalRoundCount)")
            if round % Self.journalRoundCount == 0 {
                acknowledgedCount += said.acknowledgedCount
                said = Said()
            }
            let run = "seed \(seed), round \(round)"
            var children: [CrashChild] = []
            for index in 0..<2 {
                let child = try await CrashChild(
                    journal: path,
                    firstWriter: index * 8,
                    writerCount: 1 + round % 4
                )
                children.append(child)
            }
            for child in children { try await child.waitForLines(1) }
            for pause in 0..<Self.pauseCount {
                let stopped = Int(numbers.draw(0...1))
                let other = children[1 - stopped]
                try await children[stopped].stop()
                // The other one goes on, unless the stopped one has LMDB's lock.
                let count = try other.allLines().count + Int(numbers.draw(0...12))
                try await other.waitForLines(count, turnCountMax: 20)
                // The last pause of every other round ends with a kill.
                if pause + 1 < Self.pauseCount || round % 2 == 0 {
                    children[stopped].resume()
                    let own = try children[stopped].allLines().count
                    try await children[stopped].waitForLines(
                        own + Int(numbers.draw(0...4)),
                        turnCountMax: 50
                    )
                } else {
                    try await children[stopped].kill()
                    // Whoever waits for the lock gets it now.
                    try await other.waitForLines(try other.allLines().count + 2)
                }
            }
            for child in children {
                try await child.kill()
                try said.take(child.allLines())
            }
            #expect(said.errors.isEmpty, "\(run): \(said.errors)")
            try await JournalAudit.verify(path, said, run)
        }
        acknowledgedCount += said.acknowledgedCount
        #expect(
            acknowledgedCount > Self.acknowledgedCountMin,
            "\(acknowledgedCount) appends acknowledged"
        )
        print("paused writers: \(acknowledgedCount) acknowledged appends")
    }
}
