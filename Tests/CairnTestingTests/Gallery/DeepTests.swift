import CairnGallery
import CairnTesting
import Foundation
import Testing

/// Bugs behind many right steps, which cases find that go on from one another.
struct DeepTests {
    @Test(arguments: DeepSubject.all)
    func `without its bug the machine passes`(subject: DeepSubject) throws {
        try subject.look(false, PropertySettings(caseCountMax: 200, seed: 1))
    }

    @Test func `a search goes on from the same places for the same seed`() throws {
        let subject = DeepSubject.all[0]
        let counts = (0..<2).map { _ in subject.caseCount(isGuided: true, seed: 4) }
        #expect(counts[0] != nil && counts[0] == counts[1])
    }

    @Test func `what was found by going on comes down to the shortest way, and is repeated`() throws
    {
        let subject = DeepSubject.all[0]
        let error = #expect(throws: PropertyError.self) {
            try subject.look(true, PropertySettings(seed: 4))
        }
        guard case .falsified(let report) = error else {
            Issue.record("it holds")
            return
        }
        #expect(report.failures.count == 1)
        #expect(report.failures[0].steps.count == subject.commandCount)
        let repeated = #expect(throws: PropertyError.self) {
            try Regression(subject.name, token: report.failures[0].token).run {
                try subject.look(true, PropertySettings())
            }
        }
        guard case .falsified = repeated else {
            Issue.record("it holds")
            return
        }
    }

    @Test func `a property that says what it came to is gone on from`() throws {
        func search(isGuided: Bool) throws {
            try check("no six ones", settings: PropertySettings(seed: 2, isGuided: isGuided)) {
                draw in
                var count = 0
                for _ in 0..<30 {
                    count = try draw(.int(in: 0...9)) == 7 ? count + 1 : 0
                    draw.come(to: count)
                    try draw.expect(count < 6)
                }
            }
        }
        try search(isGuided: false)
        #expect(throws: PropertyError.self) { try search(isGuided: true) }
    }

    @Test func `the table in the specification has every machine, and what it says is so`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try String(contentsOf: root.appending(path: "Specs/Gallery.md"), encoding: .utf8)
        let rows = file.split(separator: "\n").drop { $0 != "## Deep bugs" }.dropFirst()
            .prefix { !$0.hasPrefix("## ") }
            .filter { $0.hasPrefix("|") }.dropFirst(2)
            .map { row in
                row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            }
        #expect(rows.map { $0[0] } == DeepSubject.all.map(\.name))
        #expect(rows.map { $0[1] } == DeepSubject.all.map { "\($0.commandCount)" })
        for (row, subject) in zip(rows, DeepSubject.all) {
            #expect(row[3] == "20/20", "\(subject)")
            let most = try #require(Int(row[5]))
            for seed in 1...3 as ClosedRange<UInt64> {
                let count = subject.caseCount(isGuided: true, seed: seed)
                #expect(count.map { $0 <= most } == true, "\(subject) from seed \(seed)")
            }
        }
    }
}
