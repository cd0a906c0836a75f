/// Stored bytes ended early or hold a number that cannot be.
public struct TruncatedBytes: Error, Hashable, Sendable {
    /// Where reading stopped, counted from the start of the span that was read.
    public let offset: Int

    @inlinable
    public init(offset: Int) {
        self.offset = offset
    }
}

/// A place in stored bytes: each read checks the bounds and moves on, and never traps.
///
/// The bytes are given to each read, because a value that holds them could not be stored.
public struct ByteReader: Sendable {
    /// Where the next read starts.
    @inlinable public var offset: Int { place }
    @usableFromInline var place: Int

    @inlinable
    public init(offset: Int = 0) {
        place = offset
    }

    /// Takes an integer, least significant byte first.
    @inlinable
    public mutating func littleEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type = Integer.self,
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> Integer {
        let range = try take(MemoryLayout<Integer>.size, in: bytes)
        return bytes.littleEndian(at: range.lowerBound)
    }

    /// Takes an unsigned integer in groups of seven bits (LEB128).
    @inlinable
    public mutating func variable(in bytes: RawSpan) throws(TruncatedBytes) -> UInt64 {
        if place < bytes.byteCount, bytes.byte(at: place) < 0x80 {
            // As most are.
            defer { place += 1 }
            return UInt64(bytes.byte(at: place))
        }
        return try longVariable(in: bytes)
    }

    @usableFromInline
    mutating func longVariable(in bytes: RawSpan) throws(TruncatedBytes) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.byteCount {
            let byte = bytes.byte(at: offset)
            place += 1
            let group = UInt64(byte & 0x7F)
            guard shift < 63 || (shift == 63 && group <= 1) else { break }
            value |= group << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw TruncatedBytes(offset: offset)
    }

    /// Takes a signed integer written by zigzag and LEB128.
    @inlinable
    public mutating func signedVariable(in bytes: RawSpan) throws(TruncatedBytes) -> Int64 {
        let value = try variable(in: bytes)
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// Takes a count of bytes and says where they stand.
    @inlinable
    public mutating func take(
        _ count: Int,
        in bytes: RawSpan
    ) throws(TruncatedBytes) -> Range<Int> {
        guard count >= 0, count <= bytes.byteCount - offset else {
            throw TruncatedBytes(offset: offset)
        }
        defer { place += count }
        return place..<place + count
    }

    /// Takes text that has its byte count before it.
    public mutating func text(in bytes: RawSpan) throws(TruncatedBytes) -> String {
        bytes.extracting(try blob(in: bytes)).text()
    }

    /// Takes bytes that have their count before them, and says where they stand.
    public mutating func blob(in bytes: RawSpan) throws(TruncatedBytes) -> Range<Int> {
        let count = try variable(in: bytes)
        guard count <= UInt64(bytes.byteCount) else { throw TruncatedBytes(offset: offset) }
        return try take(Int(count), in: bytes)
    }
}
