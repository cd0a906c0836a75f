internal import CairnCore

/// A fingerprint of a set of facts that does not depend on their order.
///
/// The journal tells facts by position, the tables tell them by key; two sets with equal sums
/// and counts are equal but for one chance in 2^64. So ten million facts are compared in the
/// room of one, and only a difference costs looking each up.
struct FactSum: Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private(set) var count: UInt64 = 0

    /// Adds a fact of up to three numbers.
    mutating func add(_ first: UInt64, _ second: UInt64, _ third: UInt64 = 0) {
        let mixed = Self.mix(first ^ 0xA076_1D64_78BD_642F, second ^ 0xE703_7ED1_A0B4_28DB)
        let product = (mixed ^ 0x8EBC_6AF0_9C88_C6E3)
            .multipliedFullWidth(by: Self.mix(mixed, third ^ 0x5899_65CC_7537_4CC3) | 1)
        low &+= product.low
        high &+= product.high ^ mixed
        count += 1
    }

    /// A fingerprint of an event id, equal for the whole id and for its two parts.
    static func hash(id: RawSpan) -> UInt64 {
        var cut = id.byteCount
        while cut > 0, id.byte(at: cut - 1) != UInt8(ascii: "/") { cut -= 1 }
        return hash(
            idPrefix: hash(id.extracting(0..<cut)),
            suffix: id.extracting(cut..<id.byteCount)
        )
    }

    /// A fingerprint of an event id whose part up to the last slash was hashed before.
    static func hash(idPrefix: UInt64, suffix: RawSpan) -> UInt64 {
        mix(idPrefix ^ 0x2D35_8DCC_AA6C_78A5, hash(suffix) ^ 0x8BB8_4B93_962E_ACC9)
    }

    private static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }

    /// A fingerprint of a name.
    static func hash(_ bytes: RawSpan) -> UInt64 {
        var hash = mix(UInt64(bytes.byteCount) ^ 0x1D8E_4E27_C47D_124F, 0xEB44_ACCA_B455_D165)
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            let word = bytes.littleEndian(at: offset, as: UInt64.self)
            hash = mix(hash ^ word ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93 ^ hash)
            offset += 8
        }
        var word: UInt64 = 0
        while offset < bytes.byteCount {
            word = word << 8 | UInt64(bytes.byte(at: offset))
            offset += 1
        }
        return mix(hash ^ word ^ 0x9E37_79B9_7F4A_7C15, 0xCA5A_8263_95FC_9D7F ^ hash)
    }
}
