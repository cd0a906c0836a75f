internal import Synchronization

/// A case of a property that failed once, as a test of its own.
///
/// It runs the function that checks the property, in which the property then has this one case and
/// looks for no other; other properties have none. One that counts for nothing, because an
/// assumption does not hold or a rule may not be used, shows nothing and does not pass. A report
/// prints it ready to be kept:
///
/// ```swift
/// @Test("a case of: tickets") func regression_9f86d081() throws {
///     try Regression("tickets", token: "AQwBCAEBCQEBCAERAQET1IGG").run { try checkBoxOffice() }
/// }
/// ```
public struct Regression: Sendable {
    enum Case: Sendable {
        case token(String)
        case script(@Sendable (inout CaseScript) throws -> Void)
    }

    private let property: String
    private let known: Case

    /// Describes a case by its token.
    ///
    /// - Parameters:
    ///   - property: The property, by the name with which it is checked.
    ///   - token: The case, as a report prints it.
    public init(_ property: String, token: String) {
        self.property = property
        known = .token(token)
    }

    /// Describes a case by its values.
    ///
    /// - Parameters:
    ///   - property: The property, by the name with which it is checked.
    ///   - script: Tells the case; run whenever one of its values is needed.
    public init(
        _ property: String,
        script: @escaping @Sendable (inout CaseScript) throws -> Void
    ) {
        self.property = property
        known = .script(script)
    }

    /// Whether this task runs a known case, which says by itself when it fails.
    package static var isRunning: Bool { RegressionScope.current != nil }

    /// Runs the case.
    ///
    /// - Parameter body: Checks the property, in the task that calls it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and ``PropertyError`` where the case fails or counts for
    ///   nothing, or the property is not checked at all.
    @discardableResult
    public func run<Result>(_ body: () throws -> Result) throws -> Result {
        let scope = RegressionScope(property, known)
        let result = try RegressionScope.$current.withValue(scope) { try body() }
        try scope.close()
        return result
    }

    /// Runs the case of a property that waits.
    ///
    /// - Parameter body: Checks the property, in the task that calls it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and ``PropertyError`` where the case fails or counts for
    ///   nothing, or the property is not checked at all.
    @discardableResult
    public func run<Result>(_ body: () async throws -> Result) async throws -> Result {
        let scope = RegressionScope(property, known)
        let result = try await RegressionScope.$current.withValue(scope) { try await body() }
        try scope.close()
        return result
    }
}

/// The one case to run, known to whatever is checked in a task.
final class RegressionScope: Sendable {
    private enum Outcome {
        case notReached
        case passed
        case failed(PropertyError)
    }

    @TaskLocal static var current: RegressionScope?

    let property: String
    let known: Regression.Case
    private let outcome = Mutex(Outcome.notReached)

    init(_ property: String, _ known: Regression.Case) {
        self.property = property
        self.known = known
    }

    var script: (@Sendable (inout CaseScript) throws -> Void)? {
        if case .script(let script) = known { script } else { nil }
    }

    /// The tokens to run in place of all others.
    func tokens(of name: String) -> [String] {
        if case .token(let token) = known, name == property { [token] } else { [] }
    }

    func pass() {
        outcome.withLock { if case .notReached = $0 { $0 = .passed } }
    }

    func fail(_ error: PropertyError) {
        outcome.withLock { $0 = .failed(error) }
    }

    /// Says what became of the case, also where the body kept it to itself.
    func close() throws(PropertyError) {
        switch outcome.withLock({ $0 }) {
        case .notReached: throw .notChecked(property)
        case .passed: break
        case .failed(let error): throw error
        }
    }
}
