extension TransitionTable {
    /// Reads the first table after a heading of a document.
    ///
    /// Rows are lines that begin with a bar. A bar inside of a cell is not known.
    ///
    /// - Parameters:
    ///   - text: The document.
    ///   - heading: The whole line after which the table comes.
    /// - Throws: ``TransitionTableError``.
    public init(
        markdown text: String,
        after heading: String = "## Transitions"
    ) throws(TransitionTableError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0 == heading }) else {
            throw .notFound(heading: heading)
        }
        let isRow: (Substring) -> Bool = { $0.hasPrefix("|") }
        let rows = lines[start...].drop { !isRow($0) }.prefix(while: isRow).map(Self.fields)
        guard !rows.isEmpty else { throw .notFound(heading: heading) }
        // The second line only rules off the first.
        try self.init(rows.enumerated().filter { $0.offset != 1 }.map(\.element))
    }

    /// What stands between the bars of a line.
    private static func fields(of line: Substring) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { field in
                let start = field.drop { $0 == " " }
                let count = start.reversed().drop { $0 == " " }.count
                return String(start.prefix(count))
            }
    }
}
