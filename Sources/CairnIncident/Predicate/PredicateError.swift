/// Why a text is not a predicate, and at which character.
public struct PredicateError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        case empty
        case tooLong(characterCount: Int, characterCountMax: Int)
        case tooDeep(depthMax: Int)
        case unexpectedCharacter(Character)
        case unclosedString
        case unknownEscape(Character)
        /// Something else was needed than what stands there; nil is the end of the text.
        case expected(String, found: String?)
        case unknownField(String, near: [String])
        case noParts(field: String)
        case unknownPart(String, of: String, near: [String])
        case badPath(String)
        case wrongValue(field: String, value: String, explanation: String)
        case wrongOperator(field: String, operator: String, explanation: String)
    }

    /// The whole predicate.
    public let text: String
    /// The character at which it goes wrong, counted from 0.
    public let characterOffset: Int
    public let reason: Reason

    public init(text: String, characterOffset: Int, reason: Reason) {
        self.text = text
        self.characterOffset = characterOffset
        self.reason = reason
    }

    /// Two lines: the predicate, and under the character a caret with the reason.
    public var rendering: String {
        PointedText(text, at: characterOffset).rendering(reason.description)
    }
}

extension PredicateError: CustomStringConvertible {
    public var description: String {
        "at character \(characterOffset + 1): \(reason)"
    }
}

extension PredicateError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the predicate is empty"
        case .tooLong(let count, let max):
            "the predicate has \(count) characters; at most \(max) are possible"
        case .tooDeep(let max): "more than \(max) levels of parentheses and 'not'"
        case .unexpectedCharacter("&"): "write '&&' or 'and'"
        case .unexpectedCharacter("|"): "write '||' or 'or'"
        case .unexpectedCharacter: "no predicate has this character outside quotes"
        case .unclosedString: "the string that starts here has no closing quote"
        case .unknownEscape: "after a backslash only a quote, a backslash, n and t are possible"
        case .expected(let what, let found):
            "expected \(what), found " + (found.map { "'\($0)'" } ?? "the end")
        case .unknownField(let name, let near):
            "no field is called '\(name)'"
                + (near.isEmpty ? "" : "; near it: " + near.joined(separator: ", "))
        case .noParts(let field): "\(field) has no parts"
        case .unknownPart(let name, let field, let near):
            "\(field) has no part '\(name)'"
                + (near.isEmpty ? "" : "; near it: " + near.joined(separator: ", "))
        case .badPath(let explanation): explanation
        case .wrongValue(let field, let value, let explanation):
            "'\(value)' cannot be compared with \(field): \(explanation)"
        case .wrongOperator(let field, let name, let explanation):
            "'\(name)' does not work on \(field): \(explanation)"
        }
    }
}
