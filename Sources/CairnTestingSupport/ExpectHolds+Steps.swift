public import CairnCore
public import CairnTesting
public import Testing

/// Expects a machine to keep its invariants under any commands, and a replay of its events to
/// give the state that it had.
///
/// ```swift
/// await expectHolds("a light is never red and green", machine: Light(), commands: .allCases(),
///     invariants: [Invariant("one lamp") { $0.lamps.count == 1 }])
/// ```
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - machine: The rules.
///   - commands: Makes commands.
///   - invariants: What has to hold of every state, the first one as well.
///   - view: What tells states apart for a search that goes on from what is new.
///   - stepCountMax: How many commands a case has.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look; traits such as `.runs` are stronger.
///   - sourceLocation: Where the issue is shown.
///   - function: The function of the call.
/// - Returns: How much was looked at; nil where the property does not hold.
@discardableResult
public func expectHolds<Rules: Machine>(
    _ name: String,
    machine: Rules,
    commands: Generator<Rules.Command>,
    invariants: [Invariant<Rules.State>] = [],
    seenAs view: @escaping @Sendable (Rules.State) -> AnyHashable = { $0 },
    stepCountMax: Int = 50,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    sourceLocation: SourceLocation = #_sourceLocation,
    function: String = #function
) async -> PropertySummary? {
    await PropertyTest(at: sourceLocation).run {
        try check(
            name,
            machine: machine,
            commands: commands,
            invariants: invariants,
            seenAs: view,
            stepCountMax: stepCountMax,
            replaying: tokens,
            settings: settings,
            fileID: sourceLocation.fileID,
            filePath: sourceLocation.filePath,
            line: sourceLocation.line,
            function: function
        )
    }
}

/// Expects rules, used in any order, to find nothing wrong.
///
/// Each case starts afresh and uses rules until it has made its steps.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - make: Makes what a case starts with.
///   - rules: What can be done. Needs at least one.
///   - invariants: What has to hold at the start and after every step.
///   - stepCountMax: How many steps a case has.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look; traits such as `.runs` are stronger.
///   - sourceLocation: Where the issue is shown.
///   - function: The function of the call.
/// - Returns: How much was looked at; nil where the property does not hold.
@discardableResult
public func expectHolds<Context>(
    _ name: String,
    startingWith make: @autoclosure @Sendable () throws -> Context,
    rules: [Rule<Context>],
    invariants: [Invariant<Context>] = [],
    stepCountMax: Int = 50,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    sourceLocation: SourceLocation = #_sourceLocation,
    function: String = #function
) async -> PropertySummary? {
    await PropertyTest(at: sourceLocation).run {
        try check(
            name,
            startingWith: try make(),
            rules: rules,
            invariants: invariants,
            stepCountMax: stepCountMax,
            replaying: tokens,
            settings: settings,
            fileID: sourceLocation.fileID,
            filePath: sourceLocation.filePath,
            line: sourceLocation.line,
            function: function
        )
    }
}

/// Expects rules that wait, used in any order, to find nothing wrong.
///
/// Steps run one after another.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - make: Makes what a case starts with.
///   - rules: What can be done. Needs at least one.
///   - invariants: What has to hold at the start and after every step.
///   - stepCountMax: How many steps a case has.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look; traits such as `.runs` are stronger.
///   - sourceLocation: Where the issue is shown.
///   - function: The function of the call.
/// - Returns: How much was looked at; nil where the property does not hold.
@discardableResult
public func expectHolds<Context>(
    _ name: String,
    startingWith make: @autoclosure @Sendable () async throws -> Context,
    rules: [AsyncRule<Context>],
    invariants: [Invariant<Context>] = [],
    stepCountMax: Int = 50,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    sourceLocation: SourceLocation = #_sourceLocation,
    function: String = #function
) async -> PropertySummary? {
    await PropertyTest(at: sourceLocation).runWaiting {
        try await check(
            name,
            startingWith: try await make(),
            rules: rules,
            invariants: invariants,
            stepCountMax: stepCountMax,
            replaying: tokens,
            settings: settings,
            fileID: sourceLocation.fileID,
            filePath: sourceLocation.filePath,
            line: sourceLocation.line,
            function: function
        )
    }
}
