import Foundation

/// The files of this repository, as the tidy tests read them.
enum Repository {
    /// The package's folder: this file is three levels below it.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file under the source folders, in the order of their paths.
    static let swiftFiles: [SourceFile] = textFiles.filter { $0.path.hasSuffix(".swift") }

    /// Every file that people or machines read as text.
    static let textFiles: [SourceFile] = {
        let kinds = [".swift", ".c", ".h", ".md", ".json", ".pml", ".modulemap", ".sh", ".py"]
        return paths(under: ["Sources", "Tests", "Benchmarks", "Specs", ".ci"])
            .filter { path in path.hasPrefix(".ci/") || kinds.contains { path.hasSuffix($0) } }
            .compactMap { path in
                let url = root.appending(path: path)
                guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
                return SourceFile(path: path, text: text)
            }
    }()

    /// What stands at the top level.
    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    }

    private static func paths(under folders: [String]) -> [String] {
        folders.flatMap { folder in
            let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            return (found?.allObjects ?? []).compactMap { $0 as? String }
                .map { "\(folder)/\($0)" }
                .filter { !$0.contains("/.build") && !$0.contains("/.swiftpm") }
        }.sorted()
    }
}

/// One text file: its lines as they are, and its code without comments and literals.
struct SourceFile: CustomStringConvertible, Sendable {
    let path: String
    let text: String
    let lines: [Substring]
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.utf8.split(separator: Self.lineBreak, omittingEmptySubsequences: false)
            .map { Substring($0) }
        var isInLiteral = false
        code = lines.map { Self.code(of: $0, isInLiteral: &isInLiteral) }
    }

    var description: String { path }

    /// Lines of text; the empty rest after the last line break is not one.
    var lineCount: Int { lines.last?.isEmpty == true ? lines.count - 1 : lines.count }

    func isUnder(_ prefixes: [String]) -> Bool {
        prefixes.contains { path.hasPrefix($0) }
    }

    /// Leaves out line comments and what stands between quotes.
    ///
    /// Good enough for a lint: what an interpolation calls is left out, too.
    private static func code(of line: Substring, isInLiteral: inout Bool) -> String {
        let bytes = Array(line.utf8)
        if let fence = bytes.indices.first(where: { Self.hasFence(bytes, at: $0) }) {
            let wasInLiteral = isInLiteral
            let count = bytes.indices.count { Self.hasFence(bytes, at: $0) }
            if !count.isMultiple(of: 2) { isInLiteral.toggle() }
            return wasInLiteral ? "" : String(decoding: bytes[..<fence], as: UTF8.self)
        }
        if isInLiteral { return "" }
        var code: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        for (index, byte) in bytes.enumerated() {
            if isQuoted {
                if byte == quote, !isEscaped { isQuoted = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                continue
            }
            if byte == quote { isQuoted = true }
            if byte == slash, index + 1 < bytes.count, bytes[index + 1] == slash { break }
            code.append(byte)
        }
        return String(decoding: code, as: UTF8.self)
    }

    /// Whether three quotes stand here.
    private static func hasFence(_ bytes: [UInt8], at index: Int) -> Bool {
        bytes[index] == quote && index + 2 < bytes.count && bytes[index + 1] == quote
            && bytes[index + 2] == quote
    }

    private static let lineBreak = UInt8(ascii: "\n")
    private static let quote = UInt8(ascii: "\"")
    private static let slash = UInt8(ascii: "/")
}

/// A line that a rule refuses.
struct Finding: CustomStringConvertible {
    let path: String
    let line: Int
    let advice: String

    var description: String { "\(path):\(line): \(advice)" }
}

extension [Finding] {
    /// One line for each finding.
    var list: String { map(\.description).joined(separator: "\n") }
}
