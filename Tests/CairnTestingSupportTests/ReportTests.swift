import CairnTesting
import CairnTestingSupport
import Testing

/// What a run of tests says about properties that do not hold.
struct ReportTests {
    private static let run = Task { try await SampleRun("FailingSamples") }

    private func run() async throws -> SampleRun { try await Self.run.value }

    /// The only issue of a sample.
    private func issue(of sample: String) async throws -> SampleRun.Issue {
        let issues = try await run().issues(of: sample)
        try #require(issues.count == 1, "\(issues)")
        return issues[0]
    }

    @Test func `every sample ran, and the run failed`() async throws {
        let run = try await run()
        #expect(run.status == 1)
        #expect(run.ended.count == 13)
    }

    @Test func `a failure is one issue with the report, at the line of the call`() async throws {
        let issue = try await issue(of: "thrown")
        #expect(issue.text.contains("not true: no number is large\n  number = 100\n  TooLarge"))
        #expect(issue.file == "CairnTestingSupportTests/FailingSamples.swift")
        #expect(issue.line == FailingSamples.thrownLine)
    }

    @Test func `the report, its diagram, its token and a test are attached`() async throws {
        let files = try #require(try await run().attachments["thrown"])
        let names = [".mmd", ".swift", ".token.txt", ".txt"].map { "no-number-is-large" + $0 }
        #expect(files.keys.sorted() == names)
        #expect(files["no-number-is-large.mmd"]?.hasPrefix("flowchart TD\n") == true)
        let report = try #require(files["no-number-is-large.txt"])
        #expect(report.hasPrefix("not true: no number is large\n  number = 100\n"))
        let token = try #require(files["no-number-is-large.token.txt"]).dropLast()
        #expect(report.contains("  repeat with: replaying: [\"\(token)\"]\n"))
        let source = try #require(files["no-number-is-large.swift"])
        #expect(source.contains("extension FailingSamples {\n"))
        #expect(source.contains("    script.value(100)  // number\n"))
        #expect(source.contains("    try await known.run { await thrown() }\n"))
    }

    @Test(arguments: ["expected", "required", "scheduled"])
    func `what a macro finds in a case fails it`(sample: String) async throws {
        let issue = try await issue(of: sample)
        #expect(issue.text.contains("not true: numbers are small\n  number = 100\n"))
        #expect(issue.text.contains(") < 100\n  at CairnTestingSupportTests/FailingSamples.swift:"))
        #expect(try await run().attachments[sample]?.count == 4)
    }

    @Test func `a finding is named by its own line`() async throws {
        let issue = try await issue(of: "expected")
        #expect(issue.text.contains("FailingSamples.swift:\(FailingSamples.expectedLine)\n"))
        #expect(issue.line == FailingSamples.expectedLine - 2)
    }

    @Test func `findings in different lines are different failures`() async throws {
        let issue = try await issue(of: "several failures")
        #expect(issue.text.contains("and another failure:"))
        #expect(
            try await run().attachments["several failures"]?.keys
                .contains("numbers-are-small-and-not-even-2.swift") == true
        )
    }

    @Test func `what a closure checks is shown at the line of the closure`() async throws {
        let issue = try await issue(of: "wrapped")
        #expect(issue.line == FailingSamples.wrappedLine)
        #expect(issue.text.contains("not true: nothing is drawn"))
    }

    @Test func `under a trait, what leaves the test is recorded as well`() async throws {
        let issue = try await issue(of: "left")
        #expect(issue.line == FailingSamples.leftLine)
        #expect(issue.text.contains("number = 100"))
        #expect(try await run().attachments["left"]?.count == 4)
    }

    @Test func `a search that says nothing is an issue without attachments`() async throws {
        let issue = try await issue(of: "discarded")
        #expect(issue.text.contains("not looked at: all is discarded"))
        #expect(try await run().attachments["discarded"] == nil)
    }

    @Test func `a property that is known to fail is one known issue`() async throws {
        let issue = try await issue(of: "known")
        #expect(issue.isKnown)
    }

    @Test func `what is found outside of a case is left alone`() async throws {
        let issue = try await issue(of: "outside")
        #expect(issue.text.contains("outside of the property"))
        #expect(try await run().attachments["outside"] == nil)
    }

    @Test func `a known case is one issue`() async throws {
        let issue = try await issue(of: "regression")
        #expect(issue.text.contains("not true: numbers are small\n  number = 100\n"))
    }

    @Test(arguments: ["holds", "regression that passes"])
    func `what holds leaves nothing`(sample: String) async throws {
        let run = try await run()
        #expect(run.issues(of: sample).isEmpty)
        #expect(run.attachments[sample] == nil)
    }
}
