/// Chooses the steps of one case: whether there is one more, and by which rule.
///
/// Cases go on until the last step that they may have, with but a small chance to end before;
/// the choice is made every time, so that a case is cut short by changing it. Some cases do
/// without some of the rules, which finds what too much variety hides.
struct StepPlan {
    private let ruleCount: Int
    private let stepCountMax: Int
    private var stepCount = 0
    /// The rules that this case does without; none where it is empty.
    private var isDisabled: [Bool] = []

    private static let label = SpanLabel("step")
    private static let disablingMax: Int128 = 7

    init(ruleCount: Int, stepCountMax: Int, tape: Tape) throws(CaseStop) {
        self.ruleCount = ruleCount
        self.stepCountMax = stepCountMax
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
