public import CairnCore

/// The stable name of one row of the touch log: `utbl_` and a token (seed 000's `uid`).
///
/// The token has letters, digits, `-` and `_` of ASCII. A word of lower-case letters may stand
/// before the prefix, as in `oseh_utbl_GqJ3`, because that is how systems with many tables write
/// their uids. Compared by bytes. It is the id of the row's event, so the same row given twice
/// is one event, and other content under the same uid is a conflict (law 4).
public struct TouchUID: Sendable {
    public let name: String

    /// Longest uid in bytes.
    public static let byteCountMax = 255

    /// Takes a uid as it was written.
    ///
    /// - Throws: ``TouchError/malformedUID(_:)``.
    public init(_ name: String) throws(TouchError) {
        guard Self.isWellFormed(name) else { throw .malformedUID(name) }
        self.name = name
    }

    /// Makes a uid of 128 bits, of which 22 characters are written.
    ///
    /// The characters sort as the bits do: uids that begin with a time stand in the order of
    /// their making, and such ids cost the least to index.
    public init(high: UInt64, low: UInt64) {
        var text: [UInt8] = []
        text.reserveCapacity(27)
        text.append(contentsOf: "utbl_".utf8)
        // Six bits a character; the last one has the two that are left and four zeros.
        for index in 0..<22 {
            let shift = 122 - 6 * index
            let bits: UInt64 =
                if shift >= 64 {
                    high >> UInt64(shift - 64)
                } else if shift > 58 {
                    high << UInt64(64 - shift) | low >> UInt64(shift)
                } else if shift >= 0 {
                    low >> UInt64(shift)
                } else {
                    low << UInt64(-shift)
                }
            text.append(Self.digit(UInt8(truncatingIfNeeded: bits & 63)))
        }
        name = String(decoding: text, as: UTF8.self)
    }

    /// `-`, digits, capitals, `_`, small letters: the 64 characters in the order of their codes.
    private static func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0: UInt8(ascii: "-")
        case 1...10: 47 + value
        case 11...36: 54 + value
        case 37: UInt8(ascii: "_")
        default: 59 + value
        }
    }

    private static func isWellFormed(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard bytes.count <= byteCountMax else { return false }
        let prefix = Array("utbl_".utf8)
        if bytes.starts(with: prefix) { return isToken(bytes[prefix.count...]) }
        let word = bytes.prefix { (97...122).contains($0) }
        let rest = bytes[word.count...]
        guard !word.isEmpty, rest.first == UInt8(ascii: "_"),
            rest.dropFirst().starts(with: prefix)
        else { return false }
        return isToken(rest.dropFirst(1 + prefix.count))
    }

    private static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    /// The id of the row's event.
    public var eventID: EventID {
        get throws(LimitError) { try EventID(name) }
    }
}

extension TouchUID: Hashable, Comparable {
    public static func == (left: TouchUID, right: TouchUID) -> Bool {
        left.name.hasSameBytes(as: right.name)
    }

    public static func < (left: TouchUID, right: TouchUID) -> Bool {
        left.name.hasBytes(before: right.name)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(ExactText(name)) }
}

extension TouchUID: CustomStringConvertible {
    public var description: String { name }
}

/// Makes uids from a seed and the instants it is given: the time in milliseconds, a count, and
/// chance.
///
/// Two generators with different seeds never meet in practice: within one millisecond they
/// differ by 64 bits of chance.
public struct TouchUIDGenerator: Sendable {
    private var state: UInt64
    private var count: UInt64 = 0

    /// Starts a generator; its seed must be chance that no other generator has.
    public init(seed: UInt64) {
        state = seed
    }

    /// Makes the next uid.
    public mutating func next(at instant: Timestamp) -> TouchUID {
        count &+= 1
        // SplitMix64: every seed leads through all numbers, in an order of its own.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let milliseconds = UInt64(bitPattern: max(instant.nanoseconds, 0) / 1_000_000)
        return TouchUID(high: milliseconds << 16 | count & 0xFFFF, low: mixed)
    }
}
