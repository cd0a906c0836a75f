/// One thing that can be done to what is tested: a command with what it draws and expects.
///
/// The context holds what is tested beside a model of it, and the ``Pool``s of values that
/// later steps use again.
///
/// ```swift
/// let rules: [Rule<Shelf>] = [
///     Rule("put") { shelf, draw in
///         let key = try draw.reuse(shelf.keys, or: .text(), "key")
///         shelf.keys.add(key)
///         shelf.model[key, default: 0] += 1
///         shelf.subject.put(key)
///     },
///     Rule("take", when: { !$0.keys.isEmpty }) { shelf, draw in
///         let key = try draw.pick(shelf.keys, "key")
///         try draw.expect(shelf.subject.take(key), equals: shelf.model.removeValue(forKey: key))
///     },
/// ]
/// try check("a shelf is a dictionary", startingWith: Shelf(), rules: rules)
/// ```
public struct Rule<Context>: Sendable {
    /// What the step is called in a report.
    public let name: String
    let isEnabled: @Sendable (Context) -> Bool
    let run: @Sendable (inout Context, inout Draw) throws -> Void

    /// Makes a rule that may be used wherever a condition holds.
    public init(
        _ name: String,
        when isEnabled: @escaping @Sendable (Context) -> Bool = { _ in true },
        _ run: @escaping @Sendable (inout Context, inout Draw) throws -> Void
    ) {
        self.name = name
        self.isEnabled = isEnabled
        self.run = run
    }
}

/// A ``Rule`` that waits.
public struct AsyncRule<Context>: Sendable {
    /// What the step is called in a report.
    public let name: String
    let isEnabled: @Sendable (Context) -> Bool
    let run: @Sendable (inout Context, inout Draw) async throws -> Void

    /// Makes a rule that may be used wherever a condition holds.
    public init(
        _ name: String,
        when isEnabled: @escaping @Sendable (Context) -> Bool = { _ in true },
        _ run: @escaping @Sendable (inout Context, inout Draw) async throws -> Void
    ) {
        self.name = name
        self.isEnabled = isEnabled
        self.run = run
    }
}

/// What has to hold after every step.
public struct Invariant<Context>: Sendable {
    /// The invariant, as a sentence that should be true.
    public let name: String
    let holds: @Sendable (Context) throws -> Bool

    public init(_ name: String, _ holds: @escaping @Sendable (Context) throws -> Bool) {
        self.name = name
        self.holds = holds
    }
}

/// What an invariant's not holding is thrown as.
public struct BrokenInvariant: LocatedError, Hashable, CustomStringConvertible {
    public let name: String

    public var location: String { "invariant: \(name)" }
    public var description: String { "not true: \(name)" }
}
