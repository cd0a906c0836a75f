internal import CairnCore

/// The external name of a prompt event, such as `ipe_k3Jt0aVxQmS2b9LwZc5d1A`.
///
/// `ipe_` and then letters, digits, `_` or `-`, compared by bytes. A word of lower-case letters may
/// stand before the prefix, as in `oseh_ipe_k3Jt`, because that is how systems with many tables
/// write their uids. It is the event's id in the journal, so the same event is taken once, and the
/// second half of the order of events.
public struct PromptEventUID: Hashable, Sendable {
    /// What every name begins with, behind the word that may stand before it.
    public static let prefix = "ipe_"
    /// Most letters of that word.
    public static let wordByteCountMax = 100
    /// Most bytes behind the prefix.
    public static let suffixByteCountMax = 100

    public let name: String

    /// Takes a name as someone gives it.
    ///
    /// - Throws: ``PromptEventError/uid(_:)``.
    public init(_ name: String) throws(PromptEventError) {
        var rest = name.utf8[...]
        if !rest.starts(with: Self.prefix.utf8) {
            let word = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            rest = rest[word.endIndex...]
            guard (1...Self.wordByteCountMax).contains(word.count),
                rest.popFirst() == UInt8(ascii: "_")
            else { throw .uid(name) }
        }
        let suffix = rest.dropFirst(Self.prefix.utf8.count)
        guard rest.starts(with: Self.prefix.utf8), !suffix.isEmpty,
            suffix.count <= Self.suffixByteCountMax, suffix.allSatisfy(Self.allows)
        else { throw .uid(name) }
        self.name = name
    }

    /// The name that no other one comes after: `z` is the last of the bytes, so the longest word
    /// of it goes before every shorter one, which has `_` in its place.
    package static let last = PromptEventUID(
        checked: String(repeating: "z", count: wordByteCountMax) + "_" + prefix
            + String(repeating: "z", count: suffixByteCountMax)
    )

    private init(checked name: String) { self.name = name }

    /// Makes a new name of 128 bits of chance, which the caller draws: 22 characters.
    public init(high: UInt64, low: UInt64) {
        var name = Self.prefix
        var left = (UInt128(high) << 64) | UInt128(low)
        for _ in 0..<22 {
            name.unicodeScalars.append(Unicode.Scalar(Self.alphabet[Int(left & 63)]))
            left >>= 6
        }
        self.name = name
    }

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8
    )

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension PromptEventUID: Comparable {
    public static func < (left: PromptEventUID, right: PromptEventUID) -> Bool {
        left.name.hasBytes(before: right.name)
    }
}

extension PromptEventUID: CustomStringConvertible {
    public var description: String { name }
}
