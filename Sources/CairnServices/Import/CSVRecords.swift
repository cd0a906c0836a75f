/// Splits CSV into records after RFC 4180, keeping apart what PostgreSQL keeps apart.
///
/// An empty cell without quotes is NULL and `""` is an empty text. Quoted cells may hold commas,
/// doubled quotes and line breaks. Lines end with a line feed, with or without a carriage return
/// before it. No more than ``LineReader/rowByteCountMax`` bytes of a record are held.
struct CSVRecords {
    /// How a record ended.
    enum End {
        case complete
        case fault(ImportReason)
    }

    private enum State {
        case cellStart, plain, quoted, quoteInQuoted
        /// After a mistake: everything up to the end of the line is passed over.
        case skipping
    }

    /// The values of the record read last, one after another.
    private(set) var bytes: [UInt8] = []
    /// Where each cell's value stands; nil for NULL.
    ///
    /// Cells beyond ``cellCountMax`` are counted in ``cellCount`` and not kept.
    private(set) var cells: [Range<Int>?] = []
    private(set) var cellCount = 0
    /// The line on which the record read last starts, counted from 1.
    private(set) var line = 0
    /// Most cells that are kept of one record.
    var cellCountMax = 1_024

    private let input: InputBytes
    private var chunk: [UInt8] = []
    private var offset = 0
    private var isAtStart = true
    private var nextLine = 1

    init(_ input: InputBytes) {
        self.input = input
    }

    /// Reads the next record that is not an empty line; nil at the end of the input.
    mutating func next() throws(ImportError) -> End? {
        while true {
            guard let end = try record() else { return nil }
            if case .complete = end, cellCount == 1, cells[0] == nil { continue }
            return end
        }
    }

    private mutating func record() throws(ImportError) -> End? {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4 * InputBytes.chunkByteCount)
        cells.removeAll(keepingCapacity: true)
        cellCount = 0
        line = nextLine
        var state = State.cellStart
        var cellStart = 0
        var isQuoted = false
        var isEmpty = true
        var fault: ImportReason?

        while true {
            if offset == chunk.count {
                guard try refill() else {
                    if isEmpty { return nil }
                    if state == .quoted { return .fault(fault ?? .unclosedQuote) }
                    if state != .skipping { endCell(from: cellStart, isQuoted) }
                    return fault.map { .fault($0) } ?? .complete
                }
            }
            let byte = chunk[offset]
            offset += 1
            isEmpty = false
            if byte == 10 { nextLine += 1 }
            switch (state, byte) {
            case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
            case (.quoted, _): keep(byte, &fault, &cellStart)
            case (.quoteInQuoted, UInt8(ascii: "\"")):
                keep(byte, &fault, &cellStart)
                state = .quoted
            case (.skipping, 10): return .fault(fault ?? .strayQuote)
            case (.skipping, _): break
            case (_, UInt8(ascii: ",")):
                endCell(from: cellStart, isQuoted)
                cellStart = bytes.count
                isQuoted = false
                state = .cellStart
            case (_, 10):
                if !isQuoted, bytes.count > cellStart, bytes.last == 13 { bytes.removeLast() }
                endCell(from: cellStart, isQuoted)
                return fault.map { .fault($0) } ?? .complete
            case (.cellStart, UInt8(ascii: "\"")):
                isQuoted = true
                state = .quoted
            case (.quoteInQuoted, 13): break
            case (.quoteInQuoted, _), (.plain, UInt8(ascii: "\"")):
                fault = fault ?? .strayQuote
                state = .skipping
            case (.cellStart, _), (.plain, _):
                keep(byte, &fault, &cellStart)
                state = .plain
            }
        }
    }

    private mutating func keep(_ byte: UInt8, _ fault: inout ImportReason?, _ start: inout Int) {
        guard fault == nil else { return }
        if bytes.count == LineReader.rowByteCountMax {
            fault = .rowTooLong(byteCountMax: LineReader.rowByteCountMax)
            bytes = []
            cells = []
            start = 0
            return
        }
        bytes.append(byte)
    }

    private mutating func endCell(from start: Int, _ isQuoted: Bool) {
        cellCount += 1
        guard cells.count < cellCountMax else { return }
        cells.append(start == bytes.count && !isQuoted ? nil : start..<bytes.count)
    }

    private mutating func refill() throws(ImportError) -> Bool {
        offset = 0
        guard try input.next(into: &chunk) else { return false }
        offset = isAtStart && chunk.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        isAtStart = false
        return offset < chunk.count ? true : try refill()
    }

    /// Gives the bytes away, so that a row can keep them without a copy.
    mutating func exchange(_ other: inout [UInt8]) {
        swap(&bytes, &other)
    }
}
