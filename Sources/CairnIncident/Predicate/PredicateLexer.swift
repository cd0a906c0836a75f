/// One word, string or sign of a predicate, and where it stands.
struct PredicateToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// A field, a keyword, a number or a word without quotes.
        case word(String)
        case string(String)
        case comparison(ComparisonOperator)
        case and, or, not
        case open, close
        case openBracket, closeBracket
        case comma
        case end
    }

    let kind: Kind
    /// The characters it covers, counted from the start of the predicate.
    let range: Range<Int>

    /// Whether it is a word that equals a keyword, in capital or small letters.
    func isKeyword(_ keyword: String) -> Bool {
        guard case .word(let word) = kind else { return false }
        return word.lowercased() == keyword
    }
}

/// `==`, `!=` and the four orders.
enum ComparisonOperator: String, Hashable, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    var isOrder: Bool { self != .equal && self != .notEqual }
}

/// Cuts a predicate into its tokens.
struct PredicateLexer {
    let text: String
    let characters: [Character]
    private var offset = 0

    init(_ text: String) {
        self.text = text
        characters = Array(text)
    }

    /// Cuts the whole text; the last token is always the end.
    mutating func tokens() throws(PredicateError) -> [PredicateToken] {
        var tokens: [PredicateToken] = []
        while true {
            while offset < characters.count, characters[offset].isWhitespace { offset += 1 }
            guard offset < characters.count else {
                tokens.append(PredicateToken(kind: .end, range: offset..<offset))
                return tokens
            }
            let start = offset
            let kind = try next()
            tokens.append(PredicateToken(kind: kind, range: start..<offset))
        }
    }

    private mutating func next() throws(PredicateError) -> PredicateToken.Kind {
        let character = characters[offset]
        if Self.isInWord(character) {
            let start = offset
            while offset < characters.count, Self.isInWord(characters[offset]) { offset += 1 }
            return .word(String(characters[start..<offset]))
        }
        if character == "'" || character == "\"" { return .string(try string(until: character)) }
        let pair = offset + 1 < characters.count ? String(characters[offset...offset + 1]) : ""
        if let kind = Self.signs[pair] {
            offset += 2
            return kind
        }
        guard let kind = Self.signs[String(character)] else {
            throw error(.unexpectedCharacter(character), at: offset)
        }
        offset += 1
        return kind
    }

    private static let signs: [String: PredicateToken.Kind] = [
        "==": .comparison(.equal), "=": .comparison(.equal), "!=": .comparison(.notEqual),
        "<>": .comparison(.notEqual), "<=": .comparison(.lessOrEqual), "<": .comparison(.less),
        ">=": .comparison(.greaterOrEqual), ">": .comparison(.greater),
        "&&": .and, "||": .or, "!": .not, "(": .open, ")": .close,
        "[": .openBracket, "]": .closeBracket, ",": .comma,
    ]

    private static func isInWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-.:/+@#%$~".contains(character)
    }

    private mutating func string(until quote: Character) throws(PredicateError) -> String {
        let start = offset
        var value = ""
        offset += 1
        while offset < characters.count {
            let character = characters[offset]
            offset += 1
            if character == quote { return value }
            guard character == "\\" else {
                value.append(character)
                continue
            }
            guard offset < characters.count else { break }
            switch characters[offset] {
            case "n": value.append("\n")
            case "t": value.append("\t")
            case "\\", "'", "\"": value.append(characters[offset])
            case let other: throw error(.unknownEscape(other), at: offset)
            }
            offset += 1
        }
        throw error(.unclosedString, at: start)
    }

    func error(_ reason: PredicateError.Reason, at offset: Int) -> PredicateError {
        PredicateError(text: text, characterOffset: offset, reason: reason)
    }
}
