internal import CairnCore

/// Numbers that look random and are the same on every machine (SplitMix64).
struct DemoRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below a bound, all as likely.
    mutating func below(_ bound: Int64) -> Int64 {
        Int64(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound.magnitude)).high)
    }

    /// Whether something happens that does so in so many of a hundred cases.
    mutating func happens(percent: Int64) -> Bool { below(100) < percent }

    /// A duration in milliseconds: mostly near the shortest, seldom near the longest, as real
    /// services have it.
    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Int64 {
        let width = range.upperBound - range.lowerBound + 1
        let share = (below(1_000) * below(1_000) * below(1_000)) / 1_000_000
        return range.lowerBound + width * share / 1_000
    }

    /// Characters of a request's id.
    mutating func code(characterCount: Int) -> String {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
        return String((0..<characterCount).map { _ in letters[Int(below(Int64(letters.count)))] })
    }
}
