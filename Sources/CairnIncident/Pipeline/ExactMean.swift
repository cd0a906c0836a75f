internal import CairnCore

/// The mean of whole numbers, kept as their sum and their count, so that nothing is rounded.
public struct ExactMean: Sendable {
    public private(set) var sum: Int128
    public private(set) var count: Int64

    public init(sum: Int128 = 0, count: Int64 = 0) {
        self.sum = sum
        self.count = count
    }

    /// Takes one more number in.
    ///
    /// The sum of as many 64-bit numbers as 64 bits can count fits 128 bits.
    mutating func add(_ value: Int64) {
        sum += Int128(value)
        count += 1
    }

    /// The mean as PostgreSQL's `AVG` prints it, such as `1.5000000000000000`.
    ///
    /// It has 16 significant digits or some more, as `numeric` division chooses them, and is
    /// rounded half away from zero. Nil for no numbers, where SQL says NULL.
    public var postgresText: String? {
        guard count > 0 else { return nil }
        let divisor = UInt128(count.magnitude)
        let (whole, rest) = sum.magnitude.quotientAndRemainder(dividingBy: divisor)
        let scale = Self.scale(dividing: sum.magnitude, by: divisor)
        var digits = Array(String(whole).utf8)
        let wholeCount = digits.count
        var remainder = rest
        for _ in 0..<scale {
            let (digit, rest) = (remainder * 10).quotientAndRemainder(dividingBy: divisor)
            digits.append(48 + UInt8(digit))
            remainder = rest
        }
        if remainder * 2 >= divisor { Self.increment(&digits) }
        let text = String(decoding: digits, as: UTF8.self)
        let pointOffset = wholeCount + (digits.count - wholeCount - scale)
        let sign = sum < 0 ? "-" : ""
        guard scale > 0 else { return sign + text }
        return sign + text.prefix(pointOffset) + "." + text.dropFirst(pointOffset)
    }

    /// The mean as PostgreSQL's `AVG` rounds it, which is what it orders by.
    ///
    /// Means that are equal as fractions may be rounded to different numbers of decimals there.
    var postgresValue: JSONNumber? { postgresText.flatMap { JSONNumber($0) } }

    /// How many decimals PostgreSQL's `numeric` division gives: its `select_div_scale`, which
    /// counts in groups of four digits and aims at 16 significant ones.
    private static func scale(dividing dividend: UInt128, by divisor: UInt128) -> Int {
        let (dividendWeight, dividendFirst) = leadingGroup(dividend)
        let (divisorWeight, divisorFirst) = leadingGroup(divisor)
        var weight = dividendWeight - divisorWeight
        if dividendFirst <= divisorFirst { weight -= 1 }
        return max(0, 16 - weight * 4)
    }

    private static func leadingGroup(_ value: UInt128) -> (weight: Int, first: UInt128) {
        var (weight, first) = (0, value)
        while first >= 10_000 {
            first /= 10_000
            weight += 1
        }
        return (weight, first)
    }

    private static func increment(_ digits: inout [UInt8]) {
        for index in digits.indices.reversed() {
            guard digits[index] == UInt8(ascii: "9") else {
                digits[index] += 1
                return
            }
            digits[index] = UInt8(ascii: "0")
        }
        digits.insert(UInt8(ascii: "1"), at: 0)
    }
}

extension ExactMean: Comparable {
    public static func == (left: ExactMean, right: ExactMean) -> Bool {
        left.parts == right.parts
    }

    public static func < (left: ExactMean, right: ExactMean) -> Bool {
        left.parts < right.parts
    }

    /// The whole part, rounded down, and the rest as a fraction.
    private var parts: Parts {
        guard count > 0 else { return Parts(whole: 0, rest: 0, divisor: 1) }
        var (whole, rest) = sum.quotientAndRemainder(dividingBy: Int128(count))
        if rest < 0 {
            whole -= 1
            rest += Int128(count)
        }
        return Parts(whole: whole, rest: rest, divisor: Int128(count))
    }

    private struct Parts: Comparable {
        let whole: Int128
        let rest: Int128
        let divisor: Int128

        // A rest is below its divisor, which has 63 bits, so the products fit.
        static func == (left: Parts, right: Parts) -> Bool {
            left.whole == right.whole && left.rest * right.divisor == right.rest * left.divisor
        }

        static func < (left: Parts, right: Parts) -> Bool {
            guard left.whole == right.whole else { return left.whole < right.whole }
            return left.rest * right.divisor < right.rest * left.divisor
        }
    }
}

extension ExactMean: CustomStringConvertible {
    /// The mean as PostgreSQL rounds it, without zeros at the end: a JSON number.
    public var description: String {
        guard var text = postgresText else { return "null" }
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
