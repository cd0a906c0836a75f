public import CairnCore

/// Keeps what projections have made of a journal, beside it: a cache, which may be removed at any
/// time and loses nothing (law 8).
///
/// Reads are synchronous, because a cache is on the machine of those who use it even where the
/// journal is not. The same contract suite runs on every implementation.
public protocol ProjectionStore: AnyObject, Sendable {
    /// Whether nothing can be written here.
    var isReadOnly: Bool { get }

    /// Reads what is kept of a projection in one consistent view, which ends with the closure.
    ///
    /// - Throws: ``JournalError``; ``JournalError/damaged(path:reason:)`` where a record does not
    ///   match its checksum.
    func read<Value>(
        _ table: ProjectionTable,
        _ body: (any StoredProjection) throws(JournalError) -> Value
    ) throws(JournalError) -> Value

    /// Writes changes and the new mark in one step, if nobody else was faster.
    ///
    /// Durable in part: what was written last may be gone after a loss of power, and then the mark
    /// is, too.
    ///
    /// - Parameters:
    ///   - changes: What is changed, and up to which event.
    ///   - table: Where.
    ///   - expected: The mark that the changes go on from; nil for an empty table.
    /// - Returns: The new mark; nil if another mark stands there, and nothing was written.
    /// - Throws: ``JournalError``; ``JournalError/readOnly``, or what the disk says.
    func write(
        _ changes: ProjectionChanges,
        to table: ProjectionTable,
        expecting expected: ProjectionMark?
    ) async throws(JournalError) -> ProjectionMark?

    /// Removes what is kept of a projection.
    func remove(_ table: ProjectionTable) async throws(JournalError)

    /// Everything that is kept, by name.
    func tables() throws(JournalError) -> [(table: ProjectionTable, mark: ProjectionMark)]
}

/// One view of what is kept of a projection.
public protocol StoredProjection: AnyObject {
    /// How far it is; nil where nothing is kept.
    var mark: ProjectionMark? { get }

    /// Lends the value of a key.
    ///
    /// Keys that follow each other in order are found without a search from the top.
    ///
    /// - Returns: Whether there is one.
    func withValue(
        of key: RawSpan,
        _ body: (RawSpan) -> Void
    ) throws(JournalError) -> Bool

    /// Lends the values of many keys, one after another.
    ///
    /// Keys in the order of their bytes are found fastest. Looks each up by itself where a store
    /// does not say otherwise.
    ///
    /// - Parameters:
    ///   - keys: The keys, in any order.
    ///   - body: Gets a key's number in the list, from 0 on, and its value; keys without an entry
    ///     are passed over.
    /// - Throws: ``JournalError``; some values may have been lent before.
    /// - Complexity: As ``withValue(of:_:)`` for each key; less where keys follow each other.
    func forEachValue(
        of keys: ProjectionKeyList,
        _ body: (Int, RawSpan) -> Void
    ) throws(JournalError)

    /// Lends the entries whose keys begin with a prefix, in the order of their bytes.
    ///
    /// - Parameters:
    ///   - prefix: What the keys begin with; empty for all.
    ///   - start: The first key of interest; nil for the first, or going backwards the last.
    ///   - direction: Which way to go.
    ///   - body: Gets each key and value in place.
    /// - Throws: ``JournalError``.
    func forEach(
        inPrefix prefix: [UInt8],
        from start: [UInt8]?,
        _ direction: PageDirection,
        _ body: (_ key: RawSpan, _ value: RawSpan) -> PageFlow
    ) throws(JournalError)
}

extension StoredProjection {
    public func forEachValue(
        of keys: ProjectionKeyList,
        _ body: (Int, RawSpan) -> Void
    ) throws(JournalError) {
        let bytes = keys.bytes
        for index in 0..<keys.count {
            let key = bytes.span.bytes.extracting(keys.range(of: index))
            _ = try withValue(of: key) { body(index, $0) }
        }
    }
}

/// Which projection, under which rules: other rules have tables of their own.
public struct ProjectionTable: Hashable, Sendable {
    /// Longest key of an entry, in bytes.
    public static let keyByteCountMax = 480

    public let name: String
    /// What the rules are known by.
    public let fingerprint: ContentDigest
    private let digest: ContentDigest
    /// The first eight bytes of a digest of both, which a store may keep the table under.
    package let head: [UInt8]

