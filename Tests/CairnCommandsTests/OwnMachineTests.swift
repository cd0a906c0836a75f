import Cairn
import CairnTestSupport
import Foundation
import Testing

/// A machine of one's own, as the article on embedding shows it.
struct OwnMachineTests {
    @Test func `the article shows what the tests compile`() throws {
        let source = try ReadmeTests.lines(of: "Tests/CairnCommandsTests/OwnMachineSample.swift")
        let samples = source.split(separator: "// begin").dropFirst().map { part in
            Array(part.prefix { $0 != "// end" })
        }
        let shown = try ReadmeTests.blocks(
            "swift",
            of: "Sources/Cairn/Cairn.docc/Embedding.md"
        )
        #expect(samples.count == 2)
        for sample in samples { #expect(shown.contains(sample)) }
    }

    @Test func `a machine of one's own sells until nothing is left`() async throws {
        let scratch = try ScratchFolder()
        let journal = try LMDBJournal(path: scratch.path("seats"))
        defer { journal.close() }
        #expect(try await sell(60, of: "mozart", in: journal) == 60)
        #expect(try await sell(40, of: "mozart", in: journal) == 100)
        await #expect(throws: EngineError<Seats.Rejection>.refused(.soldOut)) {
            try await sell(1, of: "mozart", in: journal)
        }
        #expect(try await sell(1, of: "mahler", in: journal) == 1)
        #expect(try journal.head().lastPosition.rawValue == 3)
    }
}
