public import CairnCore

/// A record that predicates can test: it names its fields and says what they hold.
public protocol FieldResolver {
    /// The fields a predicate over such records may name.
    associatedtype Field: PredicateField

    /// What a field holds.
    ///
    /// - Parameters:
    ///   - field: One of the record's fields.
    ///   - path: The parts named after the field; without parts unless its kind is
    ///     ``FieldKind/document``.
    /// - Returns: The value, or ``PredicateValue/absent``.
    func value(of field: Field, at path: JSONPath) -> PredicateValue
}

/// The names of a kind of record's fields: an enum with one case for each.
public protocol PredicateField: CaseIterable, Hashable, RawRepresentable<String>, Sendable {
    /// What the field holds, which decides what it can be compared with.
    var kind: FieldKind { get }

    /// The spelling under which records hold a word, where a predicate may use another.
    func canonicalSpelling(of word: String) -> String

    /// The names that may follow the field and those parts of it.
    ///
    /// - Parameter parts: What stands between the field and the name.
    /// - Returns: No names where there are no further parts, and nil where any name may be one.
    func partNames(after parts: ArraySlice<String>) -> [String]?
}

extension PredicateField {
    public func canonicalSpelling(of word: String) -> String { word }

    public func partNames(after parts: ArraySlice<String>) -> [String]? { nil }
}

/// What a field holds.
public enum FieldKind: Hashable, Sendable {
    case text
    case number
    /// A number of milliseconds; spans such as `1.5s` can be compared with it too.
    case milliseconds
    case boolean
    case time
    case span
    /// JSON, or anything else whose parts are known only when a record is looked at.
    case document
}

/// A field, and the way into it, as a predicate names it.
struct FieldReference<Field: PredicateField>: Hashable, Sendable {
    let field: Field
    let path: JSONPath
}
