internal import CairnCore

/// The lines of an input that should each be one JSON object, and whether they are one document.
struct JSONRowLines {
    private var lines: LineReader
    private var hasRow = false
    /// How a line ended that was read ahead of its turn and stands in the caller's buffer.
    private var held: LineReader.Line?

    /// The number of the line that was taken last, counted from 1.
    private(set) var number = 0

    init(_ input: InputBytes) {
        lines = LineReader(input)
    }

    /// Takes the next line into a buffer; nil at the end of the input.
    mutating func next(into line: inout [UInt8]) throws(ImportError) -> LineReader.Line? {
        defer { number = lines.number }
        guard let held else { return try lines.next(into: &line) }
        self.held = nil
        return held
    }

    /// Says that a row begins; true of the first one.
    mutating func beginRow() -> Bool {
        defer { hasRow = true }
        return !hasRow
    }

    /// Whether the first line, which is no object, is the beginning of one document over many.
    ///
    /// Reads on to the next line, where that tells; it comes next.
    ///
    /// - Parameters:
    ///   - line: The line; afterwards perhaps the next one.
    ///   - endsEarly: Whether nothing is wrong with it but its end.
    /// - Returns: Whether it is; an object that is cut off before another one is a bad row.
    /// - Throws: ``ImportError`` where the input cannot be read on.
    mutating func isDocument(
        _ line: inout [UInt8],
        endsEarly: Bool
    ) throws(ImportError) -> Bool {
        let start = line.trimmingJSONSpace
        if start.first == UInt8(ascii: "[") {
            let inner = start.dropFirst().first { $0 > 0x20 }
            return inner == nil || inner == UInt8(ascii: "{")
        }
        guard endsEarly else { return false }
        repeat {
            held = try lines.next(into: &line)
        } while held == .complete && line.trimmingJSONSpace.isEmpty
        // After a row that was cut off another row may come, and it begins with a brace.
        guard held == .complete, let next = line.trimmingJSONSpace.first else { return false }
        return next != UInt8(ascii: "{")
    }
}
