internal import CairnCore
internal import CairnJournal
internal import Glibc

/// Which start of the system this is: what was in the kernel's memory of another one is gone.
struct BootID: Hashable {
    static let byteCount = 16
    let high: UInt64
    let low: UInt64

    /// That of the running system; nil where it is not told.
    static let current: BootID? = readCurrent()

    /// - Throws: `JournalError.noPermission(path:action:)` where it is not told.
    static func ofThisSystem() throws(JournalError) -> BootID {
        guard let current else { throw .noPermission(path: path, action: "read") }
        return current
    }

    private static let path = "/proc/sys/kernel/random/boot_id"

    private static func readCurrent() -> BootID? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(file, &text, text.count)
        let digits = text.prefix(max(count, 0)).filter { $0 != UInt8(ascii: "-") }.prefix(32)
        guard digits.count == 32,
            let high = UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits.suffix(16), as: UTF8.self), radix: 16)
        else { return nil }
        return BootID(high: high, low: low)
    }
}

/// What is noted behind a meta page before the commit that the page is to name: a page of this
/// transaction counts only with a seal.
///
/// `Specs/JournalFormat.md` has the bytes of these, of seals and of marks.
struct CommitArm: Hashable {
    static let offset = 192
    static let byteCount = 36
    private static let magic: UInt32 = 0x5241_4E43

    let transactionID: UInt64
    let bootID: BootID

    init(transactionID: UInt64, bootID: BootID) {
        self.transactionID = transactionID
        self.bootID = bootID
    }

    /// The arm behind a meta page; nil where there is none, or only half of one.
    ///
    /// - Parameter page: The whole page, or as much as there is of it.
    init?(_ page: RawSpan) {
        guard page.byteCount >= Self.offset + Self.byteCount else { return nil }
        let bytes = page.extracting(Self.offset..<Self.offset + Self.byteCount)
        guard bytes.littleEndian(at: 0, as: UInt32.self) == Self.magic,
            bytes.extracting(0..<32).checksum(seededWith: 0)
                == bytes.littleEndian(at: 32, as: UInt32.self)
        else { return nil }
        transactionID = bytes.littleEndian(at: 8)
        bootID = BootID(high: bytes.bigEndian(at: 16), low: bytes.bigEndian(at: 24))
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.littleEndian(Self.magic)
        writer.littleEndian(UInt32(0))
        writer.littleEndian(transactionID)
        writer.bigEndian(bootID.high)
        writer.bigEndian(bootID.low)
        let checksum = unsafe writer.bytes.span.bytes.checksum(seededWith: 0)
        writer.littleEndian(checksum)
        return writer.finish()
    }
}

/// What is noted behind a meta page once its commit is on the disk: whoever reads it may show it.
struct CommitMark: Hashable {
    static let offset = 232
    static let byteCount = 16
    static let end = offset + byteCount
    private static let magic: UInt32 = 0x4B4D_4E43

    let transactionID: UInt64

    init(transactionID: UInt64) { self.transactionID = transactionID }

    /// The mark behind a meta page; nil where there is none, or only half of one.
    init?(_ page: RawSpan) {
        guard page.byteCount >= Self.end else { return nil }
        let bytes = page.extracting(Self.offset..<Self.end)
        guard bytes.littleEndian(at: 0, as: UInt32.self) == Self.magic,
            bytes.extracting(0..<12).checksum(seededWith: 0)
                == bytes.littleEndian(at: 12, as: UInt32.self)
        else { return nil }
        transactionID = bytes.littleEndian(at: 4)
    }

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.littleEndian(Self.magic)
        writer.littleEndian(transactionID)
        let checksum = unsafe writer.bytes.span.bytes.checksum(seededWith: 0)
        writer.littleEndian(checksum)
        return writer.finish()
    }
}

/// Pages that follow each other in the file.
struct PageRun: Hashable {
    static let countMax = 65_535
    let first: UInt64
    let count: Int
}

/// What stands behind the meta page of a commit: which pages the commit made, and a digest of them.
struct CommitSeal: Hashable {
    static let offset = 256
    static let headByteCount = 32
    static let runCountMax = (4_096 - offset - headByteCount) / 8
    private static let magic: UInt32 = 0x4C53_4E43

    let transactionID: UInt64
    let digest: UInt64
    let runs: [PageRun]

    init(transactionID: UInt64, digest: UInt64, runs: [PageRun]) {
        self.transactionID = transactionID
        self.digest = digest
        self.runs = runs
    }

    /// The seal behind a meta page; nil where there is none, or only parts of one.
    init?(_ page: RawSpan) {
        guard page.byteCount >= Self.offset + Self.headByteCount else { return nil }
        let bytes = page.extracting(Self.offset..<page.byteCount)
        let count = Int(bytes.littleEndian(at: 24, as: UInt32.self))
        guard bytes.littleEndian(at: 0, as: UInt32.self) == Self.magic, count <= Self.runCountMax,
            Self.headByteCount + 8 * count <= bytes.byteCount,
            bytes.extracting(8..<Self.headByteCount + 8 * count).checksum(seededWith: 0)
                == bytes.littleEndian(at: 4, as: UInt32.self)
        else { return nil }
        transactionID = bytes.littleEndian(at: 8)
        digest = bytes.littleEndian(at: 16)
        var runs: [PageRun] = []
        runs.reserveCapacity(count)
        for index in 0..<count {
            let word = bytes.littleEndian(at: Self.headByteCount + 8 * index, as: UInt64.self)
            runs.append(PageRun(first: word >> 16, count: Int(word & 0xFFFF)))
        }
        self.runs = runs
    }

    func encoded() -> [UInt8] {
        var body = ByteWriter(capacity: 24 + 8 * runs.count)
        body.littleEndian(transactionID)
        body.littleEndian(digest)
        body.littleEndian(UInt32(runs.count))
        body.littleEndian(UInt32(0))
        for run in runs { body.littleEndian(run.first << 16 | UInt64(run.count)) }
        var writer = ByteWriter(capacity: Self.headByteCount + 8 * runs.count)
        writer.littleEndian(Self.magic)
        writer.littleEndian(unsafe body.bytes.span.bytes.checksum(seededWith: 0))
        writer.raw(body.finish())
        return writer.finish()
    }

    var pageCount: Int { runs.reduce(0) { $0 + $1.count } }
}

/// The digest of a commit: of what LMDB writes of its meta page, and then of its pages.
///
/// Not a CRC. Head record and index records carry their own, behind what it is of; to a CRC of the
/// same polynomial over the page, two such records are equal whatever they say.
struct CommitDigest {
    private(set) var value: UInt64

    /// Begins with a meta page, of which at least the part is there that LMDB writes.
    init(transactionID: UInt64, metaPage: RawSpan) {
        value = metaPage.extracting(MetaPage.writtenBytes).digest(following: transactionID)
    }

    mutating func add(_ pages: RawSpan) { value = pages.digest(following: value) }
}
