internal import CairnCore

/// The record that every write transaction rewrites: where the journal ends, and who says so.
///
/// ```text
///  0 u32 magic "CNHD"   4 u16 format version   6 u16 reserved, zero
///  8 u64 id of the LMDB transaction that wrote it   16 u64 last position
/// 24 i64 last recorded at   32 32 bytes running hash   64 u64 indexed position
/// 72 u64 first retained position   80 16 bytes journal id   96 u32 CRC-32C of the rest
/// ```
struct HeadRecord: Hashable {
    static let magic: UInt32 = 0x4448_4E43
    /// 1 was the same with commits of LMDB's own, without seals.
    static let formatVersion: UInt16 = 2
    static let byteCount = 100
    static let key: [UInt8] = Array("head".utf8)

    var transactionID: UInt64
    var lastPosition: Position
    var lastRecordedAt: Timestamp
    var runningHash: RunningHash
    /// The index tables are complete up to here; the tail in memory completes the rest.
    var indexedPosition: Position
    var firstRetainedPosition: Position
    /// Chosen at birth; copies made by backup and salvage get their own.
    var journalID: [UInt8]

    /// The head of a journal without events.
    static func empty(journalID: [UInt8]) -> HeadRecord {
        HeadRecord(
            transactionID: 0,
            lastPosition: .zero,
            lastRecordedAt: .distantPast,
            runningHash: .zero,
            indexedPosition: .zero,
            firstRetainedPosition: .first,
            journalID: journalID
        )
    }

    init(
        transactionID: UInt64,
        lastPosition: Position,
        lastRecordedAt: Timestamp,
        runningHash: RunningHash,
        indexedPosition: Position,
        firstRetainedPosition: Position,
        journalID: [UInt8]
    ) {
        self.transactionID = transactionID
        self.lastPosition = lastPosition
        self.lastRecordedAt = lastRecordedAt
        self.runningHash = runningHash
        self.indexedPosition = indexedPosition
        self.firstRetainedPosition = firstRetainedPosition
        self.journalID = journalID
    }

    /// Why stored bytes are not a head record.
    enum DecodingError: Error, Hashable {
        case malformed
        case checksum
        case newerFormat(found: Int)
    }

    /// Reads and checks a stored head record.
    init(_ bytes: RawSpan) throws(DecodingError) {
        guard bytes.byteCount >= 6, bytes.littleEndian(at: 0, as: UInt32.self) == Self.magic else {
            throw .malformed
        }
        let version = bytes.littleEndian(at: 4, as: UInt16.self)
        guard version <= Self.formatVersion else { throw .newerFormat(found: Int(version)) }
        guard bytes.byteCount == Self.byteCount else { throw .malformed }
        guard
            bytes.extracting(0..<96).checksum(seededWith: 0)
                == bytes.littleEndian(at: 96, as: UInt32.self)
        else { throw .checksum }
        transactionID = bytes.littleEndian(at: 8)
        lastPosition = Position(rawValue: bytes.littleEndian(at: 16))
        lastRecordedAt = Timestamp(nanoseconds: bytes.littleEndian(at: 24))
        runningHash = RunningHash(digest: ContentDigest(bytes: bytes.extracting(32..<64)))
        indexedPosition = Position(rawValue: bytes.littleEndian(at: 64))
        firstRetainedPosition = Position(rawValue: bytes.littleEndian(at: 72))
        journalID = bytes.extracting(80..<96).array()
    }

    /// The stored form.
    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.littleEndian(Self.magic)
        writer.littleEndian(Self.formatVersion)
        writer.littleEndian(UInt16(0))
        writer.littleEndian(transactionID)
        writer.littleEndian(lastPosition.rawValue)
        writer.littleEndian(lastRecordedAt.nanoseconds)
        writer.raw(runningHash.digest.bytes)
        writer.littleEndian(indexedPosition.rawValue)
        writer.littleEndian(firstRetainedPosition.rawValue)
        writer.raw(journalID)
        let checksum = unsafe writer.bytes.span.bytes.checksum(seededWith: 0)
        writer.littleEndian(checksum)
        return writer.finish()
    }
}
