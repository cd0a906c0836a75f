public import CairnCore

extension Laws {
    /// Law 6.4: every turn is answered as the transition table says and leads to where it says, and
    /// every cell of the table is met.
    ///
    /// Commands come in any order, at instants that never go back, with whatever facts others may
    /// store in between. A turn of which the reading says nothing is counted and not judged.
    ///
    /// ```swift
    /// let table = try TransitionTable(markdown: document)
    /// let reading = TransitionReading<Door>(command: { "\($0)" }, standing: { $0.name })
    /// print(try Laws.turnsFollowTable(Door(), table, read: reading, commands: .allCases()))
    /// ```
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - table: What the specification says.
    ///   - next: Where it says that turns lead to, as ``TransitionCoverage/next`` writes it; nil where
    ///     it says nothing of that.
    ///   - reading: Finds a turn in the table.
    ///   - commands: Makes commands, legal and not.
    ///   - facts: Makes events that others store in the machine's stream, undecided; nil for none.
    ///   - fence: The fence under which a command is given in a state.
    ///   - stepCountMax: How many turns a case has.
    ///   - tokens: Cases to run before any other, as reports print them: failures of the past.
    ///   - settings: How long to look.
    /// - Returns: What was met.
    /// - Throws: ``PropertyError``: ``PropertyError/neverTrue(_:_:_:)`` names the cells that no turn
    ///   met though the table says that commands lead there.
    @discardableResult
    public static func turnsFollowTable<Rules: Machine>(
        _ machine: Rules,
        _ table: TransitionTable,
        next: TransitionTable? = nil,
        read reading: TransitionReading<Rules>,
        commands: Generator<Rules.Command>,
        facts: Generator<Rules.Event>? = nil,
        fence: @Sendable (Rules.State) -> UInt64 = { _ in 0 },
        stepCountMax: Int = 50,
        replaying tokens: [String] = [],
        settings: PropertySettings = PropertySettings()
    ) throws(PropertyError) -> TransitionCoverage {
        let law = Law.transitionTable
        let names = facts == nil ? ["command"] : ["command", "fact"]
        var coverage = TransitionCoverage(table, next: next)
        let summary = try examine(law, of: "\(Rules.self)", tokens, settings) { draw in
            var run = MachineRun(machine)
            var plan = try StepPlan(names, stepCountMax: stepCountMax, tape: draw.tape)
            while let index = try plan.next(draw.tape, isEnabled: { _ in true }) {
                try draw.tape.beginStep(names[index])
                if index == 1, let facts {
                    run.take(try draw(facts))
                } else {
                    let state = run.state
                    let turn = try run.drawTurn(of: commands, fence: fence, from: &draw)
                    let cell = reading.cell(turn.command, state, turn.context)
                    draw.come(to: cell)
                    let answer = reading.answer(turn.outcome)
                    let next = reading.cell(turn.command, run.state, turn.context)
                    if let flaw = coverage.take(cell, answer: answer, next: next) {
                        throw LawFailure(law, "\(flaw); \(turn.command) in \(state)")
                    }
                }
                draw.tape.endSpan()
            }
        }
        // One known case need not meet everything.
        guard !Regression.isRunning, !coverage.missed.isEmpty else { return coverage }
        let missed = coverage.missed.map { "\($0)" }
        throw .neverTrue("\(law) of \(Rules.self)", missed, summary)
    }

    /// Law 6.4: every turn is answered as the transition table says and leads to where it says, and
    /// every cell of the table is met, in all states that some commands lead to.
    ///
    /// What is not met is out of reach of these commands once the exploration has come to its end,
    /// which ``TransitionCoverage/isExhaustive`` says. The instant, the seed and the fence of a
    /// state are the same in every turn.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - table: What the specification says.
    ///   - next: Where it says that turns lead to, as ``TransitionCoverage/next`` writes it; nil where
    ///     it says nothing of that.
    ///   - reading: Finds a turn in the table.
    ///   - commands: All commands to give in every state.
    ///   - facts: All events that others may store in every state.
    ///   - view: What tells states apart: states that are seen as one are gone on with once, and
    ///     have to be answered alike and lead to what is seen as one again, which is looked at in
    ///     each that is met. Whatever only counts has to be left out, or there is no end.
    ///   - fence: The fence under which a command is given in a state.
    ///   - now: The instant of every turn.
    ///   - stateCountMax: How many states to keep at most; beyond, the exploration is not complete.
    /// - Returns: What was met.
    /// - Throws: ``BrokenState`` with the shortest way to a turn that the table does not accept, and
    ///   ``MissedCells``.
    /// - Complexity: O(states * commands * commands), and all states are held in memory.
    @discardableResult
    public static func everyStateFollowsTable<Rules: Machine>(
        _ machine: Rules,
        _ table: TransitionTable,
        next: TransitionTable? = nil,
        read reading: TransitionReading<Rules>,
        exploring commands: [Rules.Command],
        facts: [Rules.Event] = [],
        seenAs view: @escaping @Sendable (Rules.State) -> AnyHashable = { $0 },
        fence: @escaping @Sendable (Rules.State) -> UInt64 = { _ in 0 },
        now: Timestamp = .unixEpoch,
        stateCountMax: Int = 100_000
    ) throws -> TransitionCoverage {
        var walk = TableWalk(
            machine: machine,
            reading: reading,
            commands: commands,
            facts: facts,
            view: view,
            context: { TurnContext(now: now, fence: fence($0)) },
            coverage: TransitionCoverage(table, next: next)
        )
        try walk.run(stateCountMax: stateCountMax)
        guard walk.coverage.missed.isEmpty else { throw MissedCells(coverage: walk.coverage) }
        return walk.coverage
    }
}

/// Cells of a transition table that no turn met.
public struct MissedCells: Error, Hashable, CustomStringConvertible {
    public let coverage: TransitionCoverage

    public var description: String { "\(Law.transitionTable) does not hold: \(coverage)" }
}
