/// A way to make values of one type, from the simplest one up.
///
/// Generators compose, and what they make is shortened and made simpler through the choices
/// behind it: a mapped, filtered or nested generator needs no code for that, and every value that
/// a report shows is one that the generator makes.
///
/// ```swift
/// extension Generator where Value == Account {
///     static var account: Self {
///         Generator { draw in
///             let owner = try draw(.text(count: 1...20))
///             let limit = try draw(.int(in: 0...10_000))
///             return Account(owner: owner, limit: limit)
///         }
///     }
/// }
/// ```
public struct Generator<Value>: Sendable {
    let label: SpanLabel
    private let body: @Sendable (inout Draw) throws(CaseStop) -> Value

    init(
        label: SpanLabel,
        body: @escaping @Sendable (inout Draw) throws(CaseStop) -> Value
    ) {
        self.label = label
        self.body = body
    }

    /// Makes a generator out of draws from others.
    ///
    /// The body draws what it needs and depends on nothing else that may change. An error of its
    /// own fails the case.
    public init(
        fileID: String = #fileID,
        line: Int = #line,
        column: Int = #column,
        _ body: @escaping @Sendable (inout Draw) throws -> Value
    ) {
        let label = SpanLabel(fileID, line, column)
        self.init(label: label) { draw throws(CaseStop) in
            do {
                return try body(&draw)
            } catch {
                throw draw.tape.end(with: error)
            }
        }
    }

    /// Draws as a part of something else.
    func draw(_ draw: inout Draw) throws(CaseStop) -> Value {
        draw.tape.beginSpan(label)
        let value = try body(&draw)
        draw.tape.endSpan()
        return value
    }

    /// Always the same value.
    public static func constant(_ value: Value) -> Generator where Value: Sendable {
        Generator(label: SpanLabel("constant")) { (_) throws(CaseStop) in value }
    }

    /// Makes something else out of each value.
    public func map<Result>(
        _ transform: @escaping @Sendable (Value) -> Result
    ) -> Generator<Result> {
        Generator<Result>(label: SpanLabel("map").of(label)) { draw throws(CaseStop) in
            transform(try self.draw(&draw))
        }
    }

    /// Lets each value decide what is drawn next.
    public func flatMap<Result>(
        _ transform: @escaping @Sendable (Value) -> Generator<Result>
    ) -> Generator<Result> {
        Generator<Result>(label: SpanLabel("flatMap").of(label)) { draw throws(CaseStop) in
            let value = try self.draw(&draw)
            return try transform(value).draw(&draw)
        }
    }

    /// Keeps the values that satisfy a condition.
    ///
    /// - Parameters:
    ///   - attemptCountMax: How many values in a row may fail before the case is discarded.
    ///   - isIncluded: The condition. One that most values satisfy; for a rare one, make the
    ///     values so that they satisfy it.
    /// - Returns: The generator of those values.
    public func filter(
        attemptCountMax: Int = 8,
        _ isIncluded: @escaping @Sendable (Value) -> Bool
    ) -> Generator {
        compactMap(attemptCountMax: attemptCountMax) { isIncluded($0) ? $0 : nil }
    }

    /// Makes something else out of each value from which it can be made.
    ///
    /// - Parameters:
    ///   - attemptCountMax: How many values in a row may fail before the case is discarded.
    ///   - transform: Nil, or an error, where nothing can be made of a value.
    /// - Returns: The generator of what was made.
    public func compactMap<Result>(
        attemptCountMax: Int = 8,
        _ transform: @escaping @Sendable (Value) throws -> Result?
    ) -> Generator<Result> {
        Generator<Result>(label: SpanLabel("filter").of(label)) { draw throws(CaseStop) in
            let tape = draw.tape
            for _ in 0..<attemptCountMax {
                tape.beginSpan(SpanLabel("attempt"))
                let value = try self.draw(&draw)
                let result = try? transform(value)
                tape.endSpan(isDiscarded: result == nil)
                if let result { return result }
            }
            throw tape.end(.filter)
        }
    }
}
