/// A JSON number as an exact decimal: sign, digits and a power of ten, never floating point.
///
/// `1`, `1.0`, `1e0` and `10e-1` are one number; `-0` is zero.
public struct JSONNumber: Hashable, Sendable {
    /// Whether the number is below zero.
    public let isNegative: Bool
    /// The digits' values, most significant first, without zeros at either end; zero has none.
    let digits: [UInt8]
    /// The power of ten of the last digit.
    let exponent: Int

    /// Reads a number's text; nil where it is not one.
    public init?(_ text: String) {
        let source = Array(text.utf8)
        var scanner = JSONScanner()
        guard let range = try? scanner.numberToken(in: source.span.bytes),
            range == 0..<source.count
        else { return nil }
        self.init(checked: source)
    }

    /// Reads a number whose grammar was checked, so its exponent has at most nine digits.
    private init(checked source: [UInt8]) {
        var digits: [UInt8] = []
        digits.reserveCapacity(source.count)
        var exponent = 0
        var isAfterPoint = false
        var place = source.first == UInt8(ascii: "-") ? 1 : 0
        let isSigned = place == 1
        while place < source.count {
            let byte = source[place]
            place += 1
            switch byte {
            case 48...57:
                if byte != 48 || !digits.isEmpty { digits.append(byte - 48) }
                if isAfterPoint { exponent -= 1 }
            case UInt8(ascii: "."): isAfterPoint = true
            default:
                exponent += Int(String(decoding: source[place...], as: UTF8.self)) ?? 0
                place = source.count
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : exponent
        isNegative = isSigned && !digits.isEmpty
    }

    /// The one text of this number, in the shape that ECMAScript and RFC 8785 print.
    public var canonicalText: String {
        guard !digits.isEmpty else { return "0" }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        let figures = digits.map { $0 + 48 }
        // Digits before the decimal point, where the number is written out.
        let pointPlace = figures.count + exponent
        switch pointPlace {
        case 1...21 where exponent >= 0:
            text += figures
            text += Array(repeating: 48, count: exponent)
        case 1...21:
            text += figures[..<pointPlace] + [UInt8(ascii: ".")] + figures[pointPlace...]
        case -5...0:
            text += [48, UInt8(ascii: ".")] + Array(repeating: 48, count: -pointPlace) + figures
        default:
            text += figures[..<1]
            if figures.count > 1 { text += [UInt8(ascii: ".")] + figures[1...] }
            text += Array("e\(pointPlace > 0 ? "+" : "")\(pointPlace - 1)".utf8)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The number times a power of ten as a 64-bit integer; nil where it is not exactly one.
    public func integer(scaledByPowerOfTen power: Int = 0) -> Int64? {
        guard !digits.isEmpty else { return 0 }
        let zeroCount = exponent + power
        guard zeroCount >= 0, digits.count + zeroCount <= 19 else { return nil }
        var value: Int64 = 0
        for index in 0..<digits.count + zeroCount {
            let digit = index < digits.count ? Int64(digits[index]) : 0
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.subtractingReportingOverflow(digit)
            guard !tooLarge, !overflow else { return nil }
            value = sum
        }
        // Summed below zero, where one more number fits than above.
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }
}

extension JSONNumber: Comparable {
    public static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        return left.isNegative
            ? right.isNearerToZero(than: left) : left.isNearerToZero(than: right)
    }

    private func isNearerToZero(than other: JSONNumber) -> Bool {
        guard !digits.isEmpty, !other.digits.isEmpty else {
            return digits.isEmpty && !other.digits.isEmpty
        }
        let size = digits.count + exponent
        let otherSize = other.digits.count + other.exponent
        guard size == otherSize else { return size < otherSize }
        return digits.lexicographicallyPrecedes(other.digits)
    }
}

extension JSONNumber: CustomStringConvertible {
    public var description: String { canonicalText }
}
