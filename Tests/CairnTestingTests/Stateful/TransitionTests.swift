import CairnCore
import CairnTesting
import Testing

/// A gate with a lock, and perhaps a bug that its table shows.
private struct Gate: Machine {
    enum Bug { case none, opensLocked, neverLocks, unlockOpens }
    struct State: Hashable, Sendable { var isOpen = false, isLocked = false, count = 0 }
    enum Command: String, Hashable, Sendable, CaseIterable { case open, close, lock, unlock }
    enum Event: Hashable, Sendable { case opened, closed, locked, unlocked, painted }
    enum Rejection: Error { case notAllowed }

    var bug = Bug.none
    let initial = State()

    func decide(
        _ command: Command,
        in state: State,
        context: TurnContext
    ) throws(Rejection) -> [Event] {
        switch command {
        case .open:
            if state.isLocked, bug != .opensLocked { throw .notAllowed }
            return state.isOpen ? [] : [.opened]
        case .close: return state.isOpen ? [.closed] : []
        case .lock:
            if state.isOpen { throw .notAllowed }
            return state.isLocked ? [] : [.locked]
        case .unlock: return state.isLocked ? [.unlocked] : []
        }
    }

    func evolve(_ state: inout State, by event: Event) {
        state.count += 1
        switch event {
        case .opened: (state.isOpen, state.isLocked) = (true, false)
        case .closed: state.isOpen = false
        case .locked: state.isLocked = bug != .neverLocks
        case .unlocked: (state.isLocked, state.isOpen) = (false, bug == .unlockOpens)
        case .painted: break
        }
    }

    static let reading = TransitionReading<Gate>(
        command: { $0.rawValue },
        standing: { state in
            if state.isLocked { return state.isOpen ? "jammed" : "locked" }
            return state.isOpen ? "open" : "closed"
        }
    )
}

struct TransitionTests {
    private static let document = """
        # The gate

        | not | this |
        | --- | --- |
        | one | 1 |

        ## Transitions

        What it does.

        | command | closed | open | locked | (jammed) |
        | --- | --- | --- | --- | --- |
        | open | `opened` | `[]` | *notAllowed* | *notAllowed* |
        | close | `[]` | `closed` | `[]` | `closed` |
        | lock | `locked` | *notAllowed* | `[]` | *notAllowed* |
        | unlock | `[]` | `[]` | `unlocked` | `unlocked` |

        More words.

        ## Next standings

        | command | closed | open | locked | (jammed) |
        | --- | --- | --- | --- | --- |
        | open | open | = | = | - |
        | close | = | closed | = | - |
        | lock | locked | = | = | - |
        | unlock | = | = | closed | - |
        """
    private static let settings = PropertySettings(caseCountMax: 50, seed: 1)

    private func table(_ text: String = document) throws -> TransitionTable {
        try TransitionTable(markdown: text)
    }

    @Test func `a table is read as it is written`() throws {
        let table = try table()
        #expect(table.standings == ["closed", "open", "locked", "jammed"])
        #expect(table.commands == ["open", "close", "lock", "unlock"])
        #expect(table.cellCount == 16 && table.cells.count == 16)
        let cell = TransitionCell(command: "open", standing: "locked")
        #expect(table[cell] == "*notAllowed*" && !table.isOutOfReach(cell))
        let far = TransitionCell(command: "unlock", standing: "jammed")
        #expect(table[far] == "`unlocked`" && table.isOutOfReach(far))
        #expect(table[TransitionCell(command: "open", standing: "lost")] == nil)
        #expect(Self.document.contains("\n\n\(table.markdown)\n\n"))
    }

    @Test(
        arguments: [
            (
                "## Transitions", "## Other",
                TransitionTableError.notFound(heading: "## Transitions")
            ),
            ("| close | `[]` |", "| close |", .uneven(row: "close", expected: 5, found: 4)),
            ("| close |", "| open |", .repeated("open")),
            ("| open | locked |", "| open | closed |", .repeated("closed")),
        ]
    )
    func `what is no table is refused`(old: String, new: String, error: TransitionTableError) {
        #expect(throws: error) { try table(Self.document.replacing(old, with: new)) }
    }

    @Test func `a machine is asked for its table by samples`() throws {
        let states: [(name: String, state: Gate.State)] = [
            ("closed", Gate.State()), ("open", Gate.State(isOpen: true)),
            ("locked", Gate.State(isLocked: true)),
            ("(jammed)", Gate.State(isOpen: true, isLocked: true)),
        ]
        let rendered = try TransitionTable(
            of: Gate(),
            standings: states,
            commands: Gate.Command.allCases.map { ($0.rawValue, $0) },
            read: Gate.reading
        )
        #expect(rendered == (try table()))
    }

    @Test func `a machine that follows its table meets every cell, and says how often`() throws {
        let searched = try Laws.turnsFollowTable(
            Gate(),
            try table(),
            read: Gate.reading,
            commands: .allCases(),
            facts: .constant(.painted),
            settings: Self.settings
        )
        #expect(searched.missed == [] && searched.met.count == 12)
        #expect(searched.turnCount > 1_000 && searched.outsideCount == 0)
        #expect(!searched.isExhaustive)
        let explored = try Laws.everyStateFollowsTable(
            Gate(),
            try table(),
            read: Gate.reading,
            exploring: Gate.Command.allCases,
            facts: [.painted],
            seenAs: { [$0.isOpen, $0.isLocked] }
        )
        #expect(explored.isExhaustive && explored.met == searched.met)
        let cell = TransitionCell(command: "lock", standing: "open")
        #expect(explored.count(of: cell) > 0)
        #expect(explored.description.contains("12 of 12 cells met"))
        #expect(explored.description.contains("4 cells are out of reach, which an exploration"))
    }

