/// Counts the events of each request in an input, in 64 bits for a name.
///
/// Names are told apart by a digest that is the same in every run, because ordinals become part
/// of event ids. Two names with one digest (a chance of one in 10^7 at a million requests) would
/// share a count: their ordinals then have gaps, and the same gaps in every import.
///
/// - Complexity: Constant time for a name; at most 48 bytes of memory for each different name.
struct OrdinalCounter {
    private var counts: [UInt64: UInt64] = [:]

    /// How many different names were counted.
    var nameCount: Int { counts.count }

    /// The next ordinal of a name, from 1 on.
    mutating func next(of name: String) -> UInt64 {
        counts[Self.digest(of: name), default: 0] += 1
        return counts[Self.digest(of: name)] ?? 1
    }

    /// FNV-1a in 64 bits, with its bits mixed once more.
    static func digest(of name: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 32)) &* 0x9E37_79B9_7F4A_7C15
        return hash ^ (hash >> 29)
    }
}
