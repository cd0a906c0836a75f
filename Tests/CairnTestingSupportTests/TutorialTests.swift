import CairnTesting
import Foundation
import Testing

/// What the articles show is what is compiled here, and what it prints.
struct TutorialTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Tutorial")
    private static let articles = [
        "FindAMistake", "RulesBesideAModel", "KeepWhatFailed", "ValuesOfYourOwn",
        "CairnTestingSupport",
    ]

    private static func url(of article: String) -> URL {
        let module = article == "CairnTestingSupport" ? article : "CairnTesting"
        return tests.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("Sources/\(module)/\(module).docc/\(article).md")
    }

    private static func lines(of file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    }

    /// The code blocks of an article in a language, in order.
    private static func blocks(_ language: String, in article: String) throws -> [String] {
        var blocks: [String] = []
        var block: [String]?
        for line in try lines(of: url(of: article)) {
            if let open = block {
                if line == "```" { blocks.append(open.joined(separator: "\n")) }
                block = line == "```" ? nil : open + [line]
            } else if line == "```\(language)" {
                block = []
            }
        }
        return blocks
    }

    /// What stands between the marks of the sources, moved to the left.
    private static func regions() throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: tests.path)
        var regions: [String: String] = [:]
        for name in names where name.hasSuffix(".swift") {
            var region: (name: String, indent: Int, lines: [Substring])?
            for line in try lines(of: tests.appendingPathComponent(name)) {
                let indent = line.prefix { $0 == " " }.count
                let text = line.dropFirst(indent)
                if text.hasPrefix("// begin: ") {
                    region = (String(text.dropFirst(10)), indent, [])
                } else if text == "// end", let open = region {
                    regions[open.name] = open.lines.joined(separator: "\n")
                    region = nil
                } else if let open = region {
                    region?.lines.append(line.dropFirst(min(open.indent, indent)))
                }
            }
        }
        return regions
    }

    @Test func `all code is compiled, and all that is marked is shown once`() throws {
        let shown = try Self.articles.flatMap { try Self.blocks("swift", in: $0) }
        let compiled = try Self.regions()
        for block in shown {
            let isCompiled = compiled.values.contains(block)
            #expect(isCompiled, "\(block)")
        }
        for (name, text) in compiled {
            let count = shown.count { $0 == text }
            #expect(count == 1, "\(name)")
        }
    }

    @Test func `the first report and its diagram are what is printed`() throws {
        let error = #expect(throws: PropertyError.self) {
            try StampCardTests().`no stamp is lost`()
        }
        let shown = try Self.blocks("text", in: "FindAMistake")
        #expect(shown == [error?.description])
        let diagrams = try Self.blocks("mermaid", in: "FindAMistake")
        #expect(diagrams == [error?.mermaid?.trimmingCharacters(in: .newlines)])
    }

    @Test func `the second report is what is printed`() throws {
        let error = #expect(throws: PropertyError.self) {
            try CardDeskTests().`a desk is a dictionary`()
        }
        let shown = try Self.blocks("text", in: "RulesBesideAModel")
        #expect(shown == [error?.description])
    }

    @Test func `an exploration finds the same two steps`() {
        let error = #expect(throws: PropertyError.self) {
            try CardDeskTests().`a desk is a dictionary, whatever three steps do`()
        }
        guard case .falsified(let report) = error else { return }
        #expect(report.failures[0].steps == ["buy", "give"])
        #expect(report.failures[0].values.map(\.text) == ["\"a\"", "1", "\"a\"", "\"a\""])
    }

    @Test func `the regression test that is kept is the one that was printed`() throws {
        let error = #expect(throws: PropertyError.self) {
            try StampCardTests().`no stamp is lost`()
        }
        let source = try #require(error?.regressionSource).components(separatedBy: "\n")
            .map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
        let kept = try #require(try Self.regions()["regression"])
        #expect(source.joined(separator: "\n").contains(kept))
    }

    @Test func `the corpus is the one that a failure leaves`() throws {
        let error = #expect(throws: PropertyError.self) {
            try StampCardTests().`no stamp is lost`()
        }
        guard case .falsified(let report) = error else { return }
        let corpus = Corpus(folder: Self.tests.appendingPathComponent("Corpus").path)
        #expect(try corpus.tokens(of: "no stamp is lost") == [report.failures[0].token])
        let path = corpus.path(of: "no stamp is lost")
        let shown = try Self.blocks("text", in: "KeepWhatFailed")
        #expect(shown == [try String(contentsOfFile: path, encoding: .utf8).dropLast().description])
    }
}
