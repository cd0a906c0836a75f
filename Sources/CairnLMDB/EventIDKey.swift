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

        init(_ bytes: Substring.UTF8View) {
            var packed: UInt128 = 0
            var count = 0
            for byte in bytes {
                count += 1
                guard count <= 15 else {
                    self = .long(Array(bytes))
                    return
                }
                packed = packed << 8 | UInt128(byte)
            }
            // The count has to stay above the bytes whatever they are.
            self = .short(packed | UInt128(count) << 120)
        }

        var bytes: [UInt8] {
            switch self {
            case .long(let bytes): return bytes
            case .short(let packed):
                let count = Int(packed >> 120)
                return (0..<count).map {
                    UInt8(truncatingIfNeeded: packed >> (8 * UInt128(count - 1 - $0)))
                }
            }
        }
    }
}
