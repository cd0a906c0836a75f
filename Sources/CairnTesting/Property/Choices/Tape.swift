internal import Synchronization

/// The choices of one run, as they are made.
///
/// A reference, so that whoever takes part in a run (the body, a scheduler, a journal that fails)
/// draws from the same list. Nothing here suspends; a run that is to be repeatable has one thing
/// draw at a time.
final class Tape: Sendable {
    private let plan: CasePlan
    private let state: Mutex<TapeState>

    init(_ plan: CasePlan) {
        self.plan = plan
        state = Mutex(TapeState(plan))
    }

    var choiceCount: Int { state.withLock { $0.choices.count } }

    /// Whether what is noted is kept, so that it is worth finding words.
    var isDescribed: Bool { plan.isDescribed }

    /// Whether what the case comes to is kept, so that it is worth hashing.
    var isWatched: Bool { plan.isWatched }

    /// How much of the case's size is used, in 256ths.
    var fullness: Int { state.withLock { $0.fullness } }

    /// Ends the case; every further draw throws again.
    func end(_ reason: CaseStop.Reason) -> CaseStop {
        state.withLock { $0.end(reason) }
    }

    /// Ends the case because a generator threw; what it threw fails the case, unless the case was
    /// over before.
    func end(with error: any Error) -> CaseStop {
        state.withLock { $0.end(with: error) }
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
        try state.withLock { state throws(CaseStop) in
            try state.choose(domain, suggestion: suggestion)
        }
    }

    /// Numbers for a generator's own plans, nil where choices are repeated.
    ///
    /// What is drawn here decides nothing by itself: it only becomes part of the case through
    /// the choices that it suggests.
    func withRandom<Result>(_ body: (inout RandomChoices) -> Result) -> Result? {
        guard case .random = plan.tail, var random = state.withLock({ $0.takeRandom() }) else {
            return nil
        }
        let result = body(&random)
        state.withLock { $0.giveBack(random) }
        return result
    }

    /// Makes some of the random values of one label by making the choices of an earlier one again:
    /// all of them, or only the first few, so that names begin alike.
    func repeatingEarlier<Value>(
        _ label: SpanLabel,
        percent: Int,
        _ make: () throws(CaseStop) -> Value
    ) throws(CaseStop) -> Value {
        guard case .random = plan.tail, state.withLock({ $0.mayRepeat }) else { return try make() }
        let start = choiceCount
        if let earlier = state.withLock({ $0.repeatable(label) }) {
            let chosen: Range<Int>?? = withRandom { random in
                guard random.generator.isHit(percent, outOf: 100) else { return nil }
                let range = random.generator.pick(earlier)
                guard random.generator.isHit(1, outOf: 4) else { return range }
                return range.prefix(random.generator.below(range.count + 1))
            }
            state.withLock { $0.beginRepetition(of: chosen ?? nil) }
        }
        let value = try make()
        state.withLock { $0.endRepetition(label, from: start) }
        return value
    }
}

extension Tape {
    func beginSpan(_ label: SpanLabel) {
        if plan.isRecorded { state.withLock { $0.beginSpan(label) } }
    }

    func endSpan(isDiscarded: Bool = false) {
        if plan.isRecorded { state.withLock { $0.endSpan(isDiscarded: isDiscarded) } }
    }

    /// Begins a value of the body itself, as opposed to a part of one.
    func beginValue() {
        state.withLock { $0.beginValue() }
    }

    func endValue(
        from start: Int,
        name: String?,
        label: SpanLabel,
        text: () -> String,
        literal: (SwiftLiteralStyle) -> SwiftLiteral?
    ) {
        let text = plan.isDescribed ? text() : ""
        let literal = plan.isDescribed ? literal(plan.style) : nil
        state.withLock {
            $0.endValue(from: start, name: name, label: label, text: text, literal: literal)
        }
    }

    /// The value that a script tells for the one that was begun; nil where a generator makes it.
    func scriptedValue<Value>() throws(CaseStop) -> Value? {
        guard plan.script != nil, let place = state.withLock({ $0.scriptPlace }) else { return nil }
        do {
            return try script()?.value(place.value, ofStep: place.step)
        } catch {
            throw end(with: error)
        }
    }

