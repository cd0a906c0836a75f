extension JSONScanner {
    /// Where a string's characters stand, without the quotes.
    struct StringToken {
        let range: Range<Int>
        let hasEscapes: Bool
    }

    /// Takes a string, resolving its escapes.
    ///
    /// - Precondition: The next byte is a quote.
    mutating func string(in bytes: RawSpan) throws(JSONError) -> String {
        let token = try stringToken(in: bytes)
        guard token.hasEscapes else { return bytes.extracting(token.range).text() }
        var characters: [UInt8] = []
        characters.reserveCapacity(token.range.count)
        var place = token.range.lowerBound
        while place < token.range.upperBound {
            let byte = bytes.byte(at: place)
            guard byte == UInt8(ascii: "\\") else {
                characters.append(byte)
                place += 1
                continue
            }
            // The token was checked: escapes are whole, and surrogates stand in pairs.
            let letter = bytes.byte(at: place + 1)
            guard letter == UInt8(ascii: "u") else {
                characters.append(Self.control(for: letter) ?? letter)
                place += 2
                continue
            }
            var code = Self.hexadecimal(at: place + 2, in: bytes) ?? 0xFFFD
            place += 6
            if (0xD800..<0xDC00).contains(code) {
                let low = Self.hexadecimal(at: place + 2, in: bytes) ?? 0xDC00
                code = 0x10000 + ((code - 0xD800) << 10) + (low & 0x3FF)
                place += 6
            }
            let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
            characters.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Passes a string, checking its escapes and its UTF-8.
    mutating func stringToken(in bytes: RawSpan) throws(JSONError) -> StringToken {
        offset += 1
        let start = offset
        var hasEscapes = false
        while offset < bytes.byteCount {
            let byte = bytes.byte(at: offset)
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return StringToken(range: start..<offset - 1, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try passEscape(in: bytes)
            case 0..<0x20: throw JSONError(.unescapedControl, at: offset)
            case 0x20..<0x80: offset += 1
            default: try passMultibyte(lead: byte, in: bytes)
            }
        }
        throw JSONError(.unexpectedEnd, at: offset)
    }

    private mutating func passEscape(in bytes: RawSpan) throws(JSONError) {
        guard offset + 1 < bytes.byteCount else {
            throw JSONError(.unexpectedEnd, at: bytes.byteCount)
        }
        let letter = bytes.byte(at: offset + 1)
        guard letter == UInt8(ascii: "u") else {
            let isPlain = letter == 0x22 || letter == 0x5C || letter == 0x2F
            guard isPlain || Self.control(for: letter) != nil else {
                throw JSONError(.badEscape, at: offset)
            }
            offset += 2
            return
        }
        guard let code = Self.hexadecimal(at: offset + 2, in: bytes) else {
            throw JSONError(.badEscape, at: offset)
        }
        switch code {
        case 0xDC00..<0xE000: throw JSONError(.loneSurrogate, at: offset)
        case 0xD800..<0xDC00:
            let next = offset + 6
            guard next + 1 < bytes.byteCount, bytes.byte(at: next) == UInt8(ascii: "\\"),
                bytes.byte(at: next + 1) == UInt8(ascii: "u"),
                let low = Self.hexadecimal(at: next + 2, in: bytes),
                (0xDC00..<0xE000).contains(low)
            else { throw JSONError(.loneSurrogate, at: offset) }
            offset = next + 6
        default: offset += 6
        }
    }

    /// Passes one character of two to four bytes: table 3-7 of the Unicode standard.
    private mutating func passMultibyte(lead: UInt8, in bytes: RawSpan) throws(JSONError) {
        let followerCount: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: followerCount = 1
        case 0xE0...0xEF:
            followerCount = 2
            if lead == 0xE0 { second = 0xA0...0xBF }
            if lead == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            followerCount = 3
            if lead == 0xF0 { second = 0x90...0xBF }
            if lead == 0xF4 { second = 0x80...0x8F }
        default: throw JSONError(.illFormedUTF8, at: offset)
        }
        guard offset + followerCount < bytes.byteCount else {
            throw JSONError(.illFormedUTF8, at: offset)
        }
        for index in 1...followerCount {
            let allowed = index == 1 ? second : 0x80...0xBF
            guard allowed.contains(bytes.byte(at: offset + index)) else {
                throw JSONError(.illFormedUTF8, at: offset)
            }
        }
        offset += followerCount + 1
    }

    /// Passes a number and says where it stands.
    mutating func numberToken(in bytes: RawSpan) throws(JSONError) -> Range<Int> {
        let start = offset
        if peek(in: bytes) == UInt8(ascii: "-") { offset += 1 }
        let firstDigit = offset
        let wholeCount = passDigits(in: bytes)
        guard wholeCount > 0 else { throw unexpected(in: bytes) }
        guard wholeCount == 1 || bytes.byte(at: firstDigit) != UInt8(ascii: "0") else {
            throw JSONError(.badNumber, at: start)
        }
        if peek(in: bytes) == UInt8(ascii: ".") {
            offset += 1
            guard passDigits(in: bytes) > 0 else { throw JSONError(.badNumber, at: start) }
        }
        if let byte = peek(in: bytes), byte | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if let sign = peek(in: bytes), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                offset += 1
            }
            while peek(in: bytes) == UInt8(ascii: "0"), offset + 1 < bytes.byteCount,
                (48...57).contains(bytes.byte(at: offset + 1))
            { offset += 1 }
            let digitCount = passDigits(in: bytes)
            guard digitCount > 0 else { throw JSONError(.badNumber, at: start) }
            guard digitCount <= 9 else { throw JSONError(.exponentTooLarge, at: start) }
        }
        return start..<offset
    }

    private mutating func passDigits(in bytes: RawSpan) -> Int {
        let start = offset
        while offset < bytes.byteCount, (48...57).contains(bytes.byte(at: offset)) { offset += 1 }
        return offset - start
    }

    private static func control(for letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    private static func hexadecimal(at offset: Int, in bytes: RawSpan) -> UInt32? {
        guard offset + 4 <= bytes.byteCount else { return nil }
        var code: UInt32 = 0
        for index in offset..<offset + 4 {
            let byte = bytes.byte(at: index)
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...70: digit = byte - 55
            case 97...102: digit = byte - 87
            default: return nil
            }
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}
