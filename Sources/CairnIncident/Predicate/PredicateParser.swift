/// Reads a predicate's tokens into a tree, and binds each name to a field.
///
/// ```text
/// any     = all { ("or" | "||") all }
/// all     = unary { ("and" | "&&") unary }
/// unary   = ("not" | "!") unary | "(" any ")" | "exists" field | test
/// test    = field [ "exists" | sign value | ["not"] "in" list | ["not"] "contains" value ]
/// list    = ("(" | "[") value { "," value } (")" | "]")
/// field   = name { "." name | "[" (number | string) "]" }
/// ```
struct PredicateParser<Field: PredicateField> {
    typealias Node = PredicateNode<Field>

    let lexer: PredicateLexer
    private let tokens: [PredicateToken]
    private var index = 0
    private var depth = 0

    init(_ text: String) throws(PredicateError) {
        var lexer = PredicateLexer(text)
        let count = lexer.characters.count
        guard count <= PredicateBounds.characterCountMax else {
            let max = PredicateBounds.characterCountMax
            throw lexer.error(.tooLong(characterCount: count, characterCountMax: max), at: max)
        }
        tokens = try lexer.tokens()
        self.lexer = lexer
    }

    /// Reads the whole predicate.
    mutating func parse() throws(PredicateError) -> Node {
        guard current.kind != .end else { throw lexer.error(.empty, at: 0) }
        let node = try any()
        guard current.kind == .end else { throw expected("'and', 'or' or the end") }
        return node
    }

    // The last token is the end, and `advance` does not go beyond it.
    var current: PredicateToken { tokens[index] }
    var following: PredicateToken { tokens[min(index + 1, tokens.count - 1)] }

    /// Where the token before the current one ends.
    var previousEnd: Int { index == 0 ? 0 : tokens[index - 1].range.upperBound }

    mutating func advance() {
        index = min(index + 1, tokens.count - 1)
    }

    func expected(_ what: String) -> PredicateError {
        lexer.error(.expected(what, found: spelling(of: current)), at: current.range.lowerBound)
    }

    func spelling(of token: PredicateToken) -> String? {
        token.kind == .end ? nil : String(lexer.characters[token.range])
    }

    private mutating func any() throws(PredicateError) -> Node {
        var nodes = [try all()]
        while current.kind == .or || current.isKeyword("or") {
            advance()
            nodes.append(try all())
        }
        return nodes.count == 1 ? nodes[0] : .any(nodes)
    }

    private mutating func all() throws(PredicateError) -> Node {
        var nodes = [try unary()]
        while current.kind == .and || current.isKeyword("and") {
            advance()
            nodes.append(try unary())
        }
        return nodes.count == 1 ? nodes[0] : .all(nodes)
    }

    private mutating func unary() throws(PredicateError) -> Node {
        guard depth < PredicateBounds.depthMax else {
            let reason = PredicateError.Reason.tooDeep(depthMax: PredicateBounds.depthMax)
            throw lexer.error(reason, at: current.range.lowerBound)
        }
        depth += 1
        defer { depth -= 1 }
        if current.kind == .not || current.isKeyword("not") {
            advance()
            return .not(try unary())
        }
        if current.kind == .open {
            advance()
            let node = try any()
            try close(.close, "')'")
            return node
        }
        if current.isKeyword("exists") { return try existsBeforeField() }
        return try test()
    }

    private mutating func existsBeforeField() throws(PredicateError) -> Node {
        advance()
        guard current.kind == .open else { return .exists(try reference()) }
        advance()
        let field = try reference()
        try close(.close, "')'")
        return .exists(field)
    }

    private mutating func close(
        _ kind: PredicateToken.Kind,
        _ name: String
    ) throws(PredicateError) {
        guard current.kind == kind else { throw expected(name) }
        advance()
    }

    private mutating func test() throws(PredicateError) -> Node {
        let field = try reference()
        let sign = current
        if case .comparison(let comparison) = sign.kind {
            advance()
            return .compare(field, comparison, try value(for: field, comparison, at: sign))
        }
        var isNegated = false
        if sign.isKeyword("not"), ["in", "contains", "exists"].contains(where: following.isKeyword)
        {
            isNegated = true
            advance()
        }
        if current.isKeyword("in") {
            advance()
            return .isIn(field, try list(for: field), isNegated: isNegated)
        }
        if current.isKeyword("contains") {
            let sign = current
            advance()
            return .contains(field, try part(for: field, at: sign), isNegated: isNegated)
        }
        if current.isKeyword("exists") {
            advance()
            return isNegated ? .not(.exists(field)) : .exists(field)
        }
        guard field.field.kind == .boolean || field.field.kind == .document else {
            throw expected("a comparison such as '==' after '\(field.field.rawValue)'")
        }
        return .isTrue(field)
    }

    private mutating func list(
        for field: FieldReference<Field>
    ) throws(PredicateError) -> [PredicateOperand] {
        let isBracket = current.kind == .openBracket
        guard isBracket || current.kind == .open else { throw expected("'(' after 'in'") }
        var operands: [PredicateOperand] = []
        repeat {
            advance()
            operands.append(try value(for: field, nil, at: current))
        } while current.kind == .comma
        try close(
            isBracket ? .closeBracket : .close,
            isBracket ? "',' or ']'" : "',' or ')'"
        )
        return operands
    }
}

/// What bounds every predicate, so that none can exhaust the stack or the memory.
enum PredicateBounds {
    static let characterCountMax = 65_536
    static let depthMax = 64
}
