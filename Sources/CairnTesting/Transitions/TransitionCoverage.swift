/// Which cells of a ``TransitionTable`` turns have met, and how often.
public struct TransitionCoverage: Hashable, Sendable {
    public let table: TransitionTable
    /// Of each cell, row by row, how many turns met it.
    private var counts: [Int]
    /// Turns in which the machine was found in a cell.
    public private(set) var turnCount = 0
    /// Turns of which the table says nothing.
    public private(set) var outsideCount = 0
    /// Whether every state was gone through that the commands lead to, as far as states were told
    /// apart, so that what was not met is out of reach.
    public internal(set) var isExhaustive = false

    init(_ table: TransitionTable) {
        self.table = table
        counts = [Int](repeating: 0, count: table.cellCount)
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

    /// Counts one turn.
    ///
    /// - Returns: Why the table does not accept it; nil where it does.
    mutating func take(_ cell: TransitionCell?, answer: String) -> String? {
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
        return nil
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
