import Foundation

/// What `Specs/Laws.md` says, and what is wrong with it.
struct LawList {
    struct Entry {
        let number: String
        let name: String
        var statement = ""
        var calls: [String] = []
        var tests: [String] = []
    }

    private(set) var entries: [Entry] = []

    /// Reads headings such as `### 2.3 checkpoint equivalence` and the lists below them.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                let words = line.split(separator: " ", maxSplits: 2)
                guard words.count == 3, words[0] == "###" else { continue }
                entries.append(Entry(number: String(words[1]), name: String(words[2])))
            } else if let entry = entries.indices.last {
                let quoted = line.split(separator: "`", omittingEmptySubsequences: false)
                if line.hasPrefix("- call: `Laws."), quoted.count == 3 {
                    entries[entry].calls.append(
                        String(quoted[1].dropFirst(5).prefix { $0 != "(" })
                    )
                } else if line.hasPrefix("- test: `"), quoted.count == 3 {
                    entries[entry].tests.append(String(quoted[1]))
                } else if entries[entry].statement.isEmpty, !line.hasPrefix("- ") {
                    entries[entry].statement = String(line)
                }
            }
        }
    }

    /// Laws without a test, tests that are nowhere, calls that are missing on either side, and
    /// numbers that do not follow each other.
    func findings(tests: Set<String>, calls: Set<String>) -> [String] {
        var findings: [String] = []
        var last = (chapter: 0, place: 0)
        for entry in entries {
            let parts = entry.number.split(separator: ".").compactMap { Int($0) }
            if parts.count == 2 {
                let isNext = parts == [last.chapter, last.place + 1]
                if !isNext, parts[0] <= last.chapter || parts[1] != 1 {
                    findings.append("law \(entry.number) does not follow \(last)")
                }
                last = (parts[0], parts[1])
            } else {
                findings.append("'\(entry.number)' is no number of a law")
            }
            if entry.statement.isEmpty { findings.append("law \(entry.number) says nothing") }
            if entry.tests.isEmpty { findings.append("law \(entry.number) names no test") }
            for test in entry.tests where !tests.contains(test) {
                findings.append("law \(entry.number) names the test '\(test)', which is not there")
            }
            for call in entry.calls where !calls.contains(call) {
                findings.append("law \(entry.number) names the call '\(call)', which is not there")
            }
        }
        let listed = Set(entries.flatMap(\.calls))
        findings += calls.subtracting(listed).sorted().map { "the call '\($0)' is not listed" }
        return findings
    }
}

/// The repository's sources, as far as the list of laws speaks of them.
enum LawSources {
    /// The package's folder: this file is four levels below it.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func list() throws -> LawList {
        LawList(try String(contentsOf: root.appending(path: "Specs/Laws.md"), encoding: .utf8))
    }

    /// The names of all tests and of all checks of the journals' contract.
    static func tests() -> Set<String> {
        var names: Set<String> = []
        for text in swiftTexts(under: "Tests") {
            names.formUnion(text.matches(of: /func `([^`]+)`/).map { String($0.1) })
        }
        for text in swiftTexts(under: "Sources/CairnTesting/Contract") {
            let checks = text.matches(of: /ContractCheck\(\s*"([^"]+)"/)
            names.formUnion(checks.map { String($0.1) })
        }
        return names
    }

    /// The names of the public calls that ask a law.
    static func calls() -> Set<String> {
        var names: Set<String> = []
        for text in swiftTexts(under: "Sources/CairnTesting/Laws") {
            names.formUnion(text.matches(of: /public static func (\w+)/).map { String($0.1) })
        }
        return names
    }

    private static func swiftTexts(under folder: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
        return (found?.allObjects ?? []).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }
            .compactMap { path in
                let url = root.appending(path: folder).appending(path: path)
                return try? String(contentsOf: url, encoding: .utf8)
            }
    }
}
