#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Splits an input into lines, none of which is held beyond a stated length.
struct LineReader {
    /// Longest row of any text format, in bytes; the largest payload of an event is as long.
    static let rowByteCountMax = 16 << 20

    /// What stands in a line.
    enum Line: Hashable {
        /// The bytes without the line's end are in the buffer.
        case complete
        /// The line was passed over without being held.
        case tooLong
    }

    let input: InputBytes
    /// The number of the line read last, counted from 1.
    private(set) var number = 0
    private var chunk: [UInt8] = []
    private var offset = 0
    private var isAtStart = true

    init(_ input: InputBytes) {
        self.input = input
    }

    /// Reads the next line into a buffer; nil at the end of the input.
    ///
    /// A byte order mark before the first line and a carriage return at the end of any are not
    /// part of it. A last line without an end is a line.
    mutating func next(into line: inout [UInt8]) throws(ImportError) -> Line? {
        line.removeAll(keepingCapacity: line.capacity <= 4 * InputBytes.chunkByteCount)
        var isTooLong = false
        var isEmpty = true
        while true {
            if offset == chunk.count {
                guard try refill() else {
                    if isEmpty { return nil }
                    return finish(&line, isTooLong)
                }
            }
            isEmpty = false
            let end = chunk.firstIndex(ofNewlineFrom: offset)
            let stop = end ?? chunk.count
            if line.count + stop - offset > Self.rowByteCountMax {
                isTooLong = true
                line = []
            }
            if !isTooLong { line.append(contentsOf: chunk[offset..<stop]) }
            offset = stop
            if end != nil {
                offset += 1
                return finish(&line, isTooLong)
            }
        }
    }

    private mutating func finish(_ line: inout [UInt8], _ isTooLong: Bool) -> Line {
        number += 1
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return isTooLong ? .tooLong : .complete
    }

    private mutating func refill() throws(ImportError) -> Bool {
        offset = 0
        guard try input.next(into: &chunk) else { return false }
        offset = isAtStart && chunk.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        isAtStart = false
        return true
    }
}

extension [UInt8] {
    /// Where the next line feed stands, found at the speed of the C library.
    func firstIndex(ofNewlineFrom start: Int) -> Int? {
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, start < bytes.count,
                let found = memchr(base + start, 10, bytes.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }
}
