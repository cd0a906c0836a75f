/// A case told by its values: the steps in order, and what each of them draws.
///
/// It stays what it is when generators change, where a token becomes another case. What it leaves
/// open is as simple as it can be.
public struct CaseScript {
    private(set) var steps: [String] = []
    /// For each step, and for what comes before the first, the values in order.
    private var values: [[AnyObject]] = [[]]

    init() {}

    /// Adds a step with what it draws.
    ///
    /// - Parameters:
    ///   - name: The name of the rule; `command` where a machine is checked.
    ///   - values: What the step draws, in order, each of exactly the type that is drawn.
    public mutating func step<each Value>(_ name: String, _ values: repeat each Value) {
        steps.append(name)
        self.values.append([])
        for value in repeat each values { self.value(value) }
    }

    /// Adds a value: to the last step, or to what is drawn before there are any.
    public mutating func value<Value>(_ value: Value) {
        values[values.count - 1].append(ScriptValue(value))
    }

    /// The value at a place of a step.
    ///
    /// - Returns: Nil where the script says nothing.
    /// - Throws: ``CaseScriptError`` where a value of another type is drawn.
    func value<Value>(_ place: Int, ofStep step: Int) throws(CaseScriptError) -> Value? {
        guard values.indices.contains(step), values[step].indices.contains(place) else {
            return nil
        }
        guard let found = values[step][place] as? ScriptValue<Value> else {
            throw .otherType(drawn: "\(Value.self)", place: place + 1, step: step)
        }
        return found.value
    }
}

/// Tells types apart exactly, as a cast of what is inside would not.
private final class ScriptValue<Value> {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}

/// Why a ``CaseScript`` is not a case of a property any more.
public enum CaseScriptError: Error, Hashable, Sendable {
    /// A value of another type is drawn; the first step is 1, and 0 is before it.
    case otherType(drawn: String, place: Int, step: Int)
    /// No rule has the name of a step.
    case noRule(String)
}

extension CaseScriptError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .otherType(let drawn, let place, let step):
            "value \(place) of step \(step) in the script is not of the type \(drawn)"
        case .noRule(let name): "no rule is called \(name), as a step of the script is"
        }
    }
}
