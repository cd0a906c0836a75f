public import CairnCore

/// What a field of a record holds, as a predicate sees it.
public enum PredicateValue: Hashable, Sendable {
    /// There is nothing, or a JSON null: no comparison with it is true.
    case absent
    case boolean(Bool)
    /// A whole number, compared without the cost of its digits.
    case integer(Int64)
    case number(JSONNumber)
    case text(String)
    case time(Timestamp)
    case span(TimeSpan)
    /// The elements of a JSON array or of a field with several values.
    case list([PredicateValue])
    /// The member names of a JSON object.
    case names([String])

    /// A whole number, or nothing.
    public static func integer(_ value: Int64?) -> PredicateValue {
        value.map { .integer($0) } ?? .absent
    }

    /// A text, or nothing.
    public static func text(_ value: String?) -> PredicateValue {
        value.map { .text($0) } ?? .absent
    }

    /// An instant, or nothing.
    public static func time(_ value: Timestamp?) -> PredicateValue {
        value.map { .time($0) } ?? .absent
    }
}

extension PredicateValue {
    /// What JSON says; null is absence.
    public init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .absent
            case .bool(let value): .boolean(value)
            case .number(let text): JSONNumber(text).map { .number($0) } ?? .text(text)
            case .string(let text): .text(text)
            case .array(let elements): .list(elements.map { PredicateValue($0) })
            case .object(let members): .names(members.map(\.key))
            }
    }

    /// What the part of a JSON text at a path says; text that is not JSON has no parts.
    public init(json bytes: [UInt8]?, at path: JSONPath) {
        guard let bytes, let whole = try? JSONValue.parse(bytes), let part = whole[path] else {
            self = .absent
            return
        }
        self.init(part)
    }
}
