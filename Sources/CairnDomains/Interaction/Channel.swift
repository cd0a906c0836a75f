internal import CairnCore

/// How a customer is reached: the four channels of seed 001, and any other word a source uses.
///
/// Two channels are equal when their words are, byte for byte.
public enum Channel: Sendable {
    case email, sms, phone, system
    /// A word that is none of the four, kept as it was written.
    case other(String)

    /// Reads a word; the four in any case of ASCII.
    public init(_ word: String) {
        let folded = word.asciiLowercased
        let known: [Channel] = [.email, .sms, .phone, .system]
        self =
            known.first { $0.word.asciiLowercased.hasSameBytes(as: folded) } ?? .other(word)
    }

    /// The word as the table spells it.
    public var word: String {
        switch self {
        case .email: "EMAIL"
        case .sms: "SMS"
        case .phone: "PHONE"
        case .system: "SYSTEM"
        case .other(let word): word
        }
    }
}

extension Channel: Hashable {
    public static func == (left: Channel, right: Channel) -> Bool {
        left.word.hasSameBytes(as: right.word)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(word))
    }
}

extension Channel: CustomStringConvertible {
    public var description: String { word }
}
