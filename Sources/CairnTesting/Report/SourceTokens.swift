/// The words and signs of a source, without comments and literals.
///
/// Enough to find which declaration a line lies in; nothing here knows the grammar.
struct SourceTokens {
    struct Token: Hashable {
        let text: String
        let line: Int
    }

    private(set) var tokens: [Token] = []
    private let bytes: [UInt8]
    private var place = 0
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        while place < bytes.count { step() }
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        place + offset < bytes.count ? bytes[place + offset] : 0
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where place < bytes.count {
            if bytes[place] == UInt8(ascii: "\n") { line += 1 }
            place += 1
        }
    }

    private func starts(with text: StaticString) -> Bool {
        let characters = "\(text)".utf8
        guard place + characters.count <= bytes.count else { return false }
        return bytes[place..<(place + characters.count)].elementsEqual(characters)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 128...:
            true
        default: false
        }
    }

    private mutating func step() {
        if starts(with: "//") {
            while place < bytes.count, byte() != UInt8(ascii: "\n") { advance() }
        } else if starts(with: "/*") {
            skipComment()
        } else if isText {
            skipText()
        } else if byte() == UInt8(ascii: "`") {
            let start = place
            advance()
            while place < bytes.count, byte() != UInt8(ascii: "`") { advance() }
            advance()
            add(from: start)
        } else if Self.isWord(byte()) {
            let start = place
            while Self.isWord(byte()), place < bytes.count { advance() }
            add(from: start)
        } else if starts(with: "->") {
            advance(2)
            add(from: place - 2)
        } else {
            let isSpace = byte() <= UInt8(ascii: " ")
            advance()
            if !isSpace { add(from: place - 1) }
        }
    }

    private mutating func add(from start: Int) {
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        tokens.append(Token(text: text, line: line))
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                advance(2)
            } else if starts(with: "*/") {
                depth -= 1
                advance(2)
            } else {
                advance()
            }
        } while depth > 0 && place < bytes.count
    }

    /// Whether a literal of text begins here, with or without signs before its quotes.
    private var isText: Bool {
        var offset = 0
        while byte(offset) == UInt8(ascii: "#") { offset += 1 }
        return byte(offset) == UInt8(ascii: "\"")
    }

    private mutating func skipText() {
        var signCount = 0
        while byte() == UInt8(ascii: "#") {
            signCount += 1
            advance()
        }
        let quoteCount = starts(with: "\"\"\"") ? 3 : 1
        advance(quoteCount)
        while place < bytes.count {
            if byte() == UInt8(ascii: "\\"), isSigned(signCount, after: 1) {
                advance(1 + signCount)
                if byte() == UInt8(ascii: "(") { skipInterpolation() } else { advance() }
            } else if isQuote(quoteCount), isSigned(signCount, after: quoteCount) {
                advance(quoteCount + signCount)
                return
            } else {
                advance()
            }
        }
    }

    private func isQuote(_ count: Int) -> Bool {
        (0..<count).allSatisfy { byte($0) == UInt8(ascii: "\"") }
    }

    private func isSigned(_ count: Int, after offset: Int) -> Bool {
        (0..<count).allSatisfy { byte(offset + $0) == UInt8(ascii: "#") }
    }

    /// Goes past what stands in parentheses inside a literal, which may hold literals.
    private mutating func skipInterpolation() {
        var depth = 0
        repeat {
            if isText {
                skipText()
                continue
            }
            if byte() == UInt8(ascii: "(") { depth += 1 }
            if byte() == UInt8(ascii: ")") { depth -= 1 }
            advance()
        } while depth > 0 && place < bytes.count
    }
}
