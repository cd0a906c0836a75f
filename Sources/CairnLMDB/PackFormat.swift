internal import CairnCore

/// Layout of one value of the `journal` table: the events of one commit, or a part of them.
///
/// ```text
///  0 u32 magic "CNPK"   4 u16 version   6 u16 flags, zero
///  8 u32 CRC-32C of [12 ..< end of directory], seeded with the first position
/// 12 u32 event count   16 u64 first position   24 u32 byte count   28 u32 reserved, zero
/// 32 32 bytes running hash before the pack
/// 64 u32 offset of each frame, then the frames back to back
/// ```
enum PackFormat {
    static let magic: UInt32 = 0x4B50_4E43
    static let version: UInt16 = 1
    static let fixedByteCount = 64
    static let checkedOffset = 12

    /// Largest pack that fills four overflow pages of 4,096 bytes exactly; their first has a
    /// header of 16 bytes.
    static let byteCountTarget = 4 * 4_096 - 16

    /// Largest pack that LMDB still keeps inside a leaf page beside an eight-byte key.
    static let inlineByteCountMax = 2_022

    /// Bytes of a pack with some events.
    static func byteCount(eventCount: Int, frameByteCount: Int) -> Int {
        fixedByteCount + 4 * eventCount + frameByteCount
    }
}

/// Why stored bytes are not a pack this program can read.
enum PackError: Error, Hashable {
    case malformed(String)
    case checksum
    case newerVersion(UInt16)

    var reason: String {
        switch self {
        case .malformed(let what): "the pack's \(what) cannot be"
        case .checksum: "the pack's header does not match its checksum"
        case .newerVersion(let version):
            "the pack has version \(version); this program reads up to \(PackFormat.version)"
        }
    }
}

/// The checked fixed part of a pack, and where each of its frames stands.
struct PackHeader {
    let firstPosition: Position
    let eventCount: Int
    let byteCount: Int
    let previousHash: RunningHash

    /// Reads and checks a pack's header and directory; frames are checked one by one.
    ///
    /// - Parameters:
    ///   - pack: The pack's bytes, exactly.
    ///   - verifiesChecksum: Whether to compare the checksum, which costs what a frame of 4 bytes
    ///     an event would. Whoever reads frames by their positions may leave it out: a frame's own
    ///     checksum is seeded with its position and fails wherever a wrong directory leads.
    /// - Throws: ``PackError``.
    init(_ pack: RawSpan, verifiesChecksum: Bool = true) throws(PackError) {
        guard pack.byteCount >= PackFormat.fixedByteCount else { throw .malformed("length") }
        guard pack.littleEndian(at: 0, as: UInt32.self) == PackFormat.magic else {
            throw .malformed("magic number")
        }
        let version = pack.littleEndian(at: 4, as: UInt16.self)
        guard version == PackFormat.version else { throw .newerVersion(version) }
        let count = Int(pack.littleEndian(at: 12, as: UInt32.self))
        let first = pack.littleEndian(at: 16, as: UInt64.self)
        let directoryEnd = PackFormat.fixedByteCount + 4 * count
        guard count > 0, directoryEnd <= pack.byteCount else { throw .malformed("event count") }
        guard first > 0, first <= .max - UInt64(count) else { throw .malformed("position") }
        guard Int(pack.littleEndian(at: 24, as: UInt32.self)) == pack.byteCount else {
            throw .malformed("byte count")
        }
        if verifiesChecksum {
            let checksum = pack.extracting(PackFormat.checkedOffset..<directoryEnd)
                .checksum(seededWith: first)
            guard checksum == pack.littleEndian(at: 8, as: UInt32.self) else { throw .checksum }
        }
        firstPosition = Position(rawValue: first)
        eventCount = count
        byteCount = pack.byteCount
        previousHash = RunningHash(digest: ContentDigest(bytes: pack.extracting(32..<64)))
    }

    var lastPosition: Position {
        Position(rawValue: firstPosition.rawValue + UInt64(eventCount) - 1)
    }

    /// Where the directory of a pack has the entry of an event, if the pack were sound and had it;
    /// nil where that is not inside the pack.
    static func entryOffset(of position: Position, in pack: RawSpan) -> Int? {
        guard pack.byteCount >= PackFormat.fixedByteCount else { return nil }
        let first = pack.littleEndian(at: 16, as: UInt64.self)
        guard first <= position.rawValue, position.rawValue - first < UInt64(pack.byteCount)
        else { return nil }
        let entry = PackFormat.fixedByteCount + 4 * Int(position.rawValue - first)
        return entry + 4 <= pack.byteCount ? entry : nil
    }

    /// Where a frame stands in the pack.
    ///
    /// - Throws: ``PackError/malformed(_:)`` when the directory leads out of the pack.
    func frameRange(_ index: Int, in pack: RawSpan) throws(PackError) -> Range<Int> {
        let entry = PackFormat.fixedByteCount + 4 * index
        let start = Int(pack.littleEndian(at: entry, as: UInt32.self))
        let end =
            index + 1 == eventCount
            ? byteCount : Int(pack.littleEndian(at: entry + 4, as: UInt32.self))
        guard start >= PackFormat.fixedByteCount + 4 * eventCount, start <= end, end <= byteCount
        else { throw .malformed("directory") }
        return start..<end
    }
}
