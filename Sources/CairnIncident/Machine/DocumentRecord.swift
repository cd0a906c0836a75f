public import CairnCore

/// A JSON object as predicates see it, for records whose fields are known only when one is
/// looked at.
public struct DocumentRecord: Hashable, Sendable {
    public let document: JSONValue

    public init(_ document: JSONValue) {
        self.document = document
    }
}

/// The name of a member of an object; any name is one.
public struct DocumentField: PredicateField {
    public static var allCases: [DocumentField] { [] }

    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var kind: FieldKind { .document }

    public static func == (left: DocumentField, right: DocumentField) -> Bool {
        left.rawValue.hasSameBytes(as: right.rawValue)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: rawValue) }
}

extension DocumentRecord: FieldResolver {
    public func value(of field: DocumentField, at path: JSONPath) -> PredicateValue {
        let path = JSONPath(parts: [field.rawValue] + path.parts)
        return document[path].map { PredicateValue($0) } ?? .absent
    }
}
