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
            isEmpty = false
            let run = offset..<endOfRun(in: state)
            if !run.isEmpty {
                offset = run.upperBound
                if state == .quoted { nextLine += chunk.newlineCount(in: run) }
                if state != .skipping { keep(run, &fault, &cellStart) }
                if state == .cellStart { state = .plain }
                continue
            }
            let byte = chunk[offset]
            offset += 1
            if byte == 10 { nextLine += 1 }
            switch (state, byte) {
            case (.quoted, _): state = .quoteInQuoted
            case (.quoteInQuoted, UInt8(ascii: "\"")):
                keep(offset - 1..<offset, &fault, &cellStart)
                state = .quoted
            case (.skipping, _): return .fault(fault ?? .strayQuote)
            case (_, UInt8(ascii: ",")):
                endCell(from: cellStart, isQuoted)
                cellStart = bytes.count
                isQuoted = false
                state = .cellStart
            case (_, 10):
                if !isQuoted, bytes.count > cellStart, bytes.last == 13 { bytes.removeLast() }
                endCell(from: cellStart, isQuoted)
                return fault.map { .fault($0) } ?? .complete
            case (.cellStart, _):
                isQuoted = true
                state = .quoted
            case (.quoteInQuoted, 13): break
            case (.quoteInQuoted, _), (.plain, _):
                fault = fault ?? .strayQuote
                state = .skipping
            }
        }
    }

    /// Where the bytes end that mean nothing but themselves in a state.
    private func endOfRun(in state: State) -> Int {
        let bytes = chunk.span
        var place = offset
        switch state {
        case .quoteInQuoted: break
        case .quoted: while place < bytes.count, bytes[place] != 0x22 { place += 1 }
        case .skipping: while place < bytes.count, bytes[place] != 10 { place += 1 }
        case .cellStart, .plain:
            while place < bytes.count, bytes[place] != 0x2C, bytes[place] != 10,
                bytes[place] != 0x22
            { place += 1 }
        }
        return place
    }

    private mutating func keep(
        _ run: Range<Int>,
        _ fault: inout ImportReason?,
        _ start: inout Int
    ) {
        guard fault == nil else { return }
        guard bytes.count + run.count <= LineReader.rowByteCountMax else {
            fault = .rowTooLong(byteCountMax: LineReader.rowByteCountMax)
            bytes = []
            cells = []
            start = 0
            return
        }
        bytes.append(contentsOf: chunk[run])
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

extension [UInt8] {
    /// How many line feeds stand in a part.
    func newlineCount(in range: Range<Int>) -> Int {
        let bytes = span
        var count = 0
        for place in range where bytes[place] == 10 { count += 1 }
        return count
    }
}
