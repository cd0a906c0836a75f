public import CairnCore

/// How the turns of a machine are found in its ``TransitionTable``.
///
/// It is the part of the specification that says what the names of its rows and columns mean: which
/// states stand in a column, and what a command is called that finds the machine there. Write it
/// from the words of the specification, not from the machine's code: the two are compared.
public struct TransitionReading<Rules: Machine>: Sendable {
    let cell: @Sendable (Rules.Command, Rules.State, TurnContext) -> TransitionCell?
    let answer: @Sendable (Result<[Rules.Event], Rules.Rejection>) -> String

    /// Reads turns whose rows follow from the command alone, and their columns from the state.
    ///
    /// - Parameters:
    ///   - command: The row of a command; nil for one that the table says nothing of.
    ///   - standing: The column of a state; nil for one that the table says nothing of.
    ///   - answer: What a cell says of such an outcome; by default the names of enumerations' cases:
    ///     the first event's as code, `[]` where there is none, a rejection's in italics.
    public init(
        command: @escaping @Sendable (Rules.Command) -> String?,
        standing: @escaping @Sendable (Rules.State) -> String?,
        answer: @escaping @Sendable (Result<[Rules.Event], Rules.Rejection>) -> String =
            TransitionReading.caseName
    ) {
        cell = { given, state, _ in
            guard let command = command(given), let standing = standing(state) else { return nil }
            return TransitionCell(command: command, standing: standing)
        }
        self.answer = answer
    }

    /// Reads turns whose place in the table follows from command, state and context together.
    ///
    /// A lease is over or not by the instant at which a command comes, and one state may count as
    /// another for a command that asks only for a part of it.
    ///
    /// - Parameters:
    ///   - cell: The place of a turn; nil for one that the table says nothing of.
    ///   - answer: What a cell says of such an outcome; by default the names of enumerations' cases:
    ///     the first event's as code, `[]` where there is none, a rejection's in italics.
    public init(
        cell: @escaping @Sendable (Rules.Command, Rules.State, TurnContext) -> TransitionCell?,
        answer: @escaping @Sendable (Result<[Rules.Event], Rules.Rejection>) -> String =
            TransitionReading.caseName
    ) {
        self.cell = cell
        self.answer = answer
    }

    /// An outcome by the names of enumerations' cases: `opened` or `[]` between backticks, or `*locked*`.
    @Sendable
    public static func caseName(_ outcome: Result<[Rules.Event], Rules.Rejection>) -> String {
        switch outcome {
        case .success(let events):
            events.first.map { "`\(Self.name(of: $0))`" } ?? "`[]`"
        case .failure(let rejection): "*\(Self.name(of: rejection))*"
        }
    }

    private static func name(of value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        // A case that carries something is its one child; one that does not prints as its name.
        guard mirror.displayStyle == .enum else { return "\(value)" }
        return mirror.children.first?.label ?? "\(value)"
    }
}

extension TransitionTable {
    /// Asks a machine for its table, by a sample of each standing.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - standings: The columns, each with a state of that kind; a name in parentheses where no
    ///     commands lead.
    ///   - commands: The rows.
    ///   - context: What a decision may know in a state.
    ///   - reading: Says how answers are written.
    ///   - corner: What stands in the first cell of the first row.
    /// - Throws: ``TransitionTableError``.
    public init<Rules: Machine>(
        of machine: Rules,
        standings: [(name: String, state: Rules.State)],
        commands: [(name: String, command: Rules.Command)],
        context: (Rules.State) -> TurnContext = { _ in TurnContext(now: .unixEpoch) },
        read reading: TransitionReading<Rules>,
        corner: String = "command"
    ) throws(TransitionTableError) {
        let rows = commands.map { name, command in
            [name]
                + standings.map { _, state in
                    let outcome = Result { () throws(Rules.Rejection) in
                        try machine.decide(command, in: state, context: context(state))
                    }
                    return reading.answer(outcome)
                }
        }
        try self.init([[corner] + standings.map(\.name)] + rows)
    }
}