    /// The steps that a script tells; nil where there is none.
    func scriptedSteps() throws(CaseStop) -> [String]? {
        do {
            return try script()?.steps
        } catch {
            throw end(with: error)
        }
    }

    /// Made anew each time: what a script makes need not be safe to share.
    private func script() throws -> CaseScript? {
        guard let tell = plan.script else { return nil }
        var script = CaseScript()
        try tell(&script)
        return script
    }

    /// Says what the values that follow are drawn for.
    ///
    /// - Throws: ``CaseStop``.
    func beginStep(_ name: String) throws(CaseStop) {
        if plan.isRecorded { state.withLock { $0.beginStep(name) } }
        try tick()
    }

    /// Counts what might be the last thing that the case does.
    ///
    /// - Throws: ``CaseStop`` where it was, in a copy of the process.
    func tick() throws(CaseStop) {
        guard plan.progress != nil || plan.crash != nil else { return }
        try state.withLock { state throws(CaseStop) in try state.tick() }
    }

    /// Whether the case runs in a copy of the process, which has no other thread.
    var isInCopy: Bool { plan.progress != nil }

    /// Whether the case has come to where it ended a copy of the process.
    var isAtCrash: Bool { plan.crash != nil && state.withLock { $0.isAtCrash } }

    /// Begins the case, unless it ended a copy of the process before it drew anything.
    ///
    /// - Throws: ``CaseStop``.
    func beginCase() throws(CaseStop) {
        if plan.crash?.tickCount == 0 { throw endAtCrash() }
    }

    /// Ends the case where it ended a copy of the process.
    @discardableResult
    func endAtCrash() -> CaseStop {
        state.withLock { $0.endAtCrash() }
    }

    /// Says which state a machine is in.
    func reach(_ text: () -> String) {
        guard plan.isDescribed else { return }
        let text = text()
        state.withLock { $0.reach(text) }
    }

    func note(_ text: () -> String) {
        guard plan.isDescribed else { return }
        let text = text()
        state.withLock { $0.note(text) }
    }

    /// Says what the case has come to.
    func come(to hash: Int) {
        if plan.isWatched { state.withLock { $0.come(to: hash) } }
    }

    /// Says where a turn begins, which ``steered`` and ``endTurn`` are about.
    func beginTurn(at place: Int) {
        if plan.isWatched { state.withLock { $0.beginTurn(at: place) } }
    }

    /// Makes the command of a turn: where it is random, one of a few that leads to what the search
    /// knows least, and best to what it does not know.
    func steered<Value>(_ make: () throws(CaseStop) -> Value) throws(CaseStop) -> Value {
        guard plan.isWatched else { return try make() }
        guard state.withLock({ $0.isSteered }) else {
            let value = try make()
            state.withLock { $0.endCommand() }
            return value
        }
        var best: Value?
        var bestCommand: TapeState.TriedCommand?
        for _ in 0..<TurnMap.triedCommandCountMax {
            let start = state.withLock { $0.commandStart }
            let value = try make()
            let command = state.withLock { $0.triedCommand(from: start) }
            guard command.knownCount > 0 else {
                state.withLock { $0.endCommand() }
                return value
            }
            state.withLock { $0.takeBack(to: start) }
            if command.knownCount < bestCommand?.knownCount ?? .max {
                (best, bestCommand) = (value, command)
            }
        }
        guard let best, let bestCommand else { return try make() }
        state.withLock { $0.adopt(bestCommand) }
        return best
    }

    /// Says where a turn has led to, and that as one with where it began and how it was answered.
    func endTurn(at place: Int, outcome: Int) {
        state.withLock { $0.endTurn(at: place) }
        come(to: outcome)
    }

    func mark(_ name: String, _ isTrue: Bool) {
        if isTrue, plan.isWatched { come(to: name.hashValue) }
        state.withLock { $0.mark(name, isTrue) }
    }

    /// Closes the case.
    ///
    /// A case that was stopped is discarded, whatever became of the error that said so; one whose
    /// generator failed has failed.
    func finish(_ error: (any Error)?) -> CaseRecord {
        state.withLock { $0.finish(error) }
    }
}
