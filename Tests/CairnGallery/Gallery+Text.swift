import CairnTesting

/// Texts in quotes, with what cannot stand there escaped.
private enum Quoting {
    static func quote(_ text: String, hasBug: Bool) -> String {
        let escapes: [(Character, String)] = [("\\", "\\\\"), ("\"", "\\\""), ("\n", "\\n")]
        var quoted = text
        // The bug: in this order the escapes themselves are escaped.
        for (character, escape) in hasBug ? escapes.reversed() : escapes {
            quoted = quoted.unicodeScalars
                .map { Character($0) == character ? escape : String($0) }.joined()
        }
        return quoted
    }

    static func unquote(_ quoted: String) -> String? {
        var text = String.UnicodeScalarView()
        var rest = quoted.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                if scalar == "\"" { return nil }
                text.append(scalar)
                continue
            }
            guard let escaped = rest.popFirst() else { return nil }
            text.append(escaped == "n" ? "\n" : escaped)
        }
        return String(text)
    }
}

/// Numbers in as few bytes as possible, seven bits in each.
private enum Varint {
    static func bytes(of number: UInt32, hasBug: Bool) -> [UInt8] {
        var (rest, bytes) = (number, [UInt8]())
        // The bug: 128 needs two bytes as well.
        while hasBug ? rest > 128 : rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func number(of bytes: [UInt8]) -> UInt32? {
        guard bytes.last.map({ $0 < 128 }) ?? false else { return nil }
        return bytes.reversed().reduce(0) { $0 << 7 | UInt32($1 & 127) }
    }
}

extension GallerySubject {
    static let text = [quoting, cutting, varint]

    private static let quoting = GallerySubject(
        "text whose escapes are escaped again",
        minimal: [#"text: "\"""#],
        reason: """
            A quotation mark becomes an escape, whose backslash is then escaped. A line's end \
            would do as well; the mark is printed and so simpler. A backslash alone is right.
            """
    ) { hasBug, draw in
        let text = try draw(.text(), "text")
        let read = Quoting.unquote(Quoting.quote(text, hasBug: hasBug))
        try draw.expect(read.map { Array($0.utf8) }, equals: Array(text.utf8))
    }

    private static let cutting = GallerySubject(
        "error text cut in the middle of a character",
        minimal: ["text: \"\u{10000}\""],
        others: [["text: \"a\u{800}\""]],
        reason: """
            Only a scalar of four bytes is longer than three, and this is the first of them. A \
            letter and the first scalar of three bytes lead nowhere: one of them has to go while \
            the other grows by 63488.
            """
    ) { hasBug, draw in
        let text = try draw(.text(), "text")
        var bytes = Array(text.utf8.prefix(3))
        // The bug: nobody looks whether a character goes on behind the cut.
        if !hasBug { while String(validating: bytes, as: UTF8.self) == nil { bytes.removeLast() } }
        try draw.expect(String(validating: bytes, as: UTF8.self) != nil)
    }

    private static let varint = GallerySubject(
        "length written in one byte too few",
        minimal: ["write(128)"],
        reason: "No other number is written wrongly.",
        startingWith: { $0 },
        rules: [
            Rule("write") { hasBug, draw in
                let number: UInt32 = try draw(.integer())
                let bytes = Varint.bytes(of: number, hasBug: hasBug)
                try draw.expect(Varint.number(of: bytes), equals: number)
            }
        ]
    )
}
