import Testing

/// The repository's own rules, as tests: each failure says what is banned and what to use.
struct TidyTests {
    static let lineCountMax = 400
    static let testLineCountMax = 600

    @Test func `the repository is where the tests look for it`() {
        #expect(Repository.swiftFiles.count > 50, "found in \(Repository.root)")
        #expect(Repository.swiftFiles.contains { $0.path == "Tests/TidyTests/TidyTests.swift" })
    }

    @Test func `every Swift file is short enough to read at once`() {
        let findings = Repository.swiftFiles.compactMap { file -> Finding? in
            let countMax = file.isUnder(["Tests/"]) ? Self.testLineCountMax : Self.lineCountMax
            guard file.lineCount > countMax else { return nil }
            return Finding(
                path: file.path,
                line: countMax,
                advice: "\(file.lineCount) lines are banned, use at most \(countMax): split by verb"
            )
        }
        #expect(findings.count == 0, "\(findings.list)")
    }

    @Test(arguments: BannedText.all)
    func `banned text stands nowhere`(_ banned: BannedText) {
        let findings = Repository.textFiles.flatMap { banned.findings(in: $0) }
        #expect(findings.count == 0, "\(findings.list)")
    }

    @Test func `public declarations have doc comments`() {
        let documentation = Documentation(Repository.swiftFiles)
        let findings = Repository.swiftFiles.flatMap { documentation.findings(in: $0) }
        #expect(findings.count == 0, "\(findings.list)")
    }

    @Test func `comments and code are ASCII`() {
        let findings = Repository.swiftFiles.flatMap { file in
            file.lines.enumerated().filter { !$0.element.utf8.allSatisfy { $0 < 0x80 } }.map {
                Finding(
                    path: file.path,
                    line: $0.offset + 1,
                    advice: "a character beyond ASCII is banned, use ASCII or \\u{...}"
                )
            }
        }
        #expect(findings.count == 0, "\(findings.list)")
    }

    /// What may stand at the top level, and what tools leave there.
    static let topLevel: Set<String> = [
        ".ci", ".gitignore", ".swift-format", "Benchmarks", "LICENSE", "Package.resolved",
        "Package.swift", "README.md", "Sources", "Specs", "Tests",
    ]
    static let leftByTools = [".git", ".build", ".swiftpm", ".vscode", ".DS_Store"]

    @Test func `nothing unknown stands at the top level`() throws {
        let unknown = try Repository.topLevel().filter { name in
            !Self.topLevel.contains(name) && !Self.leftByTools.contains { name.hasPrefix($0) }
        }
        #expect(unknown.isEmpty, "\(unknown) is banned at the top level, use one of its folders")
    }
}
