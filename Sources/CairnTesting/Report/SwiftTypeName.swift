/// The names of types, as a source has them.
struct SwiftTypeName {
    private(set) var text = ""
    /// The modules that the name reaches into.
    private(set) var modules: Set<String> = []

    /// Types of the standard library that no one is likely to have another of.
    private static let plain: Set<String> = [
        "Array", "Bool", "Dictionary", "Double", "Float", "Int", "Int8", "Int16", "Int32", "Int64",
        "Optional", "Set", "String", "UInt", "UInt8", "UInt16", "UInt32", "UInt64",
    ]

    /// Types that laws draw, and that no one else can name.
    private static let inner = ["CairnTesting.MachineTurn<", "CairnTesting.LawAppend"]

    /// Reads the name that reflection gives, in which every type has its module.
    ///
    /// - Returns: Nil for a type that cannot be named outside the scope that it belongs to.
    init?(_ type: Any.Type, module: String) {
        var name = SwiftName.spaced(String(reflecting: type))
        while let start = name.range(of: "(extension in "),
            let end = name[start.upperBound...].range(of: "):")
        {
            name.removeSubrange(start.lowerBound..<end.upperBound)
        }
        guard !name.contains("(unknown context"), !name.contains("->"), !name.contains("__C."),
            !name.contains("@"), !name.contains("<<"),
            !Self.inner.contains(where: { name.contains($0) })
        else { return nil }
        var path = ""
        for character in name + "\n" {
            if character.isLetter || character.isNumber || "_.`".contains(character) {
                path.append(character)
                continue
            }
            text += shortened(path, module: module)
            path = ""
            if character != "\n" { text.append(character) }
        }
    }

    /// The path of a type, without its module where it needs none.
    private mutating func shortened(_ path: String, module: String) -> String {
        guard let dot = path.firstIndex(of: "."), dot != path.startIndex else { return path }
        let head = String(path[..<dot])
        let rest = String(path[path.index(after: dot)...])
        switch head {
        case module where !module.isEmpty: return rest
        case "Swift":
            if rest == "Error" { return "any Swift.Error" }
            return Self.plain.contains(rest) ? rest : path
        case "Foundation", "FoundationEssentials":
            modules.insert("Foundation")
            return "Foundation." + rest
        default:
            modules.insert(head)
            return path
        }
    }
}

extension String {
    /// Where a text stands first.
    fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }
}
