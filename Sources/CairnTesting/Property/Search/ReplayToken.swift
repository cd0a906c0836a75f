/// A case written down: base64url of a version, the choices and a checksum.
///
/// Version 1, before the encoding: the byte 1; the number of choices; each choice as its value,
/// zigzag, times four, plus its kind; then the CRC-32 of all that, four bytes, low ones first.
/// Numbers are little-endian base 128, in as few bytes as possible. What a token means as choices
/// never changes; a generator that has changed makes the most of them.
struct ReplayToken: Hashable, Sendable {
    let choices: [Choice]

    /// Bounds what a token may cost to read.
    static let choiceCountMax = 1 << 20
    private static let version: UInt8 = 1

    init(_ choices: [Choice]) {
        self.choices = choices
    }

    var text: String {
        var bytes: [UInt8] = [Self.version]
        Self.append(UInt128(choices.count), to: &bytes)
        for choice in choices {
            let zigzag = UInt128(bitPattern: choice.value << 1 ^ choice.value >> 127)
            Self.append(zigzag << 2 | UInt128(choice.kind.rawValue), to: &bytes)
        }
        let checksum = Self.checksum(bytes[...])
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: checksum >> shift)) }
        return Base64URL.text(of: bytes)
    }

    /// Reads a token.
    ///
    /// - Throws: ``ReplayTokenError``.
    init(_ text: String) throws(ReplayTokenError) {
        guard text.utf8.count <= Self.choiceCountMax * 4 else { throw .tooLong }
        guard let bytes = Base64URL.bytes(of: text) else { throw .notBase64URL }
        guard let version = bytes.first else { throw .incomplete }
        guard version == Self.version else { throw .unknownVersion(version) }
        guard bytes.count > 5 else { throw .incomplete }
        let content = bytes.dropLast(4)
        let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard Self.checksum(content) == stored else { throw .checksumMismatch }
        var rest = content.dropFirst()
        let count = try Self.number(from: &rest)
        // Each choice takes a byte at least, so a large count is a lie.
        guard count <= UInt128(rest.count) else { throw .incomplete }
        guard count <= UInt128(Self.choiceCountMax) else { throw .tooLong }
        var choices: [Choice] = []
        choices.reserveCapacity(Int(count))
        for _ in 0..<count { choices.append(try Self.choice(try Self.number(from: &rest))) }
        guard rest.isEmpty else { throw .malformed }
        self.choices = choices
    }

    private static func choice(_ number: UInt128) throws(ReplayTokenError) -> Choice {
        guard let kind = Choice.Kind(rawValue: UInt8(number & 3)) else { throw .malformed }
        let zigzag = number >> 2
        let value = Int128(zigzag >> 1) ^ -Int128(zigzag & 1)
        let range: ClosedRange<Int128> =
            switch kind {
            case .bool: 0...1
            case .integer: Int128(Int64.min)...Int128(UInt64.max)
            case .float: FloatCode.range
            }
        guard range.contains(value) else { throw .malformed }
        return Choice(kind: kind, value: value)
    }

    private static func append(_ number: UInt128, to bytes: inout [UInt8]) {
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func number(
        from bytes: inout ArraySlice<UInt8>
    ) throws(ReplayTokenError) -> UInt128 {
        var number: UInt128 = 0
        // The widest value takes 67 bits and its kind two more: ten bytes.
        for shift in stride(from: 0, to: 70, by: 7) {
            guard let byte = bytes.popFirst() else { throw .incomplete }
            number |= UInt128(byte & 127) << UInt128(shift)
            if byte < 128 {
                guard byte > 0 || shift == 0 else { throw .malformed }
                return number
            }
        }
        throw .malformed
    }

    /// CRC-32 of ISO 3309, bit by bit: tokens are short.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var checksum = UInt32.max
        for byte in bytes {
            checksum ^= UInt32(byte)
            for _ in 0..<8 {
                checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1
            }
        }
        return ~checksum
    }
}

/// Why a text is not a token.
public enum ReplayTokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A character does not belong to base64url, or the last ones stand for no whole byte.
    case notBase64URL
    /// The token is of a version that this release does not know.
    case unknownVersion(UInt8)
    /// The token ends too early.
    case incomplete
    /// The token is not as it was printed.
    case checksumMismatch
    /// The token holds what no report prints.
    case malformed
    /// The token is longer than any that a report prints.
    case tooLong

    public var description: String {
        switch self {
        case .notBase64URL: "the token is not base64url"
        case .unknownVersion(let version): "the token has the unknown version \(version)"
        case .incomplete: "the token ends too early"
        case .checksumMismatch: "the token is not as it was printed: its checksum is wrong"
        case .malformed: "the token holds what no report prints"
        case .tooLong: "the token is too long"
        }
    }
}
