import CairnTesting
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
}

/// How often, and after how many cases, the bugs are found by chance alone and by going on.
enum DeepRun {
    static let seeds: ClosedRange<UInt64> = 1...10
    static let caseCountMax = 500

    static var table: [String] {
        let rows = DeepSubject.all.map { subject in
            let cells = [false, true].flatMap { isGuided in
                let counts = seeds.map { subject.caseCount(isGuided: isGuided, seed: $0) }
                return ["\(counts.compactMap { $0 }.count)/\(counts.count)", median(counts)]
            }
            let row = [subject.name, "\(subject.commandCount)"] + cells
            return "| \(row.joined(separator: " | ")) |"
        }
        return [
            "| machine | commands | by chance | cases | guided | cases |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ] + rows
    }

    private static func median(_ counts: [Int?]) -> String {
        let middle = counts.map { $0 ?? .max }.sorted()[counts.count / 2]
        return middle == .max ? "over \(caseCountMax)" : "\(middle)"
    }
}