    @Test func `a turn that answers rightly and leads elsewhere is found`() throws {
        let next = try TransitionTable(markdown: Self.document, after: "## Next standings")
        func explore(_ bug: Gate.Bug, next: TransitionTable?) throws -> TransitionCoverage {
            try Laws.everyStateFollowsTable(
                Gate(bug: bug),
                try table(),
                next: next,
                read: Gate.reading,
                exploring: Gate.Command.allCases,
                seenAs: { [$0.isOpen, $0.isLocked] }
            )
        }
        #expect(try explore(.none, next: next).next == next)
        // Its answers alone are those of the table.
        #expect(try explore(.unlockOpens, next: nil).next != next)
        let words = "'unlock' in 'locked' leads to 'open', and the table says 'closed'"
        let broken = #expect(throws: BrokenState.self) { try explore(.unlockOpens, next: next) }
        #expect(broken?.commands == ["lock", "unlock"])
        #expect(broken?.invariant.contains(words) == true)
        let error = #expect(throws: PropertyError.self) {
            try Laws.turnsFollowTable(
                Gate(bug: .unlockOpens),
                try table(),
                next: next,
                read: Gate.reading,
                commands: .allCases(),
                settings: Self.settings
            )
        }
        guard case .falsified(let report) = error else {
            Issue.record("it holds")
            return
        }
        #expect(report.failures[0].values.map(\.text) == ["lock", "unlock"])
        #expect("\(report.failures[0].error)".contains(words))
    }

    @Test func `an answer that the table does not have is brought down to the shortest way`() throws
    {
        let error = #expect(throws: PropertyError.self) {
            try Laws.turnsFollowTable(
                Gate(bug: .opensLocked),
                try table(),
                read: Gate.reading,
                commands: .allCases(),
                settings: Self.settings
            )
        }
        guard case .falsified(let report) = error else {
            Issue.record("it holds")
            return
        }
        #expect(report.failures[0].values.map(\.text) == ["lock", "open"])
        let words = "'open' in 'locked' is answered with `opened`, and the table says *notAllowed*"
        #expect("\(report.failures[0].error)".contains(words))
        let broken = #expect(throws: BrokenState.self) {
            try Laws.everyStateFollowsTable(
                Gate(bug: .opensLocked),
                try table(),
                read: Gate.reading,
                exploring: Gate.Command.allCases,
                seenAs: { [$0.isOpen, $0.isLocked] }
            )
        }
        #expect(broken?.commands == ["lock", "open"])
        #expect(broken?.invariant.contains(words) == true)
    }

    @Test func `a cell that nothing meets is named, and so is one that was to be out of reach`()
        throws
    {
        let error = #expect(throws: PropertyError.self) {
            try Laws.turnsFollowTable(
                Gate(bug: .neverLocks),
                try table(),
                read: Gate.reading,
                commands: .allCases(),
                settings: Self.settings
            )
        }
        guard case .neverTrue(_, let missed, _) = error else {
            Issue.record("all is met")
            return
        }
        #expect(missed == Gate.Command.allCases.map { "'\($0)' in 'locked'" })
        let cells = #expect(throws: MissedCells.self) {
            try Laws.everyStateFollowsTable(
                Gate(bug: .neverLocks),
                try table(),
                read: Gate.reading,
                exploring: Gate.Command.allCases,
                seenAs: { [$0.isOpen, $0.isLocked] }
            )
        }
        #expect(cells?.coverage.missed.count == 4 && cells?.coverage.isExhaustive == true)
        let closed = Self.document.replacing("| locked | (jammed)", with: "| (locked) | (jammed)")
        let broken = #expect(throws: BrokenState.self) {
            try Laws.everyStateFollowsTable(
                Gate(),
                try table(closed),
                read: Gate.reading,
                exploring: Gate.Command.allCases,
                seenAs: { [$0.isOpen, $0.isLocked] }
            )
        }
        #expect(broken?.invariant.contains("no commands lead there") == true)
    }

    @Test func `states that are seen as one and answered otherwise are found`() throws {
        let broken = #expect(throws: BrokenState.self) {
            try Laws.everyStateFollowsTable(
                Gate(),
                try table(),
                read: Gate.reading,
                exploring: Gate.Command.allCases,
                seenAs: { $0.isOpen }
            )
        }
        #expect(broken?.invariant == "states that are seen as one are answered alike")
        #expect(broken?.commands.first == "lock")
    }

    @Test func `an exploration that is cut off proves nothing`() throws {
        let error = #expect(throws: MissedCells.self) {
            try Laws.everyStateFollowsTable(
                Gate(),
                try table(),
                read: Gate.reading,
                exploring: Gate.Command.allCases,
                seenAs: { [$0.isOpen, $0.isLocked] },
                stateCountMax: 0
            )
        }
        #expect(error?.coverage.isExhaustive == false)
    }
}
