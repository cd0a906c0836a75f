internal import CairnCore
internal import CairnJournal

/// Where a projection's records stand in the store: each begins with eight bytes of the SHA-256
/// of its name and fingerprint, then 0 for the mark or 1 and the entry's key.
struct ProjectionKeys {
    static let headByteCount = 9
    /// Most records that one step of a removal takes.
    private static let removedCountMax = 8_192
    private static let markTag: UInt8 = 0
    private static let entryTag: UInt8 = 1

    private let head: [UInt8]

    init(_ table: ProjectionTable) {
        head = table.head
    }

    func entry(_ key: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headByteCount + ProjectionTable.keyByteCountMax)
        bytes += head
        bytes.append(Self.entryTag)
        bytes += key
        return bytes
    }

    private var markKey: [UInt8] { head + [Self.markTag] }

    /// The first key that is behind all that begin with a prefix.
    ///
    /// The prefix has a byte below 255 in it: the tag.
    static func end(ofPrefix prefix: [UInt8]) -> [UInt8] {
        var end = prefix
        while let last = end.popLast() {
            guard last == .max else { return end + [last + 1] }
        }
        return end
    }

    /// The mark of a table; nil where there is none, or none that can be read.
    func mark(by cursor: Cursor) throws(JournalError) -> ProjectionMark? {
        let key = markKey
        var mark: ProjectionMark?
        _ = try unsafe cursor.find(key.span.bytes) { key, value in
            mark = Self.mark(value, at: key)
        }
        return mark
    }

    func put(
        _ mark: ProjectionMark,
        of table: ProjectionTable,
        in transaction: Transaction
    ) throws(JournalError) {
        var writer = ByteWriter(capacity: 128)
        writer.variable(mark.position.rawValue)
        writer.raw(mark.eventDigest.bytes)
        writer.variable(mark.entryCount)
        writer.littleEndian(mark.stateHash)
        writer.raw(table.fingerprint.bytes)
        writer.text(table.name)
        let (key, value) = (markKey, writer.finish())
        try transaction.putRecord(.main, unsafe key.span.bytes, unsafe value.span.bytes)
    }

    /// Reads a mark record; nil for one that does not match its checksum.
    private static func mark(_ value: RawSpan, at key: RawSpan) -> ProjectionMark? {
        guard let count = LentBytes.contentByteCount(of: value, at: key) else { return nil }
        var reader = ByteReader()
        do throws(TruncatedBytes) {
            return try mark(&reader, value.extracting(0..<count))
        } catch {
            return nil
        }
    }

    private static func mark(
        _ reader: inout ByteReader,
        _ bytes: RawSpan
    ) throws(TruncatedBytes) -> ProjectionMark {
        let position = Position(rawValue: try reader.variable(in: bytes))
        let event = try reader.take(ContentDigest.byteCount, in: bytes)
        let entryCount = try reader.variable(in: bytes)
        return ProjectionMark(
            position: position,
            eventDigest: ContentDigest(bytes: bytes.extracting(event)),
            entryCount: entryCount,
            stateHash: try reader.littleEndian(UInt64.self, in: bytes)
        )
    }

    /// Reads a mark record, and what it is the mark of.
    private static func table(
        _ value: RawSpan,
        at key: RawSpan
    ) -> (table: ProjectionTable, mark: ProjectionMark)? {
        guard let count = LentBytes.contentByteCount(of: value, at: key) else { return nil }
        let bytes = value.extracting(0..<count)
        var reader = ByteReader()
        do throws(TruncatedBytes) {
            let mark = try mark(&reader, bytes)
            let range = try reader.take(ContentDigest.byteCount, in: bytes)
            let fingerprint = ContentDigest(bytes: bytes.extracting(range))
            let name = try reader.text(in: bytes)
            return (ProjectionTable(name: name, fingerprint: fingerprint), mark)
        } catch {
            return nil
        }
    }

    /// Every mark that can be read.
    static func all(
        _ transaction: Transaction,
        _ path: String
    ) throws(JournalError) -> [(table: ProjectionTable, mark: ProjectionMark)] {
        var found: [(table: ProjectionTable, mark: ProjectionMark)] = []
        let cursor = try Cursor(transaction, .main)
        var next: [UInt8]? = [0]
        while let from = next {
            next =
                try cursor.seek(unsafe from.span.bytes) {
                    key,
                    value -> [UInt8]? in
                    guard key.byteCount >= headByteCount else { return nil }
                    if key.byteCount == headByteCount, key.byte(at: 8) == markTag,
                        let mark = table(value, at: key)
                    {
                        found.append(mark)
                    }
                    // The records of the next table.
                    return end(ofPrefix: key.extracting(0..<8).array())
                } ?? nil
            if next?.isEmpty ?? false { break }
        }
        return found
    }

    /// Removes the mark and a bounded number of entries.
    ///
    /// - Returns: Whether nothing is left.
    func removeSome(_ transaction: Transaction) throws(JournalError) -> Bool {
        for _ in 0..<Self.removedCountMax {
            let cursor = try Cursor(transaction, .main)
            let found = try cursor.seek(unsafe head.span.bytes) { key, _ in key.array() }
            guard let found, found.starts(with: head) else { return true }
            try transaction.remove(.main, unsafe found.span.bytes)
        }
        return false
    }
}
