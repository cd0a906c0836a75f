import CairnCore

/// What stands in the two pages that say where a journal's trees are, read here without the code
/// that is looked at: `Specs/JournalFormat.md` tells it.
enum MetaSlots {
    static let pageByteCount = 4_096

    /// The parts of such a page that are written each for itself.
    enum Part: CaseIterable {
        case meta, arm, mark, seal

        var range: Range<Int> {
            switch self {
            case .meta: 32..<152
            case .arm: 192..<228
            case .mark: 232..<248
            case .seal: 256..<pageByteCount
            }
        }
    }

    private static let armMagic: UInt64 = 0x5241_4E43
    private static let bootRange = 208..<224
    private static let checksumOffset = 224
    private static let otherBoot = Array("another-boot-id.".utf8)

    static func number(_ bytes: [UInt8], _ offset: Int, byteCount: Int = 8) -> UInt64 {
        (0..<byteCount).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }

    /// The transaction that the arm in a slot is for; nil where there is none.
    static func armed(_ bytes: [UInt8], slot: Int) -> UInt64? {
        let start = slot * pageByteCount
        guard bytes.count >= start + pageByteCount else { return nil }
        let arm = start + Part.arm.range.lowerBound
        guard number(bytes, arm, byteCount: 4) == armMagic,
            number(bytes, start + checksumOffset, byteCount: 4) == UInt64(checksum(bytes, start))
        else { return nil }
        return number(bytes, arm + 8)
    }

    private static func checksum(_ bytes: [UInt8], _ start: Int) -> UInt32 {
        let range = start + Part.arm.range.lowerBound..<start + checksumOffset
        return bytes.span.bytes.extracting(range).checksum(seededWith: 0)
    }

    /// Makes every arm one of another system than the running one: the machine has started anew.
    static func startAnew(_ bytes: inout [UInt8]) {
        for slot in 0...1 where armed(bytes, slot: slot) != nil {
            let start = slot * pageByteCount
            for (place, byte) in zip(bootRange, otherBoot) { bytes[start + place] = byte }
            let sum = checksum(bytes, start)
            for place in 0..<4 {
                bytes[start + checksumOffset + place] =
                    UInt8(truncatingIfNeeded: sum >> UInt32(8 * place))
            }
        }
    }

    /// Whether the newest commit is armed by another system than the running one.
    static func isOfOtherStart(_ bytes: [UInt8]) -> Bool {
        let slot = newestSlot(bytes)
        return armed(bytes, slot: slot) == transaction(bytes, slot: slot)
            && bootRange.map { bytes[slot * pageByteCount + $0] } == otherBoot
    }

    /// The transaction of the meta page in a slot.
    static func transaction(_ bytes: [UInt8], slot: Int) -> UInt64 {
        let end = (slot + 1) * pageByteCount
        return bytes.count < end ? 0 : number(bytes, slot * pageByteCount + 144)
    }

    /// The slot of the newest meta page.
    static func newestSlot(_ bytes: [UInt8]) -> Int {
        transaction(bytes, slot: 0) < transaction(bytes, slot: 1) ? 1 : 0
    }

    /// Whether the newest commit needs a seal and has none: its writer was killed before that.
    static func isUnsealed(_ bytes: [UInt8]) -> Bool {
        let slot = newestSlot(bytes)
        let id = transaction(bytes, slot: slot)
        let seal = slot * pageByteCount + Part.seal.range.lowerBound
        guard armed(bytes, slot: slot) == id else { return false }
        let runsEnd = seal + 32 + 8 * Int(number(bytes, seal + 24, byteCount: 4))
        guard number(bytes, seal + 8) == id, runsEnd <= (slot + 1) * pageByteCount else {
            return true
        }
        let sum = bytes.span.bytes.extracting(seal + 8..<runsEnd).checksum(seededWith: 0)
        return number(bytes, seal + 4, byteCount: 4) != UInt64(sum)
    }

    /// Where the journal ends that the newest meta page leads to; nil where it leads to none.
    static func lastPosition(_ bytes: [UInt8]) -> UInt64? {
        let slot = newestSlot(bytes)
        guard bytes.count >= 2 * pageByteCount else { return nil }
        let root = number(bytes, slot * pageByteCount + 128)
        guard root < UInt64(bytes.count / pageByteCount) else { return nil }
        let page = Int(root) * pageByteCount
        // A leaf: the main tree has five records.
        guard number(bytes, page + 10, byteCount: 2) == 2 else { return nil }
        let end = min(Int(number(bytes, page + 12, byteCount: 2)), pageByteCount)
        for place in stride(from: 16, to: end, by: 2) {
            let node = page + Int(number(bytes, page + place, byteCount: 2))
            guard node + 8 <= page + pageByteCount else { return nil }
            let keyByteCount = Int(number(bytes, node + 6, byteCount: 2))
            guard node + 8 + keyByteCount + 24 <= page + pageByteCount else { continue }
            let key = bytes[(node + 8)..<(node + 8 + keyByteCount)]
            if key.elementsEqual("head".utf8) { return number(bytes, node + 8 + keyByteCount + 16) }
        }
        return nil
    }
}
