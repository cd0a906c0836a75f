import Testing

/// The rules themselves: what they catch and what they leave alone.
struct RuleTests {
    private func findings(_ text: String, path: String = "Sources/CairnCore/X.swift") -> [String] {
        let file = SourceFile(path: path, text: text)
        return BannedText.all.flatMap { $0.findings(in: file) }.map(\.description)
    }

    static let caught = [
        "let x = try! f()", "let x = y as! Z", "fatal" + "Error(\"x\")", "// TO" + "DO: later",
        "let now = Date()", "import Foundation", "Task { f() }", "let n = Int.random(in: 0...1)",
        "extension X: @unchecked Sendable {}", "let p = \"/wo" + "rk/x\"", "withUnsafeBytes(of: x)",
    ]

    @Test(arguments: caught)
    func `a banned line is found`(line: String) {
        #expect(findings(line).count == 1)
        #expect(findings("let a = 1\n" + line).allSatisfy { $0.contains("X.swift:2: ") })
    }

    static let leftAlone = [
        "/// Like `fatal" + "Error`, but typed.", "let text = \"Date()\"", "let x = try? f()",
        "struct TaskList {}", "let updateDate = 1", "updateDate()", "let isUnsafe = false",
        "let text = \"\"\"\n    Task { }\n    \"\"\"", "x as? Z", "// see https://example.org/work",
    ]

    @Test(arguments: leftAlone)
    func `a line that only looks like it is left alone`(line: String) {
        #expect(findings(line) == [])
    }

    @Test func `rules hold only in their folders`() {
        #expect(findings("import Foundation", path: "Sources/CairnServices/X.swift") == [])
        #expect(findings("let x: @unchecked Sendable", path: "Sources/CairnLMDB/X.swift") == [])
        #expect(findings("let x = try! f()", path: "Tests/XTests/X.swift") == [])
    }

    @Test func `public declarations without words are found`() {
        let text = """
            /// Words.
            public struct A {
                public let a: Int
                public init() {}
                public func bare() {}
                /// Words.
                @inlinable
                public func worded() {}
                public static func < (left: A, right: A) -> Bool { true }
                public func asked() {}
                private func open(public: Int) {}
                public subscript(index: Int) -> Int { 0 }
            }
            public enum B {}
            public import CairnCore
            protocol P {
                func asked()
            }
            public final class C: Sendable {}
            """
        let file = SourceFile(path: "Sources/CairnCore/X.swift", text: text)
        let found = Documentation([file]).findings(in: file)
        #expect(found.map(\.line) == [5, 12, 14, 19], "\(found.list)")
    }
}
