/// The choices of one run, as they are made.
///
/// A reference, so that whoever takes part in a run (the body, a scheduler, a plan of faults)
/// draws from the same list. Nothing here suspends; one thing draws at a time.
final class Tape {
    private let plan: CasePlan
    private(set) var choices: [Choice] = []
    private(set) var nodes: [ChoiceNode] = []
    private(set) var spans: [ChoiceSpan] = []
    private var openSpans: [Int] = []
    private var values: [ValueRecord] = []
    private var steps: [String] = []
    private var notes: [String] = []
    private var marks: [String: Bool] = [:]
    private var stop: CaseStop?
    private var failure: (any Error)?
    /// The next choice of the plan to repeat.
    private var place = 0
    private var random: RandomChoices?
    private var variation: CasePlan.Variation?
    private var nextVariation = 0
    /// Earlier choices that are made again in place of random ones.
    private var repetition: Range<Int>?
    private var repeatable: [SpanLabel: [Range<Int>]] = [:]
    private var valueCount = 0
    private var valueDepth = 0

    init(_ plan: CasePlan) {
        self.plan = plan
        if case .random(let seed) = plan.tail { random = RandomChoices(seed: seed) }
        choices.reserveCapacity(64)
    }

    /// Whether values are made up rather than repeated, so that a generator may plan ahead.
    var isRandom: Bool {
        guard random != nil else { return false }
        // A case that is varied in one place is repeated everywhere else, and ends simply.
        return plan.variations.isEmpty ? place >= plan.choices.count : variation != nil
    }

    /// Ends the case; every further draw throws again.
    func end(_ reason: CaseStop.Reason) -> CaseStop {
        let stop = stop ?? CaseStop(reason)
        self.stop = stop
        return stop
    }

    /// Ends the case because a generator threw; what it threw fails the case, unless the case was
    /// over before.
    func end(with error: any Error) -> CaseStop {
        if stop == nil { failure = error }
        return end(.failure)
    }

    /// Makes one choice.
    ///
    /// - Parameters:
    ///   - domain: What may be chosen.
    ///   - suggestion: What a random choice should rather be; made to fit the domain.
    /// - Returns: The value chosen.
    /// - Throws: ``CaseStop``.
    func choose(
        _ domain: ChoiceDomain,
        suggestion: Int128? = nil
    ) throws(CaseStop) -> Int128 {
        if let stop { throw stop }
        guard choices.count < plan.choiceCountMax else { throw end(.overrun) }
        let value: Int128
        if variation == nil, place < plan.choices.count {
            value = domain.admitting(plan.choices[place])
            place += 1
        } else if let earlier = repetition?.popFirst() {
            value = domain.admitting(choices[earlier])
        } else if isRandom {
            value = randomValue(domain, suggestion)
        } else {
            value = domain.simplest
        }
        let choice = Choice(kind: domain.kind, value: value)
        choices.append(choice)
        if plan.isRecorded { nodes.append(ChoiceNode(choice: choice, domain: domain)) }
        return value
    }

    private func randomValue(_ domain: ChoiceDomain, _ suggestion: Int128?) -> Int128 {
        if let suggestion {
            return domain.admitting(Choice(kind: domain.kind, value: suggestion))
        }
        return random?.value(in: domain, after: choices) ?? domain.simplest
    }

    /// Numbers for a generator's own plans, nil where choices are repeated.
    ///
    /// What is drawn here decides nothing by itself: it only becomes part of the case through
    /// the choices that it suggests.
    func withRandom<Result>(_ body: (inout RandomChoices) -> Result) -> Result? {
        guard isRandom, var random else { return nil }
        // Taken out for as long as it changes, so that it is never copied.
        self.random = nil
        let result = body(&random)
        self.random = random
        return result
    }

    /// Makes some of the random values of one label by making the choices of an earlier one again.
    func repeatingEarlier<Value>(
        _ label: SpanLabel,
        percent: Int,
        _ make: () throws(CaseStop) -> Value
    ) throws(CaseStop) -> Value {
        guard isRandom, repetition == nil else { return try make() }
        let start = choices.count
        if let earlier = repeatable[label] {
            let chosen: Range<Int>?? = withRandom { random in
                guard random.generator.isHit(percent, outOf: 100) else { return nil }
                return random.generator.pick(earlier)
            }
            repetition = chosen ?? nil
        }
        let value = try make()
        repetition = nil
        if start < choices.count { repeatable[label, default: []].append(start..<choices.count) }
        return value
    }

    /// How much of the case's size is used, in 256ths.
    var fullness: Int {
        choices.count << 8 / max(1, plan.choiceCountMax)
    }
}

extension Tape {
    func beginSpan(_ label: SpanLabel) {
        guard plan.isRecorded else { return }
        let parent = openSpans.last
        openSpans.append(spans.count)
        spans.append(
            ChoiceSpan(label: label, start: choices.count, parent: parent, end: choices.count)
        )
    }

    func endSpan(isDiscarded: Bool = false) {
        guard plan.isRecorded, let place = openSpans.popLast() else { return }
        spans[place].end = choices.count
        spans[place].isDiscarded = isDiscarded
    }

    /// Begins a value of the body itself, as opposed to a part of one.
    func beginValue() {
        valueDepth += 1
        guard valueDepth == 1 else { return }
        if nextVariation < plan.variations.count,
            plan.variations[nextVariation].value == valueCount
        {
            variation = plan.variations[nextVariation]
            nextVariation += 1
        }
    }

    func endValue(
        from start: Int,
        name: String?,
        label: SpanLabel,
        text: () -> String
    ) {
        valueDepth -= 1
        guard valueDepth == 0 else { return }
        valueCount += 1
        if let variation { place = variation.resumption }
        variation = nil
        guard plan.isRecorded else { return }
        values.append(
            ValueRecord(
                name: name,
                step: steps.indices.last,
                label: label,
                range: start..<choices.count,
                text: plan.isDescribed ? text() : ""
            )
        )
    }

    /// Says what the values that follow are drawn for.
    func beginStep(_ name: String) {
        if plan.isRecorded { steps.append(name) }
    }

    func note(_ text: () -> String) {
        if plan.isDescribed { notes.append(text()) }
    }

    func mark(_ name: String, _ isTrue: Bool) {
        if isTrue || marks[name] == nil { marks[name] = isTrue }
    }

    /// Closes the case.
    ///
    /// A case that was stopped is discarded, whatever became of the error that said so; one whose
    /// generator failed has failed.
    func finish(_ error: (any Error)?) -> CaseRecord {
        while !openSpans.isEmpty { endSpan() }
        let error = failure ?? (stop == nil ? error : nil)
        let status: CaseRecord.Status =
            if let error {
                .failed(FailureOrigin(error))
            } else if let stop {
                .discarded(stop.reason)
            } else {
                .passed
            }
        return CaseRecord(
            status: status,
            choices: choices,
            nodes: nodes,
            spans: spans,
            values: values,
            steps: steps,
            notes: notes,
            marks: marks,
            error: error
        )
    }
}
