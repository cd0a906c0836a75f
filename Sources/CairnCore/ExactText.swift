/// A text that is compared by its bytes, as names are.
///
/// `String` calls two spellings of one accented letter equal, and so merges names that a journal
/// and a database tell apart.
package struct ExactText: Hashable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytesOf: text) }
}

extension String {
    /// Compares the UTF-8 itself, not what it looks like, which is what `==` does for text.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return hasSameBytes(as: other, first: utf8.count)
    }

    /// Compares as many first bytes, which both have.
    func hasSameBytes(as other: String, first count: Int) -> Bool {
        var left = self
        var right = other
        return left.withUTF8 { left in
            right.withUTF8 { right in
                Self.areEqual(
                    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(left)[..<count]),
                    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(right)[..<count])
                )
            }
        }
    }

    /// Eight bytes at a time: names are compared at every lookup of a stream.
    private static func areEqual(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer
    ) -> Bool {
        var offset = 0
        while offset + 8 <= left.count {
            let one = left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard one == right.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else {
                return false
            }
            offset += 8
        }
        while offset < left.count {
            guard left[offset] == right[offset] else { return false }
            offset += 1
        }
        return true
    }

    /// Whether this text comes before another by the bytes of UTF-8, as in the C collation.
    package func hasBytes(before other: String) -> Bool {
        utf8Span.span.bytes.isOrdered(before: other.utf8Span.span.bytes)
    }

    /// A hash of as many first bytes; another one in each run of a program.
    func hashCode(ofFirst count: Int) -> Int {
        var hasher = Hasher()
        var text = self
        text.withUTF8 {
            hasher.combine(
                bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0)[..<count])
            )
        }
        return hasher.finalize()
    }

    /// A number that stands for the text in every run and on every machine: FNV-1a in 64 bits,
    /// with its bits mixed once more.
    ///
    /// Hasher gives other numbers in each run. Two texts may share a number.
    package var stableDigest: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return hash ^ (hash >> 29)
    }
}

extension Hasher {
    package mutating func combine(bytesOf text: String) {
        var text = text
        text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
