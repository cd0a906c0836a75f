/// When two states are one: equal, and of the same bytes where there is an encoding.
struct Sameness<State: Hashable & Sendable>: Sendable {
    let encoding: (@Sendable (State) -> [UInt8])?

    init(_ encoding: (@Sendable (State) -> [UInt8])?) {
        self.encoding = encoding
    }

    /// Says how two states differ; nil where they do not.
    func difference(_ found: State, _ expected: State) -> String? {
        guard found == expected else { return "\(found) instead of \(expected)" }
        guard let encoding, encoding(found) != encoding(expected) else { return nil }
        return "\(found) is written as other bytes than its equal"
    }
}

/// Events, effects or answers: how they print, and when two are one.
enum Values {
    /// A list without the full names of its elements' types.
    static func text<Value>(_ values: [Value]) -> String {
        "[\(values.map { "\($0)" }.joined(separator: ", "))]"
    }

    /// Whether two values are equal, or where their type does not say, print alike.
    static func areEqual<Value>(_ left: Value, _ right: Value) -> Bool {
        if let left = left as? any Equatable { return left.isEqual(to: right) }
        return String(reflecting: left) == String(reflecting: right)
    }

    /// Says where two lists differ; nil where they do not.
    static func difference<Value>(_ found: [Value], _ expected: [Value]) -> String? {
        guard found.count == expected.count else {
            return "\(text(found)) instead of \(text(expected))"
        }
        return zip(found, expected).first { !areEqual($0.0, $0.1) }
            .map { "\($0.0) instead of \($0.1)" }
    }
}

extension Equatable {
    fileprivate func isEqual(to other: Any) -> Bool {
        (other as? Self) == self
    }
}
