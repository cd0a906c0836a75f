public import CairnCore

/// A place in documents, and all below it: `stages.*.attempt` is that member of every stage.
public struct FieldPattern: Hashable, Sendable {
    /// The keys and indices that lead there; `*` stands for any.
    public let parts: [String]

    public init(parts: [String]) {
        self.parts = parts
    }

    /// Reads a pattern, written as a `JSONPath` is; nil where it is none.
    public init?(_ text: String) {
        guard let path = JSONPath(text) else { return nil }
        self.init(parts: path.parts)
    }

    /// Whether a path leads to the place, or to something in it.
    public func covers(_ path: JSONPath) -> Bool {
        guard path.parts.count >= parts.count else { return false }
        return zip(parts, path.parts).allSatisfy { $0 == "*" || $0.hasSameBytes(as: $1) }
    }

    public static func == (left: FieldPattern, right: FieldPattern) -> Bool {
        left.parts.map { ExactText($0) } == right.parts.map { ExactText($0) }
    }

    public func hash(into hasher: inout Hasher) {
        for part in parts { hasher.combine(bytesOf: part) }
    }
}

extension JSONPath {
    /// The path with `*` for each index, so that neighbours in a list are the same place.
    var withoutIndices: JSONPath {
        JSONPath(
            parts: parts.map { part in
                part.isEmpty || !part.utf8.allSatisfy { (48...57).contains($0) } ? part : "*"
            }
        )
    }
}

extension FieldPattern {
    /// Reads a pattern for documents of requests, whose first part is a field of ``RequestRow``.
    ///
    /// - Throws: ``FieldPatternError``.
    public init(ofRequests text: String) throws(FieldPatternError) {
        guard let pattern = FieldPattern(text), let first = pattern.parts.first else {
            throw .notAPath(text)
        }
        let names = RequestMachine.documentFields.map(\.rawValue)
        guard first == "*" || names.contains(where: { $0.hasSameBytes(as: first) }) else {
            throw .unknownField(first, near: NearNames.of(first, among: names))
        }
        self = pattern
    }
}

/// Why a text does not name a place in documents of requests.
public enum FieldPatternError: Error, Hashable, Sendable {
    case notAPath(String)
    case unknownField(String, near: [String])
}

extension FieldPatternError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAPath(let text): "'\(text)' is not a path such as stages.*.attempt"
        case .unknownField(let name, let near):
            "no field is called '\(name)'"
                + (near.isEmpty ? "" : "; near it: " + near.joined(separator: ", "))
        }
    }
}

extension RequestMachine {
    /// The fields that documents of requests have.
    static let documentFields = RequestField.allCases.filter {
        $0 != .requestID && $0 != .timeInState
    }
}
