/// Builds stored bytes: integers with the least significant byte first, text with its length.
public struct ByteWriter: Sendable {
    @usableFromInline var storage: [UInt8]

    /// What was built so far.
    @inlinable public var bytes: [UInt8] { storage }

    /// Starts empty, with room for an expected number of bytes.
    @inlinable
    public init(capacity: Int = 0) {
        storage = []
        storage.reserveCapacity(capacity)
    }

    @inlinable
    public var byteCount: Int { storage.count }

    /// Adds an integer, least significant byte first.
    @inlinable
    public mutating func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.littleEndian) { storage.append(contentsOf: $0) }
    }

    /// Adds an integer, most significant byte first, so that keys sort as numbers.
    @inlinable
    public mutating func bigEndian<Integer: FixedWidthInteger>(_ value: Integer) {
        withUnsafeBytes(of: value.bigEndian) { storage.append(contentsOf: $0) }
    }

    /// Adds an unsigned integer in groups of seven bits, least significant first (LEB128).
    @inlinable
    public mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            storage.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        storage.append(UInt8(rest))
    }

    /// Adds a signed integer so that small magnitudes take few bytes (zigzag, then LEB128).
    @inlinable
    public mutating func variable(_ value: Int64) {
        variable(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// Starts again with the same room.
    @inlinable
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    /// Adds raw bytes without their length.
    @inlinable
    public mutating func raw(_ span: RawSpan) {
        span.withUnsafeBytes { storage.append(contentsOf: $0) }
    }

    /// Adds raw bytes without their length.
    @inlinable
    public mutating func raw(_ array: some Collection<UInt8>) {
        storage.append(contentsOf: array)
    }

    /// Adds text without its length.
    @inlinable
    public mutating func raw(_ text: String.UTF8View) {
        let isDone: Void? = text.withContiguousStorageIfAvailable { storage.append(contentsOf: $0) }
        if isDone == nil { storage.append(contentsOf: text) }
    }

    /// Adds text with its byte count before it.
    @inlinable
    public mutating func text(_ value: String) {
        variable(UInt64(value.utf8.count))
        storage.append(contentsOf: value.utf8)
    }

    /// Adds bytes with their count before them.
    @inlinable
    public mutating func blob(_ value: [UInt8]) {
        variable(UInt64(value.count))
        storage.append(contentsOf: value)
    }

    /// Takes the built bytes.
    @inlinable
    public consuming func finish() -> [UInt8] { storage }
}
