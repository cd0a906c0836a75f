internal import CairnCore

/// What stands for texts and numbers.
protocol StandIns: Sendable {
    /// What stands for a text; nothing for nothing.
    mutating func name(of text: String, as kind: String) -> String

    /// What stands for a number, both as JSON writes them.
    mutating func number(of text: String) -> String

    /// Hexadecimal digits that no other text has, at most 30.
    mutating func digits(of text: String) -> String
}

extension StandIns {
    /// What stands for the text of a UUID: another one, of random ones by its form, in capitals
    /// where the text is.
    mutating func uuid(of text: String) -> String {
        let uuid = Self.uuid(with: digits(of: text))
        return text.utf8.contains { (65...70).contains($0) } ? uuid.uppercased() : uuid
    }

    /// The UUID that ends with some digits, in small letters.
    static func uuid(with own: String) -> String {
        var digits = Array((String(repeating: "0", count: 30 - own.utf8.count) + own).utf8)
        digits.insert(UInt8(ascii: "4"), at: 12)
        digits.insert(UInt8(ascii: "8"), at: 16)
        for place in [8, 13, 18, 23] { digits.insert(UInt8(ascii: "-"), at: place) }
        return String(decoding: digits, as: UTF8.self)
    }
}
