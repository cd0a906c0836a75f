/// The choices of one run, as they are made; ``Tape`` shares it.
struct TapeState: Sendable {
    let plan: CasePlan
    private(set) var choices: [Choice] = []
    private(set) var nodes: [ChoiceNode] = []
    private(set) var spans: [ChoiceSpan] = []
    private var openSpans: [Int] = []
    private var values: [ValueRecord] = []
    private var steps: [String] = []
    private var notes: [String] = []
    private var states: [String] = []
    private var marks: [String: Bool] = [:]
    private var places: [CasePlace] = []
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
    private var tickCount = 0
    /// The turn at hand.
    private var turn: Turn?

    private struct Turn {
        let place: Int
        /// Where the choices of its command begin.
        let start: Int
        var command: Int?
    }

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
    mutating func end(_ reason: CaseStop.Reason) -> CaseStop {
        let stop = stop ?? CaseStop(reason)
        self.stop = stop
        return stop
    }

    /// Ends the case because a generator threw; what it threw fails the case, unless the case was
    /// over before.
    mutating func end(with error: any Error) -> CaseStop {
        if stop == nil { failure = error }
        return end(.failure)
    }

    /// Counts what might be the last thing that the case does.
    ///
    /// - Throws: ``CaseStop`` where it was, in a copy of the process.
    mutating func tick() throws(CaseStop) {
        guard plan.progress != nil || plan.crash != nil else { return }
        tickCount += 1
        plan.progress?.tick(tickCount)
        if tickCount == plan.crash?.tickCount { throw endAtCrash() }
    }

    /// Whether the case has come to where it ended a copy of the process.
    var isAtCrash: Bool { plan.crash.map { tickCount >= $0.tickCount } ?? false }

    mutating func endAtCrash() -> CaseStop {
        guard let crash = plan.crash?.crash else { return end(.failure) }
        return end(with: crash)
    }

    /// Makes one choice.
    ///
    /// - Parameters:
    ///   - domain: What may be chosen.
    ///   - suggestion: What a random choice should rather be; made to fit the domain.
    /// - Returns: The value chosen.
    /// - Throws: ``CaseStop``.
    mutating func choose(
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
        try tick()
        return value
    }

    private mutating func randomValue(_ domain: ChoiceDomain, _ suggestion: Int128?) -> Int128 {
        if let suggestion {
            return domain.admitting(Choice(kind: domain.kind, value: suggestion))
        }
        return random?.value(in: domain, after: choices) ?? domain.simplest
    }

    /// Lends the source of random choices, which is gone until it is given back; nil where choices
    /// are repeated.
    mutating func takeRandom() -> RandomChoices? {
        guard isRandom else { return nil }
        defer { random = nil }
        return random
    }

    mutating func giveBack(_ random: RandomChoices) {
        self.random = random
    }

    /// Where earlier values of a label stand; nil where none is to be made again now.
    func repeatable(_ label: SpanLabel) -> [Range<Int>]? {
        repetition == nil ? repeatable[label] : nil
    }

    /// Makes the choices in a range again, in place of random ones, until ``endRepetition``.
    mutating func beginRepetition(of range: Range<Int>?) {
        repetition = range
    }

    mutating func endRepetition(_ label: SpanLabel, from start: Int) {
        repetition = nil
        if start < choices.count { repeatable[label, default: []].append(start..<choices.count) }
    }

    /// Whether a value may be one that was drawn before.
    var mayRepeat: Bool { isRandom && repetition == nil }

    /// How much of the case's size is used, in 256ths.
    var fullness: Int {
        choices.count << 8 / max(1, plan.choiceCountMax)
    }
}

extension TapeState {
    mutating func beginSpan(_ label: SpanLabel) {
        guard plan.isRecorded else { return }
        let parent = openSpans.last
        openSpans.append(spans.count)
        spans.append(
            ChoiceSpan(label: label, start: choices.count, parent: parent, end: choices.count)
        )
    }

