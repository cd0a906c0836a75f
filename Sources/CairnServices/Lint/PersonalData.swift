internal import CairnCore

/// Tells what looks like personal data in JSON or in a text: probable, and never certain.
enum PersonalData {
    /// The first thing that looks like it; nil where nothing does.
    ///
    /// - Complexity: One pass over the bytes.
    static func first(in bytes: ArraySlice<UInt8>) -> String? {
        if let name = PersonalName.first(in: bytes) { return "a member \(LintNotes.shown(name))" }
        return pattern(in: bytes)
    }

    private static func pattern(in bytes: ArraySlice<UInt8>) -> String? {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            if TelephoneNumber.begins(at: start, in: bytes) { return "a telephone number" }
            guard isToken(bytes[start]) else {
                start += 1
                continue
            }
            let end = bytes[start...].firstIndex { !isToken($0) } ?? bytes.endIndex
            if let found = kind(of: bytes[start..<end]) { return found }
            start = end
        }
        return nil
    }

    /// A letter, a digit, or what stands inside addresses and numbers.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "@"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func kind(of token: ArraySlice<UInt8>) -> String? {
        if token.contains(UInt8(ascii: "@")) { return isAddress(token) ? "an e-mail address" : nil }
        guard token.count >= 9, token.count <= 20 else { return nil }
        let shape = token.map { isDigit($0) ? UInt8(ascii: "9") : $0 }
        if shape.elementsEqual("999-99-9999".utf8) { return "a social security number" }
        return isCard(token) ? "a card number" : nil
    }

    private static func isAddress(_ token: ArraySlice<UInt8>) -> Bool {
        let parts = token.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, let first = parts[0].first, isWord(first) else { return false }
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2, let last = labels.last(where: { !$0.isEmpty }) else {
            return false
        }
        return labels[0].first.map(isWord) ?? false && last.count >= 2
            && last.allSatisfy { !isDigit($0) && isWord($0) }
    }

    /// 15 or 16 digits as the large card companies give them, with their check digit.
    private static func isCard(_ token: ArraySlice<UInt8>) -> Bool {
        guard token.allSatisfy(isDigit), let first = token.first else { return false }
        let second = token[token.startIndex + 1]
        let isIssued =
            switch (token.count, first) {
            case (15, UInt8(ascii: "3")): second == UInt8(ascii: "4") || second == UInt8(ascii: "7")
            case (16, UInt8(ascii: "4")): true
            case (16, UInt8(ascii: "5")): (UInt8(ascii: "1")...UInt8(ascii: "5")).contains(second)
            default: false
            }
        guard isIssued else { return false }
        var sum = 0
        for (index, digit) in token.reversed().enumerated() {
            let value = Int(digit - 48) * (index % 2 == 0 ? 1 : 2)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
}
