/// Goes through all that rules can do, in any order and with all values that they draw, level by
/// level.
///
/// Each case starts afresh, repeats the shortest way to a state and makes one step more, with each
/// rule that may be used there and each combination of the values that it draws. Of a wide range of
/// numbers only the first few are tried, the simplest ones, and the exploration is not complete
/// then.
///
/// ```swift
/// let all = try explore("a desk is a dictionary", startingWith: Desk(), rules: rules,
///     seenAs: { $0.model }, depthMax: 5)
/// #expect(all.stateCount == 118)
/// ```
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - make: Makes what a case starts with.
///   - rules: What can be done. Needs at least one.
///   - invariants: What has to hold at the start and after every step.
///   - view: What tells states apart, such as the model and what can be asked of the subject: of
///     states that are seen as one, only the first that is met is gone on with.
///   - depthMax: How many steps to go at most.
///   - valueCountMax: How many values of each choice that a draw makes are tried.
///   - stateCountMax: How many states to keep at most; beyond, the exploration is not complete.
///   - runCountMax: How many cases to run at most; beyond, it is not complete.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
/// - Returns: What there is.
/// - Throws: ``PropertyError`` with a shortest way to what is wrong, made simpler like any other.
/// - Complexity: O(states * steps * depth), and all states and their ways are held in memory.
@discardableResult
public func explore<Context>(
    _ name: String,
    startingWith make: @autoclosure () throws -> Context,
    rules: [Rule<Context>],
    invariants: [Invariant<Context>] = [],
    seenAs view: (Context) -> AnyHashable,
    depthMax: Int,
    valueCountMax: Int = 3,
    stateCountMax: Int = 100_000,
    runCountMax: Int = 1_000_000,
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function
) throws(PropertyError) -> Exploration {
    precondition(!rules.isEmpty, "there is nothing to do without a rule")
    let limits = ExplorationLimits(depthMax, valueCountMax, stateCountMax, runCountMax)
    var walk = RuleWalk(limits)
    let names = rules.map(\.name)
    // A known case is one of a check, and no other is looked for.
    while !Regression.isRunning, let choices = walk.next() {
        var sight = RuleWalk.Sight()
        let record = CasePlan(choices: choices).run { draw in
            var context = try make()
            try invariants.check(context)
            let tape = draw.tape
            var plan = try StepPlan(names, stepCountMax: limits.stepCountMax, tape: tape)
            sight.take(view(context), rules.map { $0.isEnabled(context) }, tape)
            while let index = try plan.next(tape, isEnabled: { rules[$0].isEnabled(context) }) {
                try tape.beginStep(rules[index].name)
                try rules[index].run(&context, &draw)
                try invariants.check(context)
                tape.endSpan()
                sight.take(view(context), rules.map { $0.isEnabled(context) }, tape)
            }
        }
        walk.take(record, sight)
    }
    if walk.isOver, walk.failure == nil { return walk.exploration }
    try check(
        name,
        startingWith: try make(),
        rules: rules,
        invariants: invariants,
        stepCountMax: limits.stepCountMax,
        replaying: walk.tokens,
        settings: PropertySettings(caseCountMax: 0),
        fileID: fileID,
        filePath: filePath,
        line: line,
        function: function
    )
    return try walk.explorationAfterCheck(of: name)
}

/// Goes through all that rules which wait can do, in any order and with all values that they draw,
/// level by level.
///
/// As the `explore` of rules that do not wait does.
///
/// - Parameters:
///   - name: The property, as a sentence that should be true.
///   - make: Makes what a case starts with.
///   - rules: What can be done. Needs at least one.
///   - invariants: What has to hold at the start and after every step.
///   - view: What tells states apart.
///   - depthMax: How many steps to go at most.
///   - valueCountMax: How many values of each choice that a draw makes are tried.
///   - stateCountMax: How many states to keep at most; beyond, the exploration is not complete.
///   - runCountMax: How many cases to run at most; beyond, it is not complete.
///   - fileID: The file of the call, which a report's regression test goes by.
///   - filePath: Its path.
///   - line: The line of the call.
///   - function: The function of the call.
/// - Returns: What there is.
/// - Throws: ``PropertyError`` with a shortest way to what is wrong, made simpler like any other.
/// - Complexity: O(states * steps * depth), and all states and their ways are held in memory.
@discardableResult
public func explore<Context>(
    _ name: String,
    startingWith make: @autoclosure () async throws -> Context,
    rules: [AsyncRule<Context>],
    invariants: [Invariant<Context>] = [],
    seenAs view: (Context) async -> AnyHashable,
    depthMax: Int,
    valueCountMax: Int = 3,
    stateCountMax: Int = 100_000,
    runCountMax: Int = 1_000_000,
    fileID: String = #fileID,
    filePath: String = #filePath,
    line: Int = #line,
    function: String = #function
) async throws(PropertyError) -> Exploration {
    precondition(!rules.isEmpty, "there is nothing to do without a rule")
    let limits = ExplorationLimits(depthMax, valueCountMax, stateCountMax, runCountMax)
    var walk = RuleWalk(limits)
    let names = rules.map(\.name)
    while !Regression.isRunning, let choices = walk.next() {
        var sight = RuleWalk.Sight()
        let tape = Tape(CasePlan(choices: choices))
        var draw = Draw(tape)
        let error = await CaseFindings.gather {
            var context = try await make()
            try invariants.check(context)
            var plan = try StepPlan(names, stepCountMax: limits.stepCountMax, tape: tape)
            sight.take(await view(context), rules.map { $0.isEnabled(context) }, tape)
            while let index = try plan.next(tape, isEnabled: { rules[$0].isEnabled(context) }) {
                try tape.beginStep(rules[index].name)
                try await rules[index].run(&context, &draw)
                try invariants.check(context)
                tape.endSpan()
                sight.take(await view(context), rules.map { $0.isEnabled(context) }, tape)
            }
        }
        if Task.isCancelled { throw .cancelled(name) }
        walk.take(tape.finish(error), sight)
    }
    if walk.isOver, walk.failure == nil { return walk.exploration }
    try await check(
        name,
        startingWith: try await make(),
        rules: rules,
        invariants: invariants,
        stepCountMax: limits.stepCountMax,
        replaying: walk.tokens,
        settings: PropertySettings(caseCountMax: 0),
        fileID: fileID,
        filePath: filePath,
        line: line,
        function: function
    )
    return try walk.explorationAfterCheck(of: name)
}
