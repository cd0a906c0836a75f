/// What a source file says about the functions in it that check something.
struct SourceScan {
    /// A function, and how to call it from beside it.
    struct Function: Hashable {
        var name = ""
        /// The types around it, from the outside in.
        var types: [String] = []
        var isAsync = false
        var isStatic = false
        var isMutating = false
        var isOnMainActor = false
        /// Whether it can only be reached from its own file.
        var isPrivate = false
        /// Why it cannot be called without knowing more; nil where it can.
        var obstacle: String?
    }

    /// The modules that the file imports, as they are written.
    private(set) var imports: [String] = []
    /// Modules whose internal declarations it sees.
    private(set) var openModules: Set<String> = []
    /// Each place where something is checked, with the function around it.
    private(set) var checks: [(line: Int, function: Function)] = []

    /// Types that are made without arguments, because tests in them need an object.
    private var suites: Set<[String]> = []
    private let tokens: [SourceTokens.Token]
    private var scopes: [(scope: Scope, parenthesisDepth: Int)] = []
    /// What was declared and has not begun.
    private var pending: Scope?
    /// Counted anew inside braces.
    private var parenthesisDepth = 0

    private enum Scope {
        case type(name: String, isPrivate: Bool, isGeneric: Bool)
        case function(Function)
        case other
    }

    init(_ bytes: [UInt8]) {
        tokens = SourceTokens(bytes).tokens
        for index in tokens.indices { take(index) }
    }

    /// The function that checks something at a line.
    ///
    /// Inside a macro the line may be another one, so the name decides.
    func function(named name: String, line: Int) -> Function? {
        let named = checks.filter {
            let bare = $0.function.name.filter { $0 != "`" }
            return name == bare || name.hasPrefix(bare + "(")
        }
        let exact = named.first { $0.line == line }
        let isOne = Set(named.map(\.function)).count == 1
        guard var function = exact?.function ?? (isOne ? named.first?.function : nil) else {
            return nil
        }
        if !function.types.isEmpty, !function.isStatic, !suites.contains(function.types) {
            function.obstacle = "the type around it is not known to be a suite of tests"
        }
        return function
    }

    private func text(_ index: Int) -> String {
        tokens.indices.contains(index) ? tokens[index].text : ""
    }

    private mutating func take(_ index: Int) {
        switch text(index) {
        case "(", "[": parenthesisDepth += 1
        case ")", "]": parenthesisDepth -= 1
        case "{": begin()
        case "}":
            parenthesisDepth = scopes.popLast()?.parenthesisDepth ?? 0
            // What follows a closure among the parameters belongs to what was declared.
            if parenthesisDepth == 0 { pending = nil }
        case "import" where scopes.isEmpty: takeImport(index)
        case "struct", "enum", "actor", "extension", "class": takeType(index)
        case "func": takeFunction(index)
        case "check": takeCheck(index)
        case "Laws" where text(index + 1) == ".": takeCheck(index)
        default: break
        }
    }

    private mutating func begin() {
        // A closure among the parameters is not the body.
        let isBody = parenthesisDepth == 0
        scopes.append((isBody ? pending ?? .other : .other, parenthesisDepth))
        if isBody { pending = nil }
        parenthesisDepth = 0
    }
}

extension SourceScan {
    /// Words that may stand before a declaration.
    private static let modifiers: Set<String> = [
        "public", "package", "internal", "private", "fileprivate", "open", "final", "static",
        "class", "mutating", "nonmutating", "nonisolated", "override", "isolated", "distributed",
    ]

    /// The modifiers and attributes of a declaration, last first.
    private func modifiers(before index: Int) -> Set<String> {
        var found: Set<String> = []
        var place = index - 1
        while place >= 0 {
            if Self.modifiers.contains(text(place)) {
                found.insert(text(place))
                place -= 1
                continue
            }
            var name = place
            if text(name) == ")" {
                var depth = 0
                repeat {
                    if text(name) == ")" { depth += 1 }
                    if text(name) == "(" { depth -= 1 }
                    name -= 1
                } while depth > 0 && name >= 0
            }
            while name > 1, text(name - 1) == "." { name -= 2 }
            guard name > 0, text(name - 1) == "@" || Self.modifiers.contains(text(name)) else {
                return found
            }
            if text(name - 1) == "@" { found.insert("@" + text(name)) }
            place = text(name - 1) == "@" ? name - 2 : name
        }
        return found
    }

