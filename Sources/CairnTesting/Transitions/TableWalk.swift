internal import CairnCore

/// Goes through every state that some commands and facts lead to, beside a transition table.
struct TableWalk<Rules: Machine> {
    /// What a command leads to, as far as states are told apart.
    private struct Turn: Hashable {
        let answer: String
        let next: AnyHashable
    }

    /// A state that is gone on with.
    private struct Place {
        let state: Rules.State
        /// How it was reached first; nil for the first state.
        let origin: (place: Int, step: String)?
        let turns: [Turn]
    }

    let machine: Rules
    let reading: TransitionReading<Rules>
    let commands: [Rules.Command]
    let facts: [Rules.Event]
    let view: (Rules.State) -> AnyHashable
    let context: (Rules.State) -> TurnContext
    var coverage: TransitionCoverage
    private var places: [Place] = []
    private var known: [AnyHashable: Int] = [:]

    init(
        machine: Rules,
        reading: TransitionReading<Rules>,
        commands: [Rules.Command],
        facts: [Rules.Event],
        view: @escaping (Rules.State) -> AnyHashable,
        context: @escaping (Rules.State) -> TurnContext,
        coverage: TransitionCoverage
    ) {
        self.machine = machine
        self.reading = reading
        self.commands = commands
        self.facts = facts
        self.view = view
        self.context = context
        self.coverage = coverage
    }

    /// - Throws: ``BrokenState``.
    mutating func run(stateCountMax: Int) throws(BrokenState) {
        try meet(machine.initial, from: nil)
        var place = 0
        while place < places.count {
            guard places.count <= stateCountMax else { return }
            let state = places[place].state
            for command in commands {
                guard let next = after(command, in: state).state, next != state else { continue }
                try meet(next, from: (place, "\(command)"))
            }
            for fact in facts {
                var next = state
                machine.evolve(&next, by: fact)
                try meet(next, from: (place, "fact: \(fact)"))
            }
            place += 1
        }
        coverage.isExhaustive = true
    }

    /// Takes a state that was reached: one that is seen as a known one has to be its like.
    private mutating func meet(
        _ state: Rules.State,
        from origin: (place: Int, step: String)?
    ) throws(BrokenState) {
        let seen = view(state)
        if let place = known[seen], places[place].state == state { return }
        var turns: [Turn] = []
        for command in commands {
            let (answer, next) = after(command, in: state)
            turns.append(Turn(answer: answer, next: next.map(view) ?? seen))
            let cell = reading.cell(command, state, context(state))
            let after = reading.cell(command, next ?? state, context(next ?? state))
            guard let flaw = coverage.take(cell, answer: answer, next: after) else { continue }
            throw broken("\(Law.transitionTable): \(flaw)", state, from: origin, "\(command)")
        }
        if let place = known[seen] {
            guard let other = turns.indices.first(where: { turns[$0] != places[place].turns[$0] })
            else { return }
            let words = "states that are seen as one are answered alike"
            throw broken(words, state, from: origin, "\(commands[other])")
        }
        known[seen] = places.count
        places.append(Place(state: state, origin: origin, turns: turns))
    }

    /// What a command is answered with, and the state after it; nil where it is refused.
    private func after(
        _ command: Rules.Command,
        in state: Rules.State
    ) -> (answer: String, state: Rules.State?) {
        let outcome = Result { () throws(Rules.Rejection) in
            try machine.decide(command, in: state, context: context(state))
        }
        guard case .success(let events) = outcome else { return (reading.answer(outcome), nil) }
        var next = state
        for event in events { machine.evolve(&next, by: event) }
        return (reading.answer(outcome), next)
    }

    private func broken(
        _ words: String,
        _ state: Rules.State,
        from origin: (place: Int, step: String)?,
        _ command: String
    ) -> BrokenState {
        var path = [command]
        var origin = origin
        while let (place, step) = origin {
            path.append(step)
            origin = places[place].origin
        }
        return BrokenState(invariant: words, commands: path.reversed(), state: "\(state)")
    }
}
