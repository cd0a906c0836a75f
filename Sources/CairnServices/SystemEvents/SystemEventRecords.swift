internal import CairnCore
internal import CairnDomains

/// A stretch of 1,024 positions.
struct EventBlock: Hashable, Comparable, Sendable {
    private static let bitCount: UInt64 = 10
    static let positionCount = 1 << bitCount

    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(containing position: Position) { rawValue = position.rawValue >> Self.bitCount }

    static func place(of position: Position) -> Int {
        Int(position.rawValue & UInt64(positionCount - 1))
    }

    /// The position at one of its places.
    subscript(_ place: Int) -> Position {
        Position(rawValue: rawValue << Self.bitCount | UInt64(place))
    }

    var last: Position { self[Self.positionCount - 1] }

    static func < (left: EventBlock, right: EventBlock) -> Bool { left.rawValue < right.rawValue }
}

/// Some places of a block: a bit for each of them.
struct BlockMembers: Hashable, Sendable {
    static let wordCount = EventBlock.positionCount / 64
    /// With as many members or more, all bits are written, and otherwise each member.
    static let listCountMax = EventBlock.positionCount / 16

    private(set) var words = [UInt64](repeating: 0, count: wordCount)

    init() {}

    init(words: [UInt64]) { self.words = words }

    /// Adds the members of another list of the same block.
    mutating func formUnion(_ other: BlockMembers) {
        for index in words.indices { words[index] |= other.words[index] }
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    mutating func insert(_ place: Int) { words[place >> 6] |= 1 << UInt64(place & 63) }

    func contains(_ place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }

    /// How many members are before a place.
    func rank(of place: Int) -> Int {
        var count = (words[place >> 6] & (1 << UInt64(place & 63) - 1)).nonzeroBitCount
        for word in words[..<(place >> 6)] { count += word.nonzeroBitCount }
        return count
    }

    /// Takes the members behind a place away.
    mutating func cut(after place: Int) {
        for index in words.indices where index > place >> 6 { words[index] = 0 }
        let bit = UInt64(place & 63)
        words[place >> 6] &= bit == 63 ? .max : 1 << (bit + 1) - 1
    }

    /// Goes through the members, the last one first, until the body says no.
    func forEachBackwards(_ body: (Int) -> Bool) {
        for index in words.indices.reversed() {
            var word = words[index]
            while word != 0 {
                let bit = 63 - word.leadingZeroBitCount
                guard body(index << 6 | bit) else { return }
                word &= ~(1 << UInt64(bit))
            }
        }
    }
}

/// When the first and the last of some events happened, as nanoseconds.
struct EventSpan: Hashable, Sendable {
    var earliest: Int64
    var latest: Int64

    /// Nil for no events.
    init?(_ times: [Int64]) {
        guard let first = times.first else { return nil }
        (earliest, latest) = (first, first)
        for time in times {
            earliest = min(earliest, time)
            latest = max(latest, time)
        }
    }

    init(earliest: Int64, latest: Int64) {
        self.earliest = earliest
        self.latest = latest
    }

    mutating func add(_ other: EventSpan) {
        earliest = min(earliest, other.earliest)
        latest = max(latest, other.latest)
    }
}

/// A block, or a node of blocks, in the node that holds it.
struct ChildSpan: Hashable, Sendable {
    /// Its place among the node's 64.
    let child: UInt8
    let span: EventSpan
}

/// Which instants are asked for.
struct EventTimes: Hashable, Sendable {
    let since: Int64?
    let until: Int64?

    init(since: Timestamp?, until: Timestamp?) {
        self.since = since?.nanoseconds
        self.until = until?.nanoseconds
    }

    var isBounded: Bool { since != nil || until != nil }

    func contains(_ time: Int64) -> Bool {
        (since.map { time >= $0 } ?? true) && (until.map { time < $0 } ?? true)
    }

    /// Whether there may be an event of a span among them.
    func touches(_ span: EventSpan) -> Bool {
        (since.map { span.latest >= $0 } ?? true) && (until.map { span.earliest < $0 } ?? true)
    }

    func covers(_ span: EventSpan) -> Bool { contains(span.earliest) && contains(span.latest) }
}

/// A stretch of 1,024 positions, in which the events of one lead and level stand in one entry.
struct LeadBlock: Hashable, Comparable, Sendable {
    private static let bitCount: UInt64 = 10

    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(containing position: Position) { rawValue = position.rawValue >> Self.bitCount }

    static func place(of position: Position) -> UInt16 {
        UInt16(truncatingIfNeeded: position.rawValue & (1 << bitCount - 1))
    }

    /// The position at one of its places.
    subscript(_ place: UInt16) -> Position {
        Position(rawValue: rawValue << Self.bitCount | UInt64(place))
    }

    var previous: LeadBlock? { rawValue == 0 ? nil : LeadBlock(rawValue: rawValue - 1) }

    static func < (left: LeadBlock, right: LeadBlock) -> Bool { left.rawValue < right.rawValue }
}

/// What a lead's entry tells of an event, so that all filters can be tested there.
struct LeadGlance: Hashable, Sendable {
    /// Its place in the block.
    let place: UInt16
    /// The number of the type.
    let type: UInt64
    let createdAt: Int64
}

/// The name of a type as a key: of a long one its beginning and its digest.
struct EventTypeName: Hashable, Sendable {
    private static let plainByteCountMax = 400

    let bytes: [UInt8]

    init(_ name: String) {
        let whole = Array(name.utf8)
        guard whole.count > Self.plainByteCountMax else {
            bytes = whole
            return
        }
        let digest = ContentDigest(type: "event_type", content: whole.span.bytes)
        bytes = whole.prefix(Self.plainByteCountMax) + digest.bytes
    }

    init(bytes: [UInt8]) { self.bytes = bytes }
}

/// What the members of a list of system events have in common.
enum SystemEventTerm: Hashable, Sendable {
    /// Those that this program cannot read: a listing that comes to one says so.
    case unreadable
    case level(UInt8)
    case both(type: UInt64, level: UInt8)
}