    private mutating func takeImport(_ index: Int) {
        var name = index + 1
        let kinds: Set<String> = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
        ]
        if kinds.contains(text(name)) { name += 1 }
        let module = text(name)
        let attributes = modifiers(before: index)
        // The others say what others see of a module, which does not matter in a test.
        let isOpen = attributes.contains("@testable")
        if isOpen { openModules.insert(module) }
        let line = (isOpen ? "@testable import " : "import ") + module
        if !module.isEmpty, !imports.contains(line) { imports.append(line) }
    }

    private mutating func takeType(_ index: Int) {
        let isMember = text(index - 1) == "."
        let isModifier = Self.modifiers.contains(text(index + 1)) || text(index + 1) == "func"
        guard !isMember, !isModifier, parenthesisDepth == 0 else { return }
        var name = text(index + 1)
        var place = index + 2
        while text(place) == "." {
            name += "." + text(place + 1)
            place += 2
        }
        // `class` in a list of what a protocol asks for, and the like.
        guard let first = name.first, first.isLetter || first == "_" || first == "`" else { return }
        let modifiers = modifiers(before: index)
        pending = .type(
            name: name,
            isPrivate: !modifiers.isDisjoint(with: ["private", "fileprivate"]),
            isGeneric: text(place) == "<"
        )
    }

    private mutating func takeFunction(_ index: Int) {
        guard text(index - 1) != ".", parenthesisDepth == 0 else { return }
        var function = Function(name: text(index + 1))
        let modifiers = modifiers(before: index)
        function.isStatic = !modifiers.isDisjoint(with: ["static", "class"])
        function.isMutating = modifiers.contains("mutating")
        function.isOnMainActor = modifiers.contains("@MainActor")
        function.isPrivate = !modifiers.isDisjoint(with: ["private", "fileprivate"])
        var place = index + 2
        if text(place) == "<" {
            function.obstacle = "the function around it is generic"
            while place < tokens.count, text(place) != "(" { place += 1 }
        }
        let parameters = parameters(from: place)
        if parameters.needed > 0 { function.obstacle = "the function around it has parameters" }
        place = parameters.end
        while place < tokens.count, text(place) != "{", text(place) != "->" {
            if text(place) == "async" { function.isAsync = true }
            place += 1
        }
        for (scope, _) in scopes { add(scope, to: &function) }
        if modifiers.contains("@Test"), !function.isStatic { suites.insert(function.types) }
        pending = .function(function)
    }

    /// Adds what stands around a function.
    private func add(_ scope: Scope, to function: inout Function) {
        switch scope {
        case .type(let name, let isPrivate, let isGeneric):
            function.types.append(name)
            function.isPrivate = function.isPrivate || isPrivate
            if isGeneric { function.obstacle = "the type around it is generic" }
        case .function: function.obstacle = "the function around it lies in another one"
        case .other: function.obstacle = "the function around it lies in something unknown"
        }
    }

    /// How many parameters there are that a call has to give, and what comes behind them.
    private func parameters(from start: Int) -> (needed: Int, end: Int) {
        var depth = 0
        var needed = 0
        var isEmpty = true
        var hasDefault = false
        var place = start
        while place < tokens.count {
            switch text(place) {
            case "(", "[", "{", "<":
                if depth > 0 { isEmpty = false }
                depth += 1
            case ")", "]", "}", ">":
                depth -= 1
                if depth == 0 {
                    return (needed + (isEmpty || hasDefault ? 0 : 1), place + 1)
                }
            case "," where depth == 1:
                if !hasDefault { needed += 1 }
                hasDefault = false
                isEmpty = true
            case "=" where depth == 1: hasDefault = true
            default: isEmpty = false
            }
            place += 1
        }
        return (needed, place)
    }

    private mutating func takeCheck(_ index: Int) {
        for (scope, _) in scopes.reversed() {
            if case .function(let function) = scope {
                checks.append((tokens[index].line, function))
                return
            }
            if case .type = scope { return }
        }
    }
}
