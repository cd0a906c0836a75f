internal import CChecksum

// The one file of this module that uses unsafe loads. Each is bounds-checked by `RawSpan`
// itself, and every bit pattern of an integer is valid, so no input can make one misbehave; a
// caller that reads stored bytes checks the count first, because a failed check stops the program.
extension RawSpan {
    /// Reads an integer stored with its least significant byte first, at any alignment.
    ///
    /// - Precondition: The integer lies inside the span.
    @inlinable
    @inline(__always)
    public func littleEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        as type: Integer.Type = Integer.self
    ) -> Integer {
        Integer(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// Reads an integer stored with its most significant byte first, at any alignment.
    ///
    /// - Precondition: The integer lies inside the span.
    @inlinable
    @inline(__always)
    public func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        as type: Integer.Type = Integer.self
    ) -> Integer {
        Integer(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
    }

    /// Reads one byte.
    ///
    /// - Precondition: The offset lies inside the span.
    @inlinable
    @inline(__always)
    public func byte(at offset: Int) -> UInt8 {
        unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }

    /// CRC-32C of these bytes, seeded with a position, so that moved bytes fail their check.
    public func checksum(seededWith position: UInt64) -> UInt32 {
        withUnsafeBytes { cairn_crc32c_at(position, $0.baseAddress, $0.count) }
    }

    /// A digest of bytes before these, whose digest is given, and these.
    ///
    /// Not a CRC: for bytes that carry checksums themselves.
    public func digest(following digest: UInt64) -> UInt64 {
        withUnsafeBytes { cairn_digest64(digest, $0.baseAddress, $0.count) }
    }

    /// Copies the bytes out.
    public func array() -> [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// The bytes as text; ill-formed UTF-8 is repaired with U+FFFD.
    public func text() -> String {
        withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the bytes are exactly those: compared eight at a time.
    public func equals(_ other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        var offset = 0
        while offset + 8 <= byteCount {
            guard
                littleEndian(at: offset, as: UInt64.self)
                    == other.littleEndian(at: offset, as: UInt64.self)
            else { return false }
            offset += 8
        }
        while offset < byteCount {
            guard byte(at: offset) == other.byte(at: offset) else { return false }
            offset += 1
        }
        return true
    }

    /// Whether the bytes are exactly this text's UTF-8.
    public func equals(_ text: String) -> Bool {
        withUnsafeBytes { left in left.elementsEqual(text.utf8) }
    }
}

extension RawSpan {
    /// Whether these bytes come before others: the first that differs decides, or else the count.
    ///
    /// Eight at a time: names are sorted whenever the index is written.
    package func isOrdered(before other: RawSpan) -> Bool {
        let count = Swift.min(byteCount, other.byteCount)
        var offset = 0
        while offset + 8 <= count {
            let one: UInt64 = bigEndian(at: offset)
            let two: UInt64 = other.bigEndian(at: offset)
            guard one == two else { return one < two }
            offset += 8
        }
        while offset < count {
            let (one, two) = (byte(at: offset), other.byte(at: offset))
            guard one == two else { return one < two }
            offset += 1
        }
        return byteCount < other.byteCount
    }
}

extension [UInt8] {
    /// CRC-32C of part of the array, seeded with a position.
    func checksum(of range: Range<Int>, seededWith position: UInt64) -> UInt32 {
        span.bytes.extracting(range).checksum(seededWith: position)
    }
}
