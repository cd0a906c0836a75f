import Cairn
import CairnTesting
import Foundation
import Testing

/// The README's machine is the one that is compiled here, and its report the one that is printed.
struct ReadmeTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    private static func lines(of file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    }

    /// The first code block in a language behind the heading.
    private static func block(_ language: String) throws -> [String] {
        let readme = tests.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("README.md")
        let lines = try lines(of: readme)
        let heading = try #require(lines.firstIndex(of: "## Testing your own machine"))
        let begin = try #require(lines[heading...].firstIndex(of: "```\(language)"))
        let end = try #require(lines[begin...].firstIndex(of: "```"))
        return Array(lines[(begin + 1)..<end])
    }

    @Test func `the machine is the one that is compiled`() throws {
        let source = try Self.lines(of: Self.tests.appendingPathComponent("PropertySample.swift"))
        let begin = try #require(source.firstIndex(of: "// begin"))
        let end = try #require(source.firstIndex(of: "// end"))
        let shown = try Self.block("swift")
        #expect(shown == ["import Cairn", "import CairnTesting", ""] + source[(begin + 1)..<end])
    }

    @Test func `the report is the one that is printed`() throws {
        let error = #expect(throws: PropertyError.self) { try checkBoxOffice() }
        let shown = try Self.block("text").joined(separator: "\n")
        #expect(error?.description == shown)
    }
}
