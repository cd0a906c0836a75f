internal import CairnCore

/// The external name of a prompt event, such as `ipe_k3Jt0aVxQmS2b9LwZc5d1A`.
///
/// `ipe_` and then letters, digits, `_` or `-`, compared by bytes. It is the event's id in the
/// journal, so the same event is taken once, and the second half of the order of events.
public struct PromptEventUID: Hashable, Sendable {
    /// What every name begins with.
    public static let prefix = "ipe_"
    /// Most bytes behind the prefix.
    public static let suffixByteCountMax = 100

    public let name: String

    /// Takes a name as someone gives it.
    ///
    /// - Throws: ``PromptEventError/uid(_:)``.
    public init(_ name: String) throws(PromptEventError) {
        let suffix = name.utf8.dropFirst(Self.prefix.utf8.count)
        guard name.utf8.starts(with: Self.prefix.utf8), !suffix.isEmpty,
            suffix.count <= Self.suffixByteCountMax, suffix.allSatisfy(Self.allows)
        else { throw .uid(name) }
        self.name = name
    }

    /// The name that no other one comes after.
    package static let last = PromptEventUID(
        checked: prefix + String(repeating: "z", count: suffixByteCountMax)
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
