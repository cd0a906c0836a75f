/// Splits one JSON array over any number of lines into its elements, holding one at a time.
///
/// Only where elements begin and end is told here; that each is JSON is for its reader to check.
struct JSONArrayReader {
    private enum State {
        case start, elements, end
    }

    private let input: InputBytes
    private var chunk: [UInt8] = []
    private var offset = 0
    private var state = State.start
    private var isAtStart = true
    private var count = 0

    init(_ input: InputBytes) {
        self.input = input
    }

    /// Takes the next element; false at the end of the input.
    ///
    /// - Throws: ``ImportError`` where the input is no array, or an element is longer than a row
    ///   may be.
    mutating func next(into element: inout [UInt8]) throws(ImportError) -> Bool {
        element.removeAll(keepingCapacity: element.capacity <= 4 * InputBytes.chunkByteCount)
        if state == .start { try open() }
        guard state == .elements else { return try close() }
        var depth = 0
        var isText = false
        var isEscaped = false
        while let byte = try nextByte() {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: "]") where depth == 0:
                    state = .end
                    // An array may be empty; after a comma there must be something.
                    if count == 0, element.allSatisfy({ $0 <= 0x20 }) { return try close() }
                    count += 1
                    return true
                case UInt8(ascii: "]"): depth -= 1
                case UInt8(ascii: ",") where depth == 0:
                    count += 1
                    return true
                default: break
                }
            }
            guard element.count < LineReader.rowByteCountMax else {
                throw input.error(.documentTooLong(byteCountMax: LineReader.rowByteCountMax))
            }
            element.append(byte)
        }
        throw malformed("it ends inside the array")
    }

    private mutating func open() throws(ImportError) {
        while let byte = try nextByte() {
            if byte <= 0x20 { continue }
            guard byte == UInt8(ascii: "[") else { break }
            state = .elements
            return
        }
        throw malformed("it is no array")
    }

    private mutating func close() throws(ImportError) -> Bool {
        while let byte = try nextByte() {
            guard byte <= 0x20 else { throw malformed("something follows the array") }
        }
        return false
    }

    private func malformed(_ message: String) -> ImportError {
        input.error(.malformedDocument(message: message))
    }

    private mutating func nextByte() throws(ImportError) -> UInt8? {
        while offset == chunk.count {
            offset = 0
            guard try input.next(into: &chunk) else {
                chunk = []
                return nil
            }
            offset = isAtStart && chunk.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            isAtStart = false
        }
        offset += 1
        return chunk[offset - 1]
    }
}
