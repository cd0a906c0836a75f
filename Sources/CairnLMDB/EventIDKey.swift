internal import CairnCore

/// An event id cut after its last slash, as the index stores it.
///
/// Ids such as `pagw_id/sequence_no` share all but a few bytes with the ids of their request, so
/// the index keeps the shared part once for many. An id without a slash has an empty prefix.
/// Prefix and suffix put together are the id, and no two ids have the same two parts.
struct EventIDKey {
    let prefix: EventIDPrefix
    let suffix: Suffix

    init(_ id: EventID) {
        prefix = id.prefix
        suffix = Suffix(id.name.utf8.dropFirst(id.prefix.byteCount))
    }

    /// The end of an id.
    ///
    /// Up to 15 bytes, so nearly always, it takes no memory of its own.
    enum Suffix: Hashable {
        /// The bytes, last one lowest, with their count above them.
        case short(UInt128)
        case long([UInt8])

        private static let shortCountMax = 15

        init(_ bytes: Substring.UTF8View) {
            var packed: UInt128 = 0
            var count = 0
            for byte in bytes {
                count += 1
                guard count <= Self.shortCountMax else {
                    self = .long(Array(bytes))
                    return
                }
                packed = packed << 8 | UInt128(byte)
            }
            self = .short(packed, byteCount: count)
        }

        init(_ bytes: RawSpan) {
            let count = bytes.byteCount
            guard count <= Self.shortCountMax else {
                self = .long(bytes.array())
                return
            }
            var packed: UInt128 = 0
            for offset in 0..<count { packed = packed << 8 | UInt128(bytes.byte(at: offset)) }
            self = .short(packed, byteCount: count)
        }

        /// The count has to stay above the bytes whatever they are.
        private static func short(_ packed: UInt128, byteCount: Int) -> Self {
            .short(packed | UInt128(byteCount) << 120)
        }

        var byteCount: Int {
            switch self {
            case .long(let bytes): bytes.count
            case .short(let packed): Int(packed >> 120)
            }
        }

        var bytes: [UInt8] {
            var writer = ByteWriter(capacity: byteCount)
            write(to: &writer)
            return writer.finish()
        }

        /// Adds the bytes without their count.
        func write(to writer: inout ByteWriter) {
            switch self {
            case .long(let bytes): writer.raw(bytes)
            case .short(let packed):
                var shift = 8 * UInt128(byteCount)
                while shift > 0 {
                    shift -= 8
                    writer.littleEndian(UInt8(truncatingIfNeeded: packed >> shift))
                }
            }
        }
    }
}

/// Where a suffix that is too long to be kept beside its event lies among those that are.
struct LongSuffix {
    let start: Int
    let byteCount: Int

    /// What the highest byte of a short suffix, its count, never is.
    private static let mark = UInt128(0xFF) << 120

    init(start: Int, byteCount: Int) {
        self.start = start
        self.byteCount = byteCount
    }

    /// Reads what is stored beside an event; nil if that is a short suffix.
    init?(_ stored: UInt128) {
        guard stored >= Self.mark else { return nil }
        start = Int(truncatingIfNeeded: stored >> 32 & 0xFFFF_FFFF_FFFF)
        byteCount = Int(UInt32(truncatingIfNeeded: stored))
    }

    var stored: UInt128 { Self.mark | UInt128(start) << 32 | UInt128(byteCount) }

    var range: Range<Int> { start..<start + byteCount }
}
