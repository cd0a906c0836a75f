internal import CairnCore

/// The lines of an input that should each be one JSON object, and whether they are one document.
struct JSONRowLines {
    /// A line that is not empty.
    enum Row {
        case fields([JSONScanner.Field])
        case bad(ImportError)
    }

    private let input: InputBytes
    private var lines: LineReader
    private var hasRow = false
    /// How a line ended that was read ahead of its turn and stands in the caller's buffer.
    private var held: LineReader.Line?

    /// The number of the line that was taken last, counted from 1.
    private(set) var number = 0

    init(_ input: InputBytes) {
        self.input = input
        lines = LineReader(input)
    }

    /// Takes the next line that is not empty into a buffer; nil at the end of the input.
    ///
    /// - Parameter line: The buffer, in which the fields' ranges are.
    /// - Returns: The members of the line's object, or what is wrong with it.
    /// - Throws: ``ImportError`` where the input cannot be read, or is one document over many lines.
    mutating func nextRow(into line: inout [UInt8]) throws(ImportError) -> Row? {
        while let found = try next(into: &line) {
            let place = ImportPlace.line(number)
            guard found == .complete else {
                let reason = ImportReason.rowTooLong(byteCountMax: LineReader.rowByteCountMax)
                return .bad(input.error(reason, at: place))
            }
            if line.trimmingJSONSpace.isEmpty { continue }
            defer { hasRow = true }
            do {
                return .fields(try JSONScanner.topLevelRanges(in: line.span.bytes))
            } catch {
                let endsEarly = error.reason == .unexpectedEnd
                if !hasRow, try isDocument(&line, endsEarly: endsEarly) {
                    throw input.error(.oneDocument, at: place)
                }
                let reason: ImportReason =
                    error.reason == .illFormedUTF8
                    ? .invalidUTF8 : .malformedJSON(message: error.description)
                return .bad(input.error(reason, at: place))
            }
        }
        return nil
    }

    private mutating func next(into line: inout [UInt8]) throws(ImportError) -> LineReader.Line? {
        defer { number = lines.number }
        guard let held else { return try lines.next(into: &line) }
        self.held = nil
        return held
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
    private mutating func isDocument(
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
