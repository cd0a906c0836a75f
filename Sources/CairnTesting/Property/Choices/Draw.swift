/// The hand with which a property, or a generator, draws its values.
///
/// Everything that is decided in a case comes through one: call it with a generator, and name
/// what matters, so that a report can name it, too.
///
/// ```swift
/// let account = try draw(.text(), "account")
/// let amount = try draw(.int(in: 1...1_000), "amount")
/// ```
public struct Draw: ~Copyable {
    let tape: Tape

    init(_ tape: Tape) {
        self.tape = tape
    }

    /// Draws a value.
    ///
    /// - Parameters:
    ///   - generator: Makes the value.
    ///   - name: What the value is called in a report.
    /// - Returns: The value.
    /// - Throws: ``CaseStop`` when the case cannot go on; let it pass.
    public mutating func callAsFunction<Value>(
        _ generator: Generator<Value>,
        _ name: String? = nil
    ) throws(CaseStop) -> Value {
        let start = tape.choiceCount
        tape.beginValue()
        let scripted: Value? = try tape.scriptedValue()
        let value = if let scripted { scripted } else { try generator.draw(&self) }
        try end(value, from: start, name, generator.label)
        return value
    }

    /// Draws a value that no generator makes.
    mutating func value<Value>(
        _ label: SpanLabel,
        _ name: String?,
        _ body: (inout Draw) throws(CaseStop) -> Value
    ) throws(CaseStop) -> Value {
        let start = tape.choiceCount
        tape.beginValue()
        tape.beginSpan(label)
        let scripted: Value? = try tape.scriptedValue()
        let value = if let scripted { scripted } else { try body(&self) }
        tape.endSpan()
        try end(value, from: start, name, label)
        return value
    }

    private func end<Value>(
        _ value: Value,
        from start: Int,
        _ name: String?,
        _ label: SpanLabel
    ) throws(CaseStop) {
        tape.endValue(from: start, name: name, label: label) {
            Self.text(of: value)
        } literal: { style in
            SwiftLiteral(value, style: style)
        }
        try tape.tick()
    }

    /// Goes on only where a condition holds; the case counts for nothing otherwise.
    ///
    /// A generator that makes only what is wanted is faster: a property most of whose cases are
    /// discarded fails with ``PropertyError/tooManyDiscarded(_:_:)``.
    ///
    /// - Throws: ``CaseStop`` where the condition does not hold.
    public mutating func assume(_ condition: Bool) throws(CaseStop) {
        if !condition { throw tape.end(.assumption) }
    }

    /// Says that a condition is to be true in at least one case, or the search proved nothing.
    ///
    /// A search that reaches this line and never finds the condition true fails with
    /// ``PropertyError/neverTrue(_:_:_:)``.
    public mutating func sometimes(_ condition: Bool, _ name: String) {
        tape.mark(name, condition)
    }

    /// Says what the case has come to, such as the state of what is tested.
    ///
    /// A case that comes to something new is gone on from in others, as long as
    /// ``PropertySettings/isGuided`` says so: that leads to what chance alone would hardly reach.
    /// Leave out of it whatever only counts or is different every time.
    public mutating func come(to place: some Hashable) {
        if tape.isWatched { tape.come(to: place.hashValue) }
    }

    /// Keeps a line for the report of a failure.
    public mutating func note(_ text: @autoclosure () -> String) {
        tape.note(text)
    }

    /// Fails the property unless a condition holds.
    ///
    /// Any other error that a property throws fails it as well. This one names its line, so that
    /// failures of different lines are kept apart.
    ///
    /// - Throws: ``ExpectationFailure``.
    public mutating func expect(
        _ condition: Bool,
        _ message: @autoclosure () -> String = "an expectation does not hold",
        fileID: String = #fileID,
        line: Int = #line
    ) throws(ExpectationFailure) {
        guard !condition else { return }
        throw ExpectationFailure(message: message(), location: "\(fileID):\(line)")
    }

    /// Fails the property unless two values are equal.
    ///
    /// - Throws: ``ExpectationFailure`` with both values.
    public mutating func expect<Value: Equatable>(
        _ actual: Value,
        equals expected: Value,
        _ message: @autoclosure () -> String = "two values differ",
        fileID: String = #fileID,
        line: Int = #line
    ) throws(ExpectationFailure) {
        guard actual != expected else { return }
        let words =
            "\(message()): \(Self.text(of: actual)), expected \(Self.text(of: expected))"
        throw ExpectationFailure(message: words, location: "\(fileID):\(line)")
    }

    private static func text<Value>(of value: Value) -> String {
        // Only these two do not print as they are written in a source.
        if let text = value as? String { return text.debugDescription }
        if let character = value as? Character { return character.debugDescription }
        return "\(value)"
    }
}

/// What a property's ``Draw/expect(_:_:fileID:line:)`` found not to hold.
public struct ExpectationFailure: LocatedError, Hashable, CustomStringConvertible {
    public let message: String
    public let location: String

    public var description: String { "\(message)\n  at \(location)" }
}