    mutating func endSpan(isDiscarded: Bool = false) {
        guard plan.isRecorded, let place = openSpans.popLast() else { return }
        spans[place].end = choices.count
        spans[place].isDiscarded = isDiscarded
    }

    /// The place of the value that was begun, as a script counts: the step and the value in it.
    ///
    /// Nil for a part of a value.
    var scriptPlace: (step: Int, value: Int)? {
        guard valueDepth == 1 else { return nil }
        let step = steps.indices.last
        return (steps.count, values.reversed().prefix { $0.step == step }.count)
    }

    /// Begins a value of the body itself, as opposed to a part of one.
    mutating func beginValue() {
        valueDepth += 1
        guard valueDepth == 1 else { return }
        if nextVariation < plan.variations.count,
            plan.variations[nextVariation].value == valueCount
        {
            variation = plan.variations[nextVariation]
            nextVariation += 1
        }
    }

    mutating func endValue(
        from start: Int,
        name: String?,
        label: SpanLabel,
        text: String,
        literal: SwiftLiteral?
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
                text: text,
                literal: literal
            )
        )
    }

    /// Says what the values that follow are drawn for.
    mutating func beginStep(_ name: String) {
        if plan.isRecorded { steps.append(name) }
    }

    mutating func reach(_ text: String) {
        states.append(text)
    }

    /// Says what the case has come to.
    mutating func come(to hash: Int) {
        places.append(CasePlace(hash: hash, choiceCount: choices.count))
    }

    mutating func note(_ text: String) {
        notes.append(text)
    }

    mutating func mark(_ name: String, _ isTrue: Bool) {
        if isTrue || marks[name] == nil { marks[name] = isTrue }
    }

    /// Closes the case.
    ///
    /// A case that was stopped is discarded, whatever became of the error that said so; one whose
    /// generator failed has failed.
    mutating func finish(_ error: (any Error)?) -> CaseRecord {
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
            states: states,
            marks: marks,
            places: places,
            error: error
        )
    }
}

extension TapeState {
    /// What a command that is tried begins from.
    struct CommandStart {
        fileprivate let choiceCount: Int
        fileprivate let repeatable: [SpanLabel: [Range<Int>]]
    }

    /// A command that was tried.
    struct TriedCommand {
        fileprivate let choices: [Choice]
        fileprivate let repeatable: [SpanLabel: [Range<Int>]]
        /// How often cases came to where it leads.
        let knownCount: Int
    }

    /// Whether the command of a turn may be tried before it is taken.
    var isSteered: Bool { plan.isSteered && turn != nil && isRandom && !plan.isRecorded }

    mutating func beginTurn(at place: Int) {
        turn = Turn(place: place, start: choices.count)
    }

    mutating func endCommand() {
        guard let start = turn?.start else { return }
        turn?.command = Self.hash(of: choices[start...])
    }

    mutating func endTurn(at place: Int) {
        guard let turn, let command = turn.command else { return }
        plan.map?.take(command, at: turn.place, leadingTo: place)
        self.turn = nil
    }

    var commandStart: CommandStart {
        CommandStart(choiceCount: choices.count, repeatable: repeatable)
    }

    /// A command that was made, with what is known of it in the place of the turn.
    func triedCommand(from start: CommandStart) -> TriedCommand {
        let own = choices[start.choiceCount...]
        let count = turn.flatMap { plan.map?.knownCount(of: Self.hash(of: own), at: $0.place) }
        return TriedCommand(choices: Array(own), repeatable: repeatable, knownCount: count ?? 0)
    }

    /// Goes back to before a command was made.
    mutating func takeBack(to start: CommandStart) {
        choices.removeSubrange(start.choiceCount...)
        repeatable = start.repeatable
    }

    /// Takes a command that was taken back after all.
    mutating func adopt(_ command: TriedCommand) {
        choices += command.choices
        repeatable = command.repeatable
        endCommand()
    }

    private static func hash(of choices: ArraySlice<Choice>) -> Int {
        var hasher = Hasher()
        for choice in choices { hasher.combine(choice.value) }
        return hasher.finalize()
    }
}
