internal import CairnCore

/// Counts the events of each request in an input, in 64 bits for a name.
///
/// Names are told apart by a digest that is the same in every run, because ordinals become part
/// of event ids. Two names with one digest (a chance of one in 10^7 at a million requests) would
/// share a count: their ordinals then have gaps, and the same gaps in every import.
///
/// - Complexity: Constant time for a name; at most 48 bytes of memory for each different name.
struct OrdinalCounter {
    private var counts: [UInt64: UInt64] = [:]

    /// The ordinal that a name gets next, from 1 on.
    func upcoming(of name: String) -> UInt64 {
        counts[name.stableDigest, default: 0] + 1
    }

    /// Takes the next ordinal of a name.
    @discardableResult
    mutating func next(of name: String) -> UInt64 {
        let ordinal = upcoming(of: name)
        counts[name.stableDigest] = ordinal
        return ordinal
    }

    /// Whether a name got an ordinal.
    func has(_ ordinal: UInt64, of name: String) -> Bool {
        counts[name.stableDigest, default: 0] >= ordinal
    }

    /// Takes all ordinals over that another one gave.
    mutating func merge(_ other: OrdinalCounter) {
        counts.merge(other.counts) { max($0, $1) }
    }
}
