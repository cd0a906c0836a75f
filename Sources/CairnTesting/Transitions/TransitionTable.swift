/// What a machine's specification says each command leads to, as rows and columns of text.
///
/// The rows are commands, the columns standings: classes of states in which a command is answered
/// alike. A cell is the answer as the specification writes it: between backticks an event, or `[]`
/// for what already holds, and `*locked*` for a refusal. What no commands lead to stands there all
/// the same, in parentheses: a standing, a command or a single answer that only facts out of place,
/// or nothing at all, would show.
///
/// ```text
/// | command | closed       | open     |
/// | ---     | ---          | ---      |
/// | open    | *locked*     | `[]`     |
/// | close   | `[]`         | `closed` |
/// ```
///
/// Read it from the document that people read, and ask it of the machine with
/// ``Laws/turnsFollowTable(_:_:next:read:commands:facts:fence:stepCountMax:replaying:settings:)``.
public struct TransitionTable: Hashable, Sendable {
    /// What the columns are called, in order.
    public let standings: [String]
    /// What the rows are called, in order.
    public let commands: [String]
    /// Of each row, its cells, as they are written.
    private let answers: [[String]]
    private let corner: String
    private let columns: [String: Int]
    private let rows: [String: Int]

    /// Makes a table of its lines, the first of which names the standings.
    ///
    /// - Throws: ``TransitionTableError``.
    init(_ lines: [[String]]) throws(TransitionTableError) {
        guard let header = lines.first, header.count > 1, lines.count > 1 else { throw .empty }
        for line in lines.dropFirst() where line.count != header.count {
            throw .uneven(row: line.first ?? "", expected: header.count, found: line.count)
        }
        corner = header[0]
        let body = lines.dropFirst()
        columns = try Self.places(header.dropFirst())
        rows = try Self.places(body.map { $0[0] }[...])
        standings = header.dropFirst().map(Self.bare)
        commands = body.map { Self.bare($0[0]) }
        let isClosed = header.dropFirst().map(Self.isOutOfReach)
        answers = body.map { row in
            zip(row.dropFirst(), isClosed).map { text, isClosed in
                let isOut = isClosed || Self.isOutOfReach(row[0])
                return isOut && !Self.isOutOfReach(text) ? "(\(text))" : text
            }
        }
        self.lines = lines
    }

    private let lines: [[String]]

    /// The same rows and columns with other cells; what is out of reach stays so.
    func replacingAnswers(_ answer: (TransitionCell) -> String) -> TransitionTable {
        let body = lines.dropFirst().map { line in
            [line[0]]
                + lines[0].dropFirst().map { standing in
                    answer(
                        TransitionCell(
                            command: Self.bare(line[0]),
                            standing: Self.bare(standing)
                        )
                    )
                }
        }
        // The names are those of a table, and so are the lines' lengths.
        return (try? TransitionTable([lines[0]] + body)) ?? self
    }

    private static func places(
        _ names: ArraySlice<String>
    ) throws(TransitionTableError) -> [String: Int] {
        var places: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            guard places.updateValue(index, forKey: bare(name)) == nil else {
                throw .repeated(bare(name))
            }
        }
        return places
    }

    private static func isOutOfReach(_ text: String) -> Bool {
        text.hasPrefix("(") && text.hasSuffix(")")
    }

    private static func bare(_ text: String) -> String {
        isOutOfReach(text) ? String(text.dropFirst().dropLast()) : text
    }
}

extension TransitionTable {
    /// How many cells there are, those that no commands lead to included.
    public var cellCount: Int { commands.count * standings.count }

    /// What the table says in a cell, without parentheses; nil where it has none.
    public subscript(cell: TransitionCell) -> String? {
        place(of: cell).map { Self.bare(answers[$0 / standings.count][$0 % standings.count]) }
    }

    /// Whether the table says that no commands lead to a cell.
    public func isOutOfReach(_ cell: TransitionCell) -> Bool {
        guard let place = place(of: cell) else { return true }
        return Self.isOutOfReach(answers[place / standings.count][place % standings.count])
    }

    /// Where a cell stands, row by row; nil where there is none.
    func place(of cell: TransitionCell) -> Int? {
        guard let row = rows[cell.command], let column = columns[cell.standing] else { return nil }
        return row * standings.count + column
    }

    /// All cells, row by row.
    public var cells: [TransitionCell] {
        commands.flatMap { command in
            standings.map { TransitionCell(command: command, standing: $0) }
        }
    }

    /// The table as a document has it.
    public var markdown: String {
        let rule = lines[0].map { _ in "---" }
        return ([lines[0], rule] + lines.dropFirst())
            .map { "| \($0.joined(separator: " | ")) |" }
            .joined(separator: "\n")
    }
}

/// One cell of a ``TransitionTable``: a command, and how the machine stands when it comes.
public struct TransitionCell: Hashable, Sendable, CustomStringConvertible {
    public let command: String
    public let standing: String

    public init(command: String, standing: String) {
        self.command = command
        self.standing = standing
    }

    public var description: String { "'\(command)' in '\(standing)'" }
}

/// Why a document has no table that can be read.
public enum TransitionTableError: Error, Hashable, Sendable {
    /// No table follows the heading.
    case notFound(heading: String)
    /// A table without a row or without a standing.
    case empty
    /// A row has more or fewer cells than the first.
    case uneven(row: String, expected: Int, found: Int)
    /// Two rows, or two columns, have one name.
    case repeated(String)
}

extension TransitionTableError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let heading): "no table follows '\(heading)'"
        case .empty: "the table has no row or no standing"
        case .uneven(let row, let expected, let found):
            "the row '\(row)' has \(found) cells where the first has \(expected)"
        case .repeated(let name): "'\(name)' stands in the table twice"
        }
    }
}
