import Glibc

/// Finds public declarations that say nothing beside their names.
///
/// Line by line. Properties and initialisers may stand bare: their names, labels and types say
/// it, inside a type that is documented. So may what a protocol asks for: its words are there.
struct Documentation {
    /// What the standard library's protocols ask for.
    private static let standardWitnesses: Set<String> = [
        "<", "==", "hash", "next", "makeAsyncIterator", "makeIterator", "Element", "Failure",
        "Iterator", "AsyncIterator", "encode", "run", "validate", "contains", "insert",
    ]

    private let witnesses: Set<String>

    init(_ files: [SourceFile]) {
        var names = Self.standardWitnesses
        for file in files
        where file.isUnder(["Sources/"]) && strstr(file.text, "protocol ") != nil {
            names.formUnion(Self.requirements(in: file))
        }
        witnesses = names
    }

    func findings(in file: SourceFile) -> [Finding] {
        guard file.isUnder(["Sources/"]) else { return [] }
        return file.lines.indices.compactMap { index in
            let line = file.code[index]
            guard strstr(line, "public") != nil || strstr(line, "open") != nil,
                let name = Self.publicName(line), !witnesses.contains(name),
                !Self.isDocumented(index, in: file)
            else { return nil }
            return Finding(
                path: file.path,
                line: index + 1,
                advice: "public \(name) without words is banned, use a doc comment (///)"
            )
        }
    }

    /// The name of a public type, function, subscript or alias that a line declares.
    private static func publicName(_ line: String) -> String? {
        let words = words(of: line)
        let isPublic = words.prefix { $0 != "func" }.contains { $0 == "public" || $0 == "open" }
        return isPublic && !words.contains("import") ? declaredName(words) : nil
    }

    private static func declaredName(_ words: [Substring]) -> String? {
        let keywords: Set<Substring> = [
            "struct", "class", "enum", "protocol", "actor", "typealias", "func", "subscript",
            "macro",
        ]
        guard let index = words.firstIndex(where: { keywords.contains($0) }) else { return nil }
        // `class` may also be a modifier, as in `class func`.
        if words[index] == "class", words.dropFirst(index + 1).first == "func" {
            return declaredName(Array(words.dropFirst(index + 1)))
        }
        if words[index] == "subscript" { return "subscript" }
        return words.dropFirst(index + 1).first.map(String.init)
    }

    /// The words of a declaration up to its parameters, so `func <` gives its operator, too.
    private static func words(of line: String) -> [Substring] {
        line.split(separator: "{", maxSplits: 1)[...].first
            .map { head in
                head.split { $0 == " " }.map { word in
                    let name = word.prefix { $0 != "(" && $0 != ":" }
                    let bare = name.prefix { $0 != "<" }
                    return bare.isEmpty ? name : bare
                }
            } ?? []
    }

    private static func isDocumented(_ index: Int, in file: SourceFile) -> Bool {
        var above = index - 1
        while above >= 0, trimmed(file.lines[above]).hasPrefix("@") { above -= 1 }
        return above >= 0 && trimmed(file.lines[above]).hasPrefix("///")
    }

    private static func trimmed(_ line: Substring) -> Substring {
        line.drop { $0 == " " }
    }

    /// The functions and associated types that a file's protocols ask for.
    private static func requirements(in file: SourceFile) -> Set<String> {
        var names: Set<String> = []
        var depth = 0
        var protocolDepth: Int?
        for line in file.code {
            let words = words(of: line)
            if protocolDepth != nil {
                let keywords: Set<Substring> = ["func", "associatedtype"]
                if let index = words.firstIndex(where: { keywords.contains($0) }),
                    index + 1 < words.count
                {
                    names.insert(String(words[index + 1]))
                }
            } else if words.contains("protocol") {
                protocolDepth = depth
            }
            depth += line.count { $0 == "{" } - line.count { $0 == "}" }
            if let outer = protocolDepth, depth <= outer, line.contains("}") {
                protocolDepth = nil
            }
        }
        return names
    }
}
