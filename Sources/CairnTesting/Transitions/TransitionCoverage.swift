/// Which cells of a ``TransitionTable`` turns have met, and how often.
public struct TransitionCoverage: Hashable, Sendable {
    public let table: TransitionTable
    /// Of each cell, row by row, how many turns met it.
    private var counts: [Int]
    /// What the specification says of where turns lead to; nil where it says nothing.
    private let expectedNext: TransitionTable?
    /// Of each cell, where turns led to.
    private var nextStandings: [Set<String>]
    /// Turns in which the machine was found in a cell.
    public private(set) var turnCount = 0
    /// Turns of which the table says nothing.
    public private(set) var outsideCount = 0
    /// Whether every state was gone through that the commands lead to, as far as states were told
    /// apart, so that what was not met is out of reach.
    public internal(set) var isExhaustive = false

    init(_ table: TransitionTable, next: TransitionTable? = nil) {
        self.table = table
        expectedNext = next
        counts = [Int](repeating: 0, count: table.cellCount)
        nextStandings = [Set<String>](repeating: [], count: table.cellCount)
    }

    /// How many turns met a cell.
    public func count(of cell: TransitionCell) -> Int {
        table.place(of: cell).map { counts[$0] } ?? 0
    }

    /// The cells that turns met.
    public var met: [TransitionCell] { table.cells.filter { count(of: $0) > 0 } }

    /// The cells that no turn met, though the table does not say that they are out of reach.
    public var missed: [TransitionCell] {
        table.cells.filter { count(of: $0) == 0 && !table.isOutOfReach($0) }
    }

    /// The cells that the table says are out of reach.
    public var outOfReach: [TransitionCell] { table.cells.filter { table.isOutOfReach($0) } }

    /// The next-state relation that turns have shown: for each cell the standings in which the same
    /// command would find the machine after the turn.
    ///
    /// `=` stands for the standing it was in; of several the names have `; ` between them, in the
    /// order of the columns. A cell that no turn met says `-`.
    public var next: TransitionTable { table.replacingAnswers { nextText(of: $0) } }

    private func nextText(of cell: TransitionCell) -> String {
        guard let place = table.place(of: cell), !nextStandings[place].isEmpty else { return "-" }
        let names = nextStandings[place]
        let others = table.standings.filter { $0 != cell.standing && names.contains($0) }
        return ((names.contains(cell.standing) ? [Self.same] : []) + others)
            .joined(separator: Self.separator)
    }

    private static let same = "="
    private static let separator = "; "

    /// Counts one turn.
    ///
    /// - Parameters:
    ///   - cell: Where the machine was found.
    ///   - answer: What it said.
    ///   - next: Where the same command would find it afterwards.
    /// - Returns: Why the table does not accept it; nil where it does.
    mutating func take(
        _ cell: TransitionCell?,
        answer: String,
        next: TransitionCell?
    ) -> String? {
        guard let cell else {
            outsideCount += 1
            return nil
        }
        guard let place = table.place(of: cell), let expected = table[cell] else {
            return "the table has no cell for \(cell), which is answered with \(answer)"
        }
        turnCount += 1
        counts[place] += 1
        guard answer == expected else {
            return "\(cell) is answered with \(answer), and the table says \(expected)"
        }
        guard !table.isOutOfReach(cell) else {
            return "\(cell) was reached, and the table says that no commands lead there"
        }
        guard let next else { return nil }
        nextStandings[place].insert(next.standing)
        guard let allowed = expectedNext?[cell] else { return nil }
        let word = next.standing == cell.standing ? Self.same : next.standing
        if allowed.split(separator: Self.separator).contains(where: { $0 == word }) { return nil }
        return "\(cell) leads to '\(next.standing)', and the table says '\(allowed)'"
    }
}

extension TransitionCoverage: CustomStringConvertible {
    public var description: String {
        let reachable = table.cellCount - outOfReach.count
        var lines = [
            "\(reachable - missed.count) of \(reachable) cells met in \(turnCount) turns"
                + (outsideCount == 0 ? "" : ", \(outsideCount) more outside of the table")
        ]
        if table.cellCount > reachable {
            let proof = isExhaustive ? ", which an exploration of all states shows" : ""
            lines.append("\(table.cellCount - reachable) cells are out of reach\(proof)")
        }
        return (lines + missed.map { "missed: \($0)" }).joined(separator: "\n")
    }
}
