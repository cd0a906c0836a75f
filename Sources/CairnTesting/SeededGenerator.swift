/// A generator of random numbers that gives the same ones for the same seed, for ever (SplitMix64).
///
/// The draws below are part of that promise: the standard library's own, such as
/// `Int.random(in:using:)`, may use a generator differently in another release.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Draws a number from 0 up to and without a count.
    ///
    /// - Precondition: `count` is positive.
    public mutating func below(_ count: Int) -> Int {
        precondition(count > 0, "there is nothing to draw from")
        return Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// Draws a number from a closed range.
    public mutating func draw(_ range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
        guard width < .max else { return Int64(bitPattern: next()) }
        return range.lowerBound &+ Int64(bitPattern: next().multipliedFullWidth(by: width + 1).high)
    }

    /// Draws true as often as `chance` in `outOf` times.
    public mutating func isHit(_ chance: Int, outOf: Int) -> Bool {
        below(outOf) < chance
    }

    /// Draws one of some values.
    ///
    /// - Precondition: There is at least one.
    public mutating func pick<Value>(_ values: [Value]) -> Value {
        values[below(values.count)]
    }

    /// Draws bytes.
    public mutating func bytes(count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for _ in 0..<count { bytes.append(UInt8(truncatingIfNeeded: next() >> 56)) }
        return bytes
    }

    /// Makes a generator of its own for one part of a test, so that parts do not disturb another.
    public mutating func split() -> SeededGenerator {
        SeededGenerator(seed: next())
    }
}
