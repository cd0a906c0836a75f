/// Checks that rules, used in any order, find nothing wrong.
///
/// Each case starts afresh and uses rules until it has made its steps; see ``Rule``. A report
/// prints the shortest sequence of steps that goes wrong.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - make: Makes what a case starts with.
///   - rules: What can be done. Needs at least one.
///   - invariants: What has to hold at the start and after every step.
///   - stepCountMax: How many steps a case has.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``: ``PropertyError/neverTrue(_:_:_:)`` where a rule was never used.
@discardableResult
public func check<Context>(
    _ name: String,
    startingWith make: @autoclosure () throws -> Context,
    rules: [Rule<Context>],
    invariants: [Invariant<Context>] = [],
    stepCountMax: Int = 50,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function
) throws(PropertyError) -> PropertySummary {
    try checkSteps(
        name,
        startingWith: try make(),
        rules: rules,
        invariants: invariants,
        atLast: [],
        stepCountMax: stepCountMax,
        replaying: tokens,
        settings: settings,
        fileID: fileID,
        filePath: filePath,
        line: line,
        function: function
    )
}

/// Checks rules as the public call does, with what has to hold once a case is over beside it.
func checkSteps<Context>(
    _ name: String,
    startingWith make: @autoclosure () throws -> Context,
    rules: [Rule<Context>],
    invariants: [Invariant<Context>],
    atLast lastInvariants: [Invariant<Context>],
    stepCountMax: Int,
    replaying tokens: [String],
    settings: PropertySettings,
    fileID: String,
    filePath: String,
    line: Int,
    function: String
) throws(PropertyError) -> PropertySummary {
    precondition(!rules.isEmpty, "there is nothing to do without a rule")
    let names = rules.map(\.name)
    return try check(
        name,
        replaying: tokens,
        settings: settings,
        fileID: fileID,
        filePath: filePath,
        line: line,
        function: function
    ) { draw in
        var context = try make()
        try invariants.check(context)
        let tape = draw.tape
        var plan = try StepPlan(names, stepCountMax: stepCountMax, tape: tape)
        while let index = try plan.next(tape, isEnabled: { rules[$0].isEnabled(context) }) {
            try tape.beginStep(rules[index].name)
            try rules[index].run(&context, &draw)
            try invariants.check(context)
            tape.endSpan()
        }
        try lastInvariants.check(context)
    }
}

/// Checks that rules which wait, used in any order, find nothing wrong.
///
/// Steps run one after another, where the caller runs.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - make: Makes what a case starts with.
///   - rules: What can be done. Needs at least one.
///   - invariants: What has to hold at the start and after every step.
///   - stepCountMax: How many steps a case has.
///   - tokens: Cases to run before any other, as reports print them: failures of the past.
///   - settings: How long to look.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
/// - Returns: How much was looked at.
/// - Throws: ``PropertyError``: ``PropertyError/neverTrue(_:_:_:)`` where a rule was never used.
@discardableResult
public func check<Context>(
    _ name: String,
    startingWith make: @autoclosure () async throws -> Context,
    rules: [AsyncRule<Context>],
    invariants: [Invariant<Context>] = [],
    stepCountMax: Int = 50,
    replaying tokens: [String] = [],
    settings: PropertySettings = PropertySettings(),
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function
) async throws(PropertyError) -> PropertySummary {
    precondition(!rules.isEmpty, "there is nothing to do without a rule")
    let names = rules.map(\.name)
    return try await check(
        name,
        replaying: tokens,
        settings: settings,
        fileID: fileID,
        filePath: filePath,
        line: line,
        function: function
    ) { draw in
        var context = try await make()
        try invariants.check(context)
        let tape = draw.tape
        var plan = try StepPlan(names, stepCountMax: stepCountMax, tape: tape)
        while let index = try plan.next(tape, isEnabled: { rules[$0].isEnabled(context) }) {
            try tape.beginStep(rules[index].name)
            try await rules[index].run(&context, &draw)
            try invariants.check(context)
            tape.endSpan()
        }
    }
}

extension Array {
    func check<Context>(
        _ context: Context
    ) throws where Element == Invariant<Context> {
        for invariant in self where try !invariant.holds(context) {
            throw BrokenInvariant(name: invariant.name)
        }
    }
}
