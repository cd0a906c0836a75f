public import CairnTesting
public import Testing

/// Expects a property to hold, by trying to find a case in which it does not.
///
/// As `check` does, for a test: what fails is made as simple as possible and recorded as one issue
/// at this line, with a regression test, diagrams and the token that repeats it as attachments.
/// Cases may also use `#expect` and `#require`.
///
/// ```swift
/// @Test func reversing() async {
///     await expectHolds("reversing twice changes nothing") { draw in
///         let list = try draw(.array(of: .int()), "list")
///         #expect(list.reversed().reversed() == list)
///     }
/// }
/// ```
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look; traits such as `.runs` are stronger.
///   - sourceLocation: Where the issue is shown.
///   - function: The function of the call.
///   - body: One case. It must depend on nothing but what it draws.
/// - Returns: How much was looked at; nil where the property does not hold.
@discardableResult
public func expectHolds(
    _ name: String,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    sourceLocation: SourceLocation = #_sourceLocation,
    function: String = #function,
    _ body: @Sendable (inout Draw) throws -> Void
) async -> PropertySummary? {
    await PropertyTest(at: sourceLocation).run {
        try check(
            name,
            replaying: tokens,
            settings: settings,
            fileID: sourceLocation.fileID,
            filePath: sourceLocation.filePath,
            line: sourceLocation.line,
            function: function,
            body
        )
    }
}

/// Expects a property that waits to hold, by trying to find a case in which it does not.
///
/// Cases run one after another.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look; traits such as `.runs` are stronger.
///   - sourceLocation: Where the issue is shown.
///   - function: The function of the call.
///   - body: One case. It must depend on nothing but what it draws.
/// - Returns: How much was looked at; nil where the property does not hold.
@discardableResult
public func expectHolds(
    _ name: String,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    sourceLocation: SourceLocation = #_sourceLocation,
    function: String = #function,
    _ body: @Sendable (inout Draw) async throws -> Void
) async -> PropertySummary? {
    await PropertyTest(at: sourceLocation).runWaiting {
        try await check(
            name,
            replaying: tokens,
            settings: settings,
            fileID: sourceLocation.fileID,
            filePath: sourceLocation.filePath,
            line: sourceLocation.line,
            function: function,
            body
        )
    }
}

/// Expects what checks properties to find nothing wrong.
///
/// For laws, for properties of concurrent code, and for functions of your own that check:
///
/// ```swift
/// await expectHolds { try Laws.replayEqualsLive(Door(), commands: .allCases()) }
/// ```
///
/// What it throws is recorded as one issue at this line, with attachments where it is a report.
public func expectHolds(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: @Sendable () async throws -> Void
) async {
    await PropertyTest(at: sourceLocation).runWaiting { try await body() }
}
