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
        let part = bytes.flatMap { Self.part(of: $0, at: path) }
        self = part.map { PredicateValue($0) } ?? .absent
    }

    /// Builds no more of an object than the member that the path begins with.
    private static func part(of bytes: [UInt8], at path: JSONPath) -> JSONValue? {
        guard let key = path.parts.first,
            let fields = try? JSONScanner.topLevelRanges(in: bytes.span.bytes)
        else { return (try? JSONValue.parse(bytes))?[path] }
        guard let field = fields.last(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
            return nil
        }
        let value = try? JSONValue.parse(bytes.span.bytes.extracting(field.range))
        return value?[JSONPath(parts: Array(path.parts.dropFirst()))]
    }
}
