/// Puts lines together from the chunks in which they arrive.
struct LineSplitter {
    private var rest: [UInt8] = []

    /// Bytes of a line whose end has not arrived.
    var restByteCount: Int { rest.count }

    /// Every line that a chunk completes, without its end.
    mutating func lines(adding chunk: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: 0x0A) {
            rest.append(contentsOf: chunk[start..<end])
            lines.append(rest)
            rest = []
            start = end + 1
        }
        rest.append(contentsOf: chunk[start...])
        return lines
    }
}
