/// Builds stored bytes: integers with the least significant byte first, text with its length.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8]

    /// Starts empty, with room for an expected number of bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public var byteCount: Int { bytes.count }

    /// Adds an integer, least significant byte first.
    public mutating func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Adds an integer, most significant byte first, so that keys sort as numbers.
    public mutating func bigEndian<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Adds an unsigned integer in groups of seven bits, least significant first (LEB128).
    public mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Adds a signed integer so that small magnitudes take few bytes (zigzag, then LEB128).
    public mutating func variable(_ value: Int64) {
        variable(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Adds raw bytes without their length.
    public mutating func raw(_ span: RawSpan) {
        span.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Adds raw bytes without their length.
    public mutating func raw(_ array: some Collection<UInt8>) {
        bytes.append(contentsOf: array)
    }

    /// Adds text with its byte count before it.
    public mutating func text(_ value: String) {
        variable(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// Adds bytes with their count before them.
    public mutating func blob(_ value: [UInt8]) {
        variable(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Takes the built bytes.
    public consuming func finish() -> [UInt8] { bytes }
}
