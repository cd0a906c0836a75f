/// Chooses the steps of one case: whether there is one more, and by which rule.
///
/// Cases go on until the last step that they may have, with but a small chance to end before;
/// the choice is made every time, so that a case is cut short by changing it. Some cases do
/// without some of the rules, which finds what too much variety hides.
struct StepPlan {
    private let names: [String]
    private var ruleCount: Int { names.count }
    private let stepCountMax: Int
    private var stepCount = 0
    /// The rules that this case does without; none where it is empty.
    private var isDisabled: [Bool] = []
    /// The rules that this case has used.
    private var isUsed: [Bool]
    /// The steps to make, where a script tells them.
    private let script: [String]?

    /// Of the span of a step, which begins with ``choiceCount`` choices that are the plan's own.
    static let label = SpanLabel("step")
    static let choiceCount = 2
    private static let disablingMax: Int128 = 7

    init(_ names: [String], stepCountMax: Int, tape: Tape) throws(CaseStop) {
        self.names = names
        self.stepCountMax = stepCountMax
        isUsed = [Bool](repeating: false, count: names.count)
        for name in names { tape.mark(Self.mark(name), false) }
        script = try tape.scriptedSteps()
        guard script == nil else { return }
        // How many eighths of the rules to do without; none is simplest, and as likely as any.
        let domain = IntegerDomain(lower: 0, upper: Self.disablingMax, origin: 0)
        let disabling: Int128? = tape.withRandom { random in
            random.generator.isHit(1, outOf: 2)
                ? 0 : Int128(random.generator.below(Int(Self.disablingMax) + 1))
        }
        let eighths = Int(try tape.choose(.integer(domain), suggestion: disabling))
        guard eighths > 0 else { return }
        for _ in 0..<ruleCount {
            let suggestion: Int128? = tape.withRandom { random in
                random.generator.isHit(eighths, outOf: 8) ? 1 : 0
            }
            isDisabled.append(try tape.choose(.integer(.bool), suggestion: suggestion) != 0)
        }
    }

    /// Chooses the rule of the next step; nil when the case is over.
    ///
    /// Begins the step's span, which the caller ends after it.
    ///
    /// - Throws: ``CaseStop``.
    mutating func next(
        _ tape: Tape,
        isEnabled: (Int) -> Bool
    ) throws(CaseStop) -> Int? {
        tape.beginSpan(Self.label)
        guard let rule = try chosen(tape, isEnabled) else { return nil }
        if !isUsed[rule] { tape.mark(Self.mark(names[rule]), true) }
        isUsed[rule] = true
        return rule
    }

    /// What a rule's use is called among what is to be true sometimes.
    private static func mark(_ name: String) -> String { "the rule \(name)" }

    private mutating func chosen(
        _ tape: Tape,
        _ isEnabled: (Int) -> Bool
    ) throws(CaseStop) -> Int? {
        if let script { return try scripted(script, tape, isEnabled) }
        guard stepCount < stepCountMax else {
            _ = try tape.choose(.integer(.forced(false)))
            return nil
        }
        let goesOn: Int128? = tape.withRandom { $0.generator.isHit(1, outOf: 1 << 16) ? 0 : 1 }
        guard try tape.choose(.integer(.bool), suggestion: goesOn) != 0 else { return nil }
        stepCount += 1
        let start: Int128? = tape.withRandom { Int128($0.generator.below(ruleCount)) }
        let first = start.flatMap { usable(from: Int($0), isEnabled) }
        let domain = IntegerDomain(lower: 0, upper: Int128(ruleCount - 1), origin: 0)
        let chosen = Int(
            try tape.choose(.integer(domain), suggestion: first.map { Int128($0) })
        )
        // What a shortened case asks for may not be possible any more; the next rule takes over.
        return usable(from: chosen, isEnabled)
    }

    /// The rule that a script names next; the case counts for nothing where it may not be used.
    private mutating func scripted(
        _ script: [String],
        _ tape: Tape,
        _ isEnabled: (Int) -> Bool
    ) throws(CaseStop) -> Int? {
        guard stepCount < script.count else { return nil }
        let name = script[stepCount]
        stepCount += 1
        guard names.contains(name) else { throw tape.end(with: CaseScriptError.noRule(name)) }
        let rule = names.indices.first { names[$0] == name && isEnabled($0) }
        guard let rule else { throw tape.end(.unusable(rule: name)) }
        return rule
    }

    /// The first rule from one on, round and round, that may be used.
    ///
    /// Rules that the case does without come back where nothing else is possible.
    private func usable(from start: Int, _ isEnabled: (Int) -> Bool) -> Int? {
        var spare: Int?
        for offset in 0..<ruleCount {
            let rule = (start + offset) % ruleCount
            guard isEnabled(rule) else { continue }
            if isDisabled.isEmpty || !isDisabled[rule] { return rule }
            spare = spare ?? rule
        }
        return spare
    }
}
