// Rounding is in the C library's mathematics.
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Numbers for floating-point numbers, such that simple ones come first.
///
/// Natural numbers below 2^56 stand for themselves. Everything else comes after them: first the
/// small exponents, and among equal exponents those with few binary digits after the point; then
/// infinity, then NaN. A negative number with the code `c` has the value `-1 - c`. The order is
/// that of Hypothesis; the tokens of failures are written in it, so it never changes.
enum FloatCode {
    private static let naturalLimit = 72_057_594_037_927_936.0
    private static let infinity = UInt64.max - 1
    private static let notANumber = UInt64.max
    private static let flag: UInt64 = 1 << 63
    private static let fractionMask: UInt64 = (1 << 52) - 1

    static let range: ClosedRange<Int128> = -1 - Int128(UInt64.max)...Int128(UInt64.max)

    static func value(of double: Double) -> Int128 {
        if double.isNaN { return Int128(notANumber) }
        let code = Int128(self.code(of: double.magnitude))
        return double.sign == .minus ? -1 - code : code
    }

    static func double(of value: Int128) -> Double {
        let isNegative = value < 0
        let magnitude = double(ofCode: UInt64(clamping: isNegative ? -1 - value : value))
        return isNegative && !magnitude.isNaN ? -magnitude : magnitude
    }

    static func rank(_ value: Int128) -> UInt128 {
        value < 0 ? UInt128(-1 - value) << 1 | 1 : UInt128(value) << 1
    }

    /// The number with the smallest code between two that are finite and not negative.
    static func simplest(from lower: Double, through upper: Double) -> Double {
        let natural = lower.rounded(.up)
        if natural <= upper, natural < naturalLimit { return natural }
        // Beyond the natural numbers codes grow with the numbers.
        if lower >= naturalLimit { return lower }
        // Large exponents come first below one, and what lies above one has only this one.
        let least = upper.bitPattern & ~fractionMask
        let first = max(lower.bitPattern, least)
        // The number with the most zeros at its end has the fewest digits; there is one such.
        for zeroCount in (UInt64(0)...52).reversed() {
            let mask: UInt64 = (1 << zeroCount) - 1
            let rounded = (first + mask) & ~mask
            if rounded <= upper.bitPattern { return Double(bitPattern: rounded) }
        }
        return upper
    }

    private static func code(of magnitude: Double) -> UInt64 {
        if magnitude.isInfinite { return infinity }
        if magnitude < naturalLimit, magnitude == magnitude.rounded(.towardZero) {
            return UInt64(magnitude)
        }
        let exponent = Int(magnitude.exponentBitPattern) - 1_023
        let rank = UInt64(exponent >= 0 ? exponent : 1_023 - exponent)
        let fraction = magnitude.bitPattern & fractionMask
        return flag | rank << 52 | reorder(fraction, exponent: exponent)
    }

    private static func double(ofCode code: UInt64) -> Double {
        if code == infinity { return .infinity }
        if code == notANumber { return .nan }
        guard code & flag != 0 else { return Double(code) }
        let rank = Int(code >> 52 & 0x7FF)
        // The two highest ranks have no exponent; what a token claims about them is infinite.
        guard rank <= 2_046 else { return .infinity }
        let exponent = rank <= 1_023 ? rank : 1_023 - rank
        let fraction = reorder(code & fractionMask, exponent: exponent)
        return Double(bitPattern: UInt64(exponent + 1_023) << 52 | fraction)
    }

    /// Reverses the bits after the binary point, so that few of them make a small number.
    ///
    /// It is its own inverse.
    private static func reorder(_ fraction: UInt64, exponent: Int) -> UInt64 {
        let bitCount = exponent < 0 ? 52 : max(0, 52 - exponent)
        guard bitCount > 0 else { return fraction }
        let mask: UInt64 = (1 << UInt64(bitCount)) - 1
        let reversed = reverse(fraction & mask) >> UInt64(64 - bitCount)
        return fraction & ~mask | reversed
    }

    private static func reverse(_ bits: UInt64) -> UInt64 {
        var bits = bits.byteSwapped
        bits = bits >> 4 & 0x0F0F_0F0F_0F0F_0F0F | (bits & 0x0F0F_0F0F_0F0F_0F0F) << 4
        bits = bits >> 2 & 0x3333_3333_3333_3333 | (bits & 0x3333_3333_3333_3333) << 2
        return bits >> 1 & 0x5555_5555_5555_5555 | (bits & 0x5555_5555_5555_5555) << 1
    }
}
