/// Tells what is written as a telephone number, and not as an instant, an id or an address.
///
/// Ten digits alone are no number: they are as well seconds since 1970, or a key.
enum TelephoneNumber {
    /// Shapes without a country: 9 is any digit, 2 one from 2 to 9, as those of North America
    /// begin.
    private static let shapes = [
        "(299) 999-9999", "(299)999-9999", "999-999-9999",
        "299.299.9999", "299 299 9999",
    ].map { Array($0.utf8) }
    /// Most digits of a number with its country.
    private static let digitCounts = 8...15

    /// Whether a number begins at a place, and is not part of something longer.
    static func begins(at start: Int, in bytes: ArraySlice<UInt8>) -> Bool {
        switch bytes[start] {
        case UInt8(ascii: "+"), UInt8(ascii: "("), 48...57: break
        default: return false
        }
        if start > bytes.startIndex, isJoined(bytes[start - 1]) { return false }
        let rest = bytes[start...]
        if rest.first == UInt8(ascii: "+") { return isInternational(rest.dropFirst()) }
        return shapes.contains { isShaped(rest, $0) }
    }

    /// Whether a byte beside a number makes it part of something else.
    private static func isJoined(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"),
            UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "/"):
            true
        default: PersonalData.isWord(byte)
        }
    }

    private static func isShaped(_ bytes: ArraySlice<UInt8>, _ shape: [UInt8]) -> Bool {
        guard bytes.count >= shape.count else { return false }
        let fits = zip(bytes, shape).allSatisfy { byte, place in
            switch place {
            case UInt8(ascii: "9"): PersonalData.isDigit(byte)
            case UInt8(ascii: "2"): (UInt8(ascii: "2")...UInt8(ascii: "9")).contains(byte)
            default: byte == place
            }
        }
        return fits && ends(bytes.dropFirst(shape.count))
    }

    /// Digits behind a plus, with spaces, dashes, dots or parentheses between them.
    ///
    /// No country begins with 0, as the offsets of most instants do; of the others one with a year
    /// behind it has eight digits.
    private static func isInternational(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.first != UInt8(ascii: "0") else { return false }
        var digitCount = 0
        var groupCount = 1
        var hasDot = false
        var rest = bytes
        while let byte = rest.first, digitCount <= digitCounts.upperBound {
            if PersonalData.isDigit(byte) {
                digitCount += 1
                rest = rest.dropFirst()
            } else if digitCount > 0, let next = separated(rest) {
                groupCount += 1
                hasDot = hasDot || byte == UInt8(ascii: ".")
                rest = next
            } else {
                break
            }
        }
        guard digitCounts.contains(digitCount), ends(rest) else { return false }
        // One dot makes a fraction.
        if groupCount == 2, hasDot { return false }
        return groupCount == 1 || digitCount > digitCounts.lowerBound
    }

    /// What follows a separator before another group; nil where none does.
    private static func separated(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = bytes
        for _ in 0..<2 {
            switch rest.first {
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("),
                UInt8(ascii: ")"):
                rest = rest.dropFirst()
            default: break
            }
        }
        guard rest.count < bytes.count, rest.first.map(PersonalData.isDigit) == true else {
            return nil
        }
        return rest
    }

    /// Whether a number is over: a sentence may end with it.
    private static func ends(_ rest: ArraySlice<UInt8>) -> Bool {
        guard let next = rest.first else { return true }
        if next == UInt8(ascii: ".") { return rest.dropFirst().first.map(isJoined) != true }
        return !isJoined(next)
    }
}
