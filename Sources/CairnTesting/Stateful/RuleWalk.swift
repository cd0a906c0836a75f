/// Goes through what rules can do from each state, level by level.
///
/// It runs nothing itself: ``next()`` names a case, ``take(_:_:)`` hears what it did. What is
/// tested may be an object that nobody can copy, so each case begins anew and repeats the way to a
/// state before it makes one step more. The choices of that step are those of a counter: the last
/// one that has another value takes it, and those behind it begin again.
struct RuleWalk {
    /// What a case saw on its way.
    struct Sight {
        /// The state after the last step that ended.
        var state: AnyHashable?
        /// How many choices had been made when it was reached.
        var choiceCount = 0
        /// The rules that may be used in it.
        var rules: [Int] = []
    }

    private struct Place {
        /// Those of the first case that came here.
        let choices: [Choice]
        let state: AnyHashable
        let rules: [Int]
    }

    private(set) var exploration = Exploration()
    private(set) var failure: CaseRecord?
    private let limits: ExplorationLimits
    private var places: [Place] = []
    private var known: Set<AnyHashable> = []
    /// The places that are gone on from now; those behind it are one step further away.
    private var level = 0..<0
    private var place = 0
    /// Of the rules of the place.
    private var rule = 0
    /// What the step at hand begins with; the rest is as simple as it can be.
    private var step: [Choice] = []
    private var runCount = 0
    private(set) var isOver = false
    /// Whether everything was tried that there was to try.
    private var isWhole = true

    init(_ limits: ExplorationLimits) {
        self.limits = limits
    }

    /// The choices of the next case; nil when all were run.
    mutating func next() -> [Choice]? {
        guard !isOver else { return nil }
        guard !places.isEmpty else { return [] }
        guard runCount < limits.runCountMax else { return end(isComplete: false) }
        while place < level.upperBound, rule == places[place].rules.count {
            (place, rule) = (place + 1, 0)
        }
        if place == level.upperBound {
            level = level.upperBound..<places.count
            if level.isEmpty { return end(isComplete: isWhole) }
            exploration.depth += 1
            if exploration.depth == limits.depthMax {
                return end(isComplete: isWhole && level.allSatisfy { places[$0].rules.isEmpty })
            }
            return next()
        }
        if step.isEmpty { step = [.bool(true), .integer(Int128(places[place].rules[rule]))] }
        return places[place].choices + step
    }

    private mutating func end(isComplete: Bool) -> [Choice]? {
        isOver = true
        exploration.isComplete = isComplete
        return nil
    }

    /// Takes what the case that ``next()`` named did, and what it saw.
    mutating func take(_ record: CaseRecord, _ sight: Sight) {
        runCount += 1
        guard record.origin == nil else {
            failure = record
            isOver = true
            return
        }
        guard !places.isEmpty else { return begin(record, sight) }
        let before = places[place]
        if record.isDiscarded {
            exploration.refusedCount += 1
        } else if let state = sight.state {
            state == before.state
                ? (exploration.unchangedCount += 1) : (exploration.transitionCount += 1)
            add(record, sight, state)
        }
        let end = record.isDiscarded ? record.nodes.count : sight.choiceCount
        advance(record.nodes[..<end].dropFirst(before.choices.count))
    }

    private mutating func begin(_ record: CaseRecord, _ sight: Sight) {
        guard let state = sight.state else {
            // Nothing can be told of what is discarded before it begins.
            isOver = true
            return
        }
        known = [state]
        places = [place(record, sight, state)]
        level = 0..<1
        if limits.depthMax < 1 { _ = end(isComplete: sight.rules.isEmpty) }
    }

    private mutating func add(_ record: CaseRecord, _ sight: Sight, _ state: AnyHashable) {
        guard !known.contains(state) else { return }
        guard places.count < limits.stateCountMax else { return isWhole = false }
        known.insert(state)
        places.append(place(record, sight, state))
        exploration.stateCount += 1
    }

    private func place(_ record: CaseRecord, _ sight: Sight, _ state: AnyHashable) -> Place {
        Place(
            choices: Array(record.choices.prefix(sight.choiceCount)),
            state: state,
            rules: sight.rules
        )
    }

    /// Goes on to the next values of the rule's draws, or to the next rule.
    private mutating func advance(_ nodes: ArraySlice<ChoiceNode>) {
        let own = nodes.dropFirst(StepPlan.choiceCount)
        let values = own.map { $0.domain.simplestValues(countMax: limits.valueCountMax) }
        isWhole = isWhole && values.allSatisfy(\.isAll)
        for (node, values) in zip(own.indices, values).reversed() {
            let choice = own[node].choice
            guard let number = values.values.firstIndex(of: choice.value),
                number + 1 < values.values.count
            else { continue }
            let next = Choice(kind: choice.kind, value: values.values[number + 1])
            step = nodes[..<node].map(\.choice) + [next]
            return
        }
        step = []
        rule += 1
    }
}

extension RuleWalk {
    /// The case that failed, for a check to make it simpler.
    var tokens: [String] { failure.map { [ReplayToken($0.choices).text] } ?? [] }

    /// What there is, where a check has not thrown.
    ///
    /// - Throws: ``PropertyError/notRepeatable(_:)`` where a case had failed that passed in it.
    func explorationAfterCheck(of property: String) throws(PropertyError) -> Exploration {
        guard let failure else { return exploration }
        throw .notRepeatable(
            UnrepeatableCase(
                property: property,
                seed: 0,
                first: FailureText.outcome(of: failure),
                second: "it passed",
                differsInDraws: false
            )
        )
    }
}

extension RuleWalk.Sight {
    /// Looks at where the case is now.
    mutating func take(_ state: AnyHashable, _ isEnabled: [Bool], _ tape: Tape) {
        self.state = state
        choiceCount = tape.choiceCount
        rules = isEnabled.indices.filter { isEnabled[$0] }
    }
}

/// How far an exploration of rules goes.
struct ExplorationLimits {
    let depthMax: Int
    let valueCountMax: Int
    let stateCountMax: Int
    let runCountMax: Int

    init(_ depthMax: Int, _ valueCountMax: Int, _ stateCountMax: Int, _ runCountMax: Int) {
        precondition(valueCountMax > 0, "every choice needs a value")
        self.depthMax = depthMax
        self.valueCountMax = valueCountMax
        self.stateCountMax = stateCountMax
        self.runCountMax = runCountMax
    }

    /// A token of an exploration is one of a check with as many steps.
    var stepCountMax: Int { max(50, depthMax + 1) }
}
