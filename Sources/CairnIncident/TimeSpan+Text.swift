public import CairnCore

extension TimeSpan {
    /// Why a text is not a span of time.
    public enum FormatError: Error, Hashable, Sendable {
        /// The text is not one or more numbers, each with its unit.
        case notASpan
        /// A number has no unit, so it could mean anything.
        case missingUnit
        /// The units do not go from large to small, or one is given twice.
        case unitsOutOfOrder
        /// The span is longer than 292 years or finer than a nanosecond.
        case outOfRange
    }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("w", 604_800_000_000_000), ("d", 86_400_000_000_000), ("h", 3_600_000_000_000),
        ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
    ]

    /// Reads a span such as `15m`, `24h`, `7d`, `1h30m`, `1.5s` or `250ms`.
    ///
    /// Units are w, d, h, m, s, ms, us and ns, from large to small. A minus sign before the first
    /// number holds for all of them. `0` needs no unit. A day is 24 hours.
    ///
    /// - Throws: ``FormatError``.
    public init(text: some StringProtocol) throws(FormatError) {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        if rest.elementsEqual("0".utf8) {
            self = .zero
            return
        }
        guard !rest.isEmpty else { throw .notASpan }
        var total: Int64 = 0
        var unitIndexMin = 0
        while !rest.isEmpty {
            let number = rest.prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
            rest = rest.dropFirst(number.count)
            let letters = rest.prefix { (97...122).contains($0) }
            rest = rest.dropFirst(letters.count)
            guard !number.isEmpty else { throw .notASpan }
            guard !letters.isEmpty else { throw rest.isEmpty ? .missingUnit : .notASpan }
            let found = Self.units.firstIndex { $0.name.utf8.elementsEqual(letters) }
            guard let index = found else { throw .notASpan }
            guard index >= unitIndexMin else { throw .unitsOutOfOrder }
            unitIndexMin = index + 1
            let part = try Self.product(number, of: Self.units[index].nanoseconds)
            let (sum, isTooLong) = total.addingReportingOverflow(part)
            guard !isTooLong else { throw .outOfRange }
            total = sum
        }
        self.init(nanoseconds: isNegative ? -total : total)
    }

    /// Multiplies digits, perhaps with a point, by a unit, without rounding.
    private static func product(
        _ number: ArraySlice<UInt8>,
        of unit: Int64
    ) throws(FormatError) -> Int64 {
        let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, !first.isEmpty else { throw .notASpan }
        var whole: Int64 = 0
        for digit in first {
            let (tenfold, isLarge) = whole.multipliedReportingOverflow(by: 10)
            let (sum, isLarger) = tenfold.addingReportingOverflow(Int64(digit - 48))
            guard !isLarge, !isLarger else { throw .outOfRange }
            whole = sum
        }
        let (product, isTooLong) = whole.multipliedReportingOverflow(by: unit)
        guard !isTooLong else { throw .outOfRange }
        guard parts.count == 2 else { return product }
        guard !parts[1].isEmpty else { throw .notASpan }
        var rest: Int64 = 0
        var place = unit
        // Zeros add nothing, however many there are; any other digit needs a whole place.
        for digit in parts[1] where digit != 48 || place % 10 == 0 {
            guard place % 10 == 0 else { throw .outOfRange }
            place /= 10
            rest += Int64(digit - 48) * place
        }
        let (sum, isLonger) = product.addingReportingOverflow(rest)
        guard !isLonger else { throw .outOfRange }
        return sum
    }

    /// The span for people: its two largest units, such as `2h 5m`, cut and not rounded.
    ///
    /// Under a minute it is seconds with up to three digits, such as `12.25s`, and under a second
    /// whole milliseconds, microseconds or nanoseconds.
    public var human: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        func count(_ unit: UInt64) -> UInt64 { magnitude / unit }
        let seconds = count(1_000_000_000)
        switch magnitude {
        case 0: return "0s"
        case ..<1_000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return "\(sign)\(count(1_000))us"
        case ..<1_000_000_000: return "\(sign)\(count(1_000_000))ms"
        case ..<60_000_000_000:
            let thousandths = Self.trimmedFraction(count(1_000_000) % 1_000, digits: 3)
            return "\(sign)\(seconds)\(thousandths)s"
        case ..<3_600_000_000_000: return Self.pair(sign, seconds, 60, "m", 1, "s")
        case ..<86_400_000_000_000: return Self.pair(sign, seconds, 3_600, "h", 60, "m")
        default: return Self.pair(sign, seconds, 86_400, "d", 3_600, "h")
        }
    }

    private static func pair(
        _ sign: String,
        _ seconds: UInt64,
        _ large: UInt64,
        _ largeName: String,
        _ small: UInt64,
        _ smallName: String
    ) -> String {
        let rest = seconds % large / small
        return "\(sign)\(seconds / large)\(largeName)" + (rest == 0 ? "" : " \(rest)\(smallName)")
    }

    private static func trimmedFraction(_ value: UInt64, digits: Int) -> String {
        guard value > 0 else { return "" }
        var text = String(value)
        text = String(repeating: "0", count: digits - text.count) + text
        while text.hasSuffix("0") { text.removeLast() }
        return "." + text
    }

    /// The span in seconds as an exact decimal number, such as `7500.25`, for JSON.
    public var secondsText: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        let fraction = Self.trimmedFraction(magnitude % 1_000_000_000, digits: 9)
        return "\(sign)\(magnitude / 1_000_000_000)\(fraction)"
    }
}

extension TimeSpan.FormatError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notASpan: "it is not a span of time; write 15m, 24h, 7d, 1h30m or 250ms"
        case .missingUnit: "it has no unit; write 15m, 24h, 7d, 1h30m or 250ms"
        case .unitsOutOfOrder: "its units must go from large to small, each once, as in 1h30m"
        case .outOfRange: "it is longer than 292 years or finer than a nanosecond"
        }
    }
}
