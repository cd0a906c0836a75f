/// The file of one property: a comment that says which, then tokens, one a line.
///
/// What a person wrote into it is kept as it is: a token is only ever added at the end.
struct CorpusFile {
    /// A token as it stands in the file, and what it says.
    struct Line: Hashable {
        let text: String
        let token: ReplayToken
    }

    private(set) var bytes: [UInt8]
    private(set) var tokens: [Line] = []
    private let path: String

    /// Far more than any number of tokens that are worth running.
    static let byteCountMax = 1 << 24

    /// Reads a file's bytes, of which there are none where there is no file.
    ///
    /// - Throws: ``CorpusError``.
    init(_ bytes: [UInt8]?, property: String, path: String) throws(CorpusError) {
        self.path = path
        let title = Self.title(of: property)
        self.bytes = bytes ?? Array((title + "\n").utf8)
        let lines = self.bytes.split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false
        )
        for (index, line) in lines.enumerated() {
            // A checkout may have other ends of lines.
            let end = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            let text = String(decoding: end, as: UTF8.self)
            if index == 0 {
                guard text == title else { throw .otherProperty(path: path, found: text) }
            } else if !text.isEmpty, !text.hasPrefix("#") {
                tokens.append(try Self.line(text, number: index + 1, path: path))
            }
        }
    }

    /// Whether a token stands in the file.
    func holds(_ token: String) -> Bool {
        tokens.contains { $0.text == token }
    }

    /// Adds a token at the end.
    ///
    /// - Throws: ``CorpusError/malformed(path:lineNumber:reason:)`` with the line that it would be.
    mutating func append(_ token: String) throws(CorpusError) {
        var grown = bytes
        if let last = grown.last, last != UInt8(ascii: "\n") { grown.append(UInt8(ascii: "\n")) }
        let number = grown.count { $0 == UInt8(ascii: "\n") } + 1
        let line = try Self.line(token, number: number, path: path)
        grown += Array(token.utf8) + [UInt8(ascii: "\n")]
        guard grown.count <= Self.byteCountMax else {
            throw .tooLarge(path: path, byteCountMax: Self.byteCountMax)
        }
        bytes = grown
        tokens.append(line)
    }

    private static func line(
        _ text: String,
        number: Int,
        path: String
    ) throws(CorpusError) -> Line {
        do throws(ReplayTokenError) {
            return Line(text: text, token: try ReplayToken(text))
        } catch {
            throw .malformed(path: path, lineNumber: number, reason: error)
        }
    }
}

extension CorpusFile {
    private static let wordCountMax = 60

    /// A name for any file system: some of the property's letters, and a digest of all of it.
    static func name(of property: String) -> String {
        var words = ""
        for scalar in property.unicodeScalars where words.count < wordCountMax {
            switch scalar {
            case "a"..."z", "0"..."9": words.unicodeScalars.append(scalar)
            // File systems may not tell capitals from small letters.
            case "A"..."Z": words += Character(scalar).lowercased()
            default: if !words.isEmpty, !words.hasSuffix("-") { words += "-" }
            }
        }
        if !words.isEmpty, !words.hasSuffix("-") { words += "-" }
        return words + digest(of: property) + ".txt"
    }

    /// FNV-1a with 64 bits: two names that share it are told apart by the file's first line.
    private static func digest(of property: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in property.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The first line, in which a name stays on one line.
    private static func title(of property: String) -> String {
        var title = "# "
        for scalar in property.unicodeScalars {
            let isControl = scalar.value < 32 || scalar.value == 127
            if isControl || scalar == "\\" {
                title += scalar.escaped(asASCII: true)
            } else {
                title.unicodeScalars.append(scalar)
            }
        }
        return title
    }
}