    public init(name: String, fingerprint: ContentDigest) {
        self.name = name
        self.fingerprint = fingerprint
        var writer = ByteWriter(capacity: 40 + name.utf8.count)
        writer.text(name)
        writer.raw(fingerprint.bytes)
        digest = ContentDigest(type: "projection", content: writer.finish().span.bytes)
        head = Array(digest.bytes.prefix(8))
    }

    public static func == (left: ProjectionTable, right: ProjectionTable) -> Bool {
        left.digest == right.digest
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

/// How far a projection's tables are, and what they hold in sum.
public struct ProjectionMark: Hashable, Sendable {
    /// The last event that is in them.
    public let position: Position
    /// A digest of that event's place and content: in another journal, such as an older copy put
    /// in this one's place, another event stands there.
    public let eventDigest: ContentDigest
    public let entryCount: UInt64
    /// The sum of all entries' hashes, in whatever order they came (law 8).
    public let stateHash: UInt64

    public init(
        position: Position,
        eventDigest: ContentDigest,
        entryCount: UInt64,
        stateHash: UInt64
    ) {
        self.position = position
        self.eventDigest = eventDigest
        self.entryCount = entryCount
        self.stateHash = stateHash
    }
}

/// What a stretch of the journal changes in a projection's tables.
public struct ProjectionChanges: Sendable {
    private struct Entry: Sendable {
        let keyEnd: Int
        let valueEnd: Int
        let isRemoved: Bool
    }

    /// The last event of the stretch.
    public let position: Position
    public let eventDigest: ContentDigest
    /// Each key and behind it its value, all in one: there may be hundreds of thousands.
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    /// Begins without a change.
    public init(position: Position, eventDigest: ContentDigest) {
        self.position = position
        self.eventDigest = eventDigest
    }

    /// Takes entries in the order of their keys' bytes, each key once; nil removes one.
    public init(
        entries: [(key: [UInt8], value: [UInt8]?)],
        position: Position,
        eventDigest: ContentDigest
    ) {
        self.init(position: position, eventDigest: eventDigest)
        for (key, value) in entries {
            if let value { put(key, value) } else { remove(key) }
        }
    }

    /// How many entries are put in or removed.
    public var count: Int { entries.count }

    /// Adds an entry, whose key is behind all others.
    public mutating func put(_ key: [UInt8], _ value: [UInt8]) {
        bytes.append(contentsOf: key)
        let keyEnd = bytes.count
        bytes.append(contentsOf: value)
        entries.append(Entry(keyEnd: keyEnd, valueEnd: bytes.count, isRemoved: false))
    }

    /// Removes an entry, whose key is behind all others.
    public mutating func remove(_ key: [UInt8]) {
        bytes.append(contentsOf: key)
        entries.append(Entry(keyEnd: bytes.count, valueEnd: bytes.count, isRemoved: true))
    }

    /// Lends the entries in the order of their keys' bytes.
    ///
    /// - Parameter body: Gets the key, the value, which is empty for one that is removed, and
    ///   whether it is.
    /// - Throws: What the body throws.
    public func forEach<Failure: Error>(
        _ body: (_ key: RawSpan, _ value: RawSpan, _ isRemoved: Bool) throws(Failure) -> Void
    ) throws(Failure) {
        let all = bytes.span.bytes
        var start = 0
        for entry in entries {
            try body(
                all.extracting(start..<entry.keyEnd),
                all.extracting(entry.keyEnd..<entry.valueEnd),
                entry.isRemoved
            )
            start = entry.valueEnd
        }
    }
}

/// The hash of one entry, of which a mark holds the sum.
public enum EntryHash {
    /// 64 bits that differ where a bit of the key or the value does.
    ///
    /// Against decay and mistakes, not against an enemy: multiply and fold, eight bytes a step.
    public static func of(key: RawSpan, value: RawSpan) -> UInt64 {
        var hash = mix(UInt64(truncatingIfNeeded: key.byteCount) &+ 0x9E37_79B9_7F4A_7C15)
        add(key, to: &hash)
        add(value, to: &hash)
        return mix(hash ^ UInt64(truncatingIfNeeded: value.byteCount))
    }

    private static func add(_ bytes: RawSpan, to hash: inout UInt64) {
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            hash = mix(hash ^ bytes.littleEndian(at: offset, as: UInt64.self))
            offset += 8
        }
        var rest: UInt64 = 0x80
        while offset < bytes.byteCount {
            rest = rest << 8 | UInt64(bytes.byte(at: offset))
            offset += 1
        }
        hash = mix(hash ^ rest)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return (high ^ low) &+ (value >> 32)
    }
}
