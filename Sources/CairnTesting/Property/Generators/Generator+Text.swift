/// Which characters a text is made of.
public enum Alphabet: Hashable, Sendable, CaseIterable {
    /// ASCII without control characters.
    case printableASCII
    /// ASCII.
    case ascii
    /// Every Unicode scalar.
    case unicode

    /// The number of scalars in it.
    var count: Int {
        switch self {
        case .printableASCII: 95
        case .ascii: 128
        case .unicode: 0x11_0000 - 0x800
        }
    }
}

/// The order of Unicode's scalars from the simplest up: small letters, digits, what else is
/// printed in ASCII, the rest of ASCII, then everything by number.
enum ScalarOrder {
    private static let printable: [UInt8] = {
        let letters = Array(UInt8(ascii: "a")...UInt8(ascii: "z"))
        let digits = Array(UInt8(ascii: "0")...UInt8(ascii: "9"))
        let capitals = Array(UInt8(ascii: "A")...UInt8(ascii: "Z"))
        let first = letters + digits + capitals + [UInt8(ascii: " ")]
        return first + (33...126).filter { !first.contains($0) }
    }()

    private static let ascii: [UInt8] = printable + (0...31).map { $0 } + [127]

    private static let places: [UInt8] = {
        var places = [UInt8](repeating: 0, count: 128)
        for (place, scalar) in ascii.enumerated() { places[Int(scalar)] = UInt8(place) }
        return places
    }()

    static func scalar(at place: Int) -> Unicode.Scalar {
        if place < 128 { return Unicode.Scalar(ascii[place]) }
        // There are no scalars between U+D800 and U+DFFF.
        let number = place < 0xD800 ? place : place + 0x800
        return Unicode.Scalar(UInt32(number)) ?? "a"
    }

    static func place(of scalar: Unicode.Scalar) -> Int {
        let number = Int(scalar.value)
        if number < 128 { return Int(places[number]) }
        return number < 0xD800 ? number : number - 0x800
    }

    /// Scalars that break programs: marks, joiners, directions, the last of a plane, odd cases.
    static let troublesome: [Unicode.Scalar] = [
        "\u{0}", "\n", "\r", "\"", "\\", "/", "\u{7F}", "\u{80}", "\u{A0}", "\u{DF}", "\u{E9}",
        "\u{130}", "\u{131}", "\u{301}", "\u{323}", "\u{1100}", "\u{1161}", "\u{200B}",
        "\u{200D}", "\u{202E}", "\u{2028}", "\u{FE0F}", "\u{FEFF}", "\u{FB01}", "\u{FFFD}",
        "\u{FFFF}", "\u{1F1E6}", "\u{1F3FD}", "\u{1F468}", "\u{1F600}", "\u{10FFFF}",
    ]
}

extension Generator where Value == Unicode.Scalar {
    /// Unicode scalars; `a` is simplest.
    public static func scalar(_ alphabet: Alphabet = .unicode) -> Generator {
        let domain = ChoiceDomain.integer(
            IntegerDomain(lower: 0, upper: Int128(alphabet.count - 1), origin: 0)
        )
        return Generator(label: SpanLabel("scalar")) { draw throws(CaseStop) in
            let suggestion: Int128?? = draw.tape.withRandom { random in
                switch random.generator.below(16) {
                case 0, 1: Int128(ScalarOrder.place(of: random.trouble()))
                case 2, 3: nil
                case 4: Int128(random.generator.below(128))
                case 5: Int128(random.generator.below(0x800))
                case 6...10: Int128(random.generator.below(4))
                default: Int128(random.generator.below(63))
                }
            }
            let fitting = domain.fitting(suggestion ?? nil)
            let place = try draw.tape.choose(domain, suggestion: fitting)
            return ScalarOrder.scalar(at: Int(place))
        }
    }
}

extension RandomChoices {
    fileprivate mutating func trouble() -> Unicode.Scalar {
        generator.pick(ScalarOrder.troublesome)
    }
}

extension Generator where Value == Character {
    /// Characters of one scalar each; `a` is simplest.
    public static func character(_ alphabet: Alphabet = .unicode) -> Generator {
        Generator<Unicode.Scalar>.scalar(alphabet).map { Character($0) }
    }
}

extension Generator where Value == String {
    /// Texts; the empty one is simplest, then those of the letter `a`.
    ///
    /// - Parameters:
    ///   - alphabet: What they are made of.
    ///   - count: How many Unicode scalars a text has. Several may be one `Character`.
    /// - Returns: The generator.
    public static func text(
        _ alphabet: Alphabet = .unicode,
        count: ClosedRange<Int> = 0...Int.max
    ) -> Generator {
        Generator<[Unicode.Scalar]>.array(of: .scalar(alphabet), count: count).map { scalars in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return String(text)
        }
        .repeating(percent: 15)
    }
}

extension Generator where Value == [UInt8] {
    /// Bytes; none is simplest, then zeros.
    public static func bytes(count: ClosedRange<Int> = 0...Int.max) -> Generator {
        array(of: .integer(), count: count).repeating(percent: 10)
    }

    /// The 16 bytes of a UUID of version 4.
    public static var uuidBytes: Generator {
        array(of: .integer(), count: 16...16).repeating(percent: 20).map { bytes in
            var bytes = bytes
            bytes[6] = bytes[6] & 0x0F | 0x40
            bytes[8] = bytes[8] & 0x3F | 0x80
            return bytes
        }
    }
}
