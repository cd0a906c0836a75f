public import CairnCore
internal import CairnDomains

/// A column of a list of events: a field, or a part of the metadata such as
/// `metadata.diagnosisCount`.
public struct EventColumn: Hashable, Sendable {
    /// The column's heading: the text it was read from.
    public let name: String
    public let field: EventField
    /// The way into the field; without parts unless it is the metadata.
    public let path: JSONPath

    public init(_ field: EventField) {
        name = field.rawValue
        self.field = field
        path = JSONPath(parts: [])
    }

    /// Reads a column's name, as a predicate spells it.
    ///
    /// - Throws: ``PredicateError``.
    public init(_ name: String) throws(PredicateError) {
        var parser = try PredicateParser<EventField>(name)
        let reference = try parser.reference()
        guard parser.current.kind == .end else { throw parser.expected("the end of the name") }
        self.name = name
        field = reference.field
        path = reference.path
    }

    /// Reads names with commas between them.
    ///
    /// - Parameter names: The names, for example `pagw_id,metadata.diagnosisCount`.
    /// - Returns: The columns in the order given.
    /// - Throws: ``PredicateError``, for the name in which it occurs.
    public static func list(_ names: String) throws(PredicateError) -> [EventColumn] {
        var columns: [EventColumn] = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            columns.append(try EventColumn(String(name.drop(while: \.isWhitespace))))
        }
        return columns
    }
}

extension EventRow {
    /// What a column holds, as JSON: times in RFC 3339, numbers exactly, absence as null.
    public func jsonValue(of column: EventColumn) -> JSONValue {
        if column.field == .metadata {
            guard let bytes = event.metadata else { return .null }
            // What is stored was checked when it was recorded; anything else is shown as text.
            guard let whole = try? JSONValue.parse(bytes) else {
                return .string(String(decoding: bytes, as: UTF8.self))
            }
            return column.path.parts.isEmpty ? whole : whole[column.path] ?? .null
        }
        return JSONValue(value(of: column.field, at: column.path))
    }
}

extension JSONValue {
    /// A value as JSON: times in RFC 3339, spans in seconds, absence as null.
    public init(_ value: PredicateValue) {
        self =
            switch value {
            case .absent: .null
            case .boolean(let value): .bool(value)
            case .integer(let value): .number(String(value))
            case .number(let value): .number(value.canonicalText)
            case .text(let value): .string(value)
            case .time(let value): .string(value.rfc3339)
            case .span(let value): .number(value.secondsText)
            case .list(let values): .array(values.map { JSONValue($0) })
            case .names(let names): .array(names.map { .string($0) })
            }
    }
}
