internal import CairnCore

/// The keys of the entries that are at hand, told apart by their bytes, as in the store.
///
/// All keys lie behind each other in one array; a table of hashes finds the number of an entry,
/// which counts from 0 in the order they came. Nothing is ever taken out.
@usableFromInline
struct EntryKeys: Sendable {
    private struct Place: Sendable {
        let start: Int
        let hash: UInt32
        let byteCount: UInt32
        var isChanged: Bool
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []
    /// Half full at most: the hash of a key above, and below the number of its entry and one more;
    /// 0 where there is none.
    private var buckets: [UInt64] = []
    @usableFromInline private(set) var changedCount = 0
    /// Changed entries in the order of their keys, but for those of ``unsorted``.
    @usableFromInline private(set) var sorted: [UInt32] = []
    private var unsorted: [UInt32] = []

    /// Another one in each process, so that nobody can choose names that meet in one place.
    private static let seed = UInt64(bitPattern: Int64(Hasher().finalize()))
    private static let prime: UInt64 = 0x9E37_79B9_7F4A_7C15

    @usableFromInline
    init() {}

    @usableFromInline
    var count: Int { places.count }

    // MARK: finding

    /// The number of a key; nil for one that is not at hand.
    @usableFromInline
    func number(of key: RawSpan) -> Int? {
        guard !buckets.isEmpty else { return nil }
        return find(key, Self.hash(of: key)).number
    }

    /// The number of a key that is at hand from now on.
    @usableFromInline
    mutating func take(_ key: [UInt8]) -> (number: Int, isNew: Bool) {
        if 2 * places.count >= buckets.count { grow() }
        let span = key.span.bytes
        let hash = Self.hash(of: span)
        let (found, bucket) = find(span, hash)
        if let found { return (found, false) }
        let number = places.count
        buckets[bucket] = UInt64(hash) << 32 | UInt64(number + 1)
        places.append(
            Place(
                start: bytes.count,
                hash: hash,
                byteCount: UInt32(truncatingIfNeeded: key.count),
                isChanged: false
            )
        )
        bytes.append(contentsOf: key)
        return (number, true)
    }

    private func find(_ key: RawSpan, _ hash: UInt32) -> (number: Int?, bucket: Int) {
        let mask = buckets.count - 1
        var bucket = Int(hash) & mask
        let all = bytes.span.bytes
        while true {
            let found = buckets[bucket]
            if found == 0 { return (nil, bucket) }
            if UInt32(truncatingIfNeeded: found >> 32) == hash {
                let number = Int(found & 0xFFFF_FFFF) - 1
                let place = places[number]
                if Int(place.byteCount) == key.byteCount,
                    all.extracting(place.start..<place.start + key.byteCount).equals(key)
                {
                    return (number, bucket)
                }
            }
            bucket = (bucket + 1) & mask
        }
    }

    private mutating func grow() {
        let count = max(64, 2 * buckets.count)
        buckets = [UInt64](repeating: 0, count: count)
        for (number, place) in places.enumerated() {
            var bucket = Int(place.hash) & (count - 1)
            while buckets[bucket] != 0 { bucket = (bucket + 1) & (count - 1) }
            buckets[bucket] = UInt64(place.hash) << 32 | UInt64(number + 1)
        }
    }

    private static func hash(of key: RawSpan) -> UInt32 {
        var hash = seed ^ UInt64(truncatingIfNeeded: key.byteCount)
        var offset = 0
        while offset + 8 <= key.byteCount {
            hash = mix(hash ^ key.littleEndian(at: offset, as: UInt64.self))
            offset += 8
        }
        if offset < key.byteCount {
            var rest: UInt64 = 0
            if key.byteCount >= 8 {
                // The last eight bytes, some of them for the second time.
                rest = key.littleEndian(at: key.byteCount - 8)
            } else {
                while offset < key.byteCount {
                    rest = rest << 8 | UInt64(key.byte(at: offset))
                    offset += 1
                }
            }
            hash = mix(hash ^ rest)
        }
        return UInt32(truncatingIfNeeded: mix(hash) >> 32)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let (high, low) = value.multipliedFullWidth(by: prime)
        return high ^ low
    }

    /// The bytes of a key.
    @usableFromInline
    func key(_ number: Int) -> [UInt8] {
        let place = places[number]
        return Array(bytes[place.start..<place.start + Int(place.byteCount)])
    }

    /// Lends the bytes of a key.
    @inline(__always)
    func withKey<Value>(_ number: Int, _ body: (RawSpan) -> Value) -> Value {
        let place = places[number]
        return body(bytes.span.bytes.extracting(place.start..<place.start + Int(place.byteCount)))
    }

    // MARK: changes

    @usableFromInline
    func isChanged(_ number: Int) -> Bool { places[number].isChanged }

    /// Takes note that an entry is not as it is stored.
    @usableFromInline
    mutating func noteChange(of number: Int) {
        guard !places[number].isChanged else { return }
        places[number].isChanged = true
        changedCount += 1
        unsorted.append(UInt32(truncatingIfNeeded: number))
    }

    /// All entries are as they are stored.
    mutating func forgetChanges() {
        for number in sorted + unsorted { places[Int(number)].isChanged = false }
        changedCount = 0
        sorted = []
        unsorted = []
    }

    // MARK: order

    /// Puts all changed entries in the order of their keys.
    @usableFromInline
    mutating func sort() {
        guard !unsorted.isEmpty else { return }
        var new = unsorted
        unsorted = []
        new.sort { comes($0, before: $1) }
        if let last = sorted.last, let first = new.first, comes(first, before: last) {
            sorted = merged(with: new)
        } else {
            sorted += new
        }
    }

    private func merged(with new: [UInt32]) -> [UInt32] {
        var all: [UInt32] = []
        all.reserveCapacity(sorted.count + new.count)
        var index = 0
        for number in new {
            while index < sorted.count, comes(sorted[index], before: number) {
                all.append(sorted[index])
                index += 1
            }
            all.append(number)
        }
        return all + sorted[index...]
    }

    private func comes(_ left: UInt32, before right: UInt32) -> Bool {
        let (left, right) = (places[Int(left)], places[Int(right)])
        let all = bytes.span.bytes
        return Self.order(
            all.extracting(left.start..<left.start + Int(left.byteCount)),
            all.extracting(right.start..<right.start + Int(right.byteCount))
        ) < 0
    }

    /// Below 0 where the left bytes come first, above 0 where the right ones do.
    static func order(_ left: RawSpan, _ right: RawSpan) -> Int {
        let count = min(left.byteCount, right.byteCount)
        var offset = 0
        while offset + 8 <= count {
            let one = left.bigEndian(at: offset, as: UInt64.self)
            let other = right.bigEndian(at: offset, as: UInt64.self)
            if one != other { return one < other ? -1 : 1 }
            offset += 8
        }
        while offset < count {
            let (one, other) = (left.byte(at: offset), right.byte(at: offset))
            if one != other { return one < other ? -1 : 1 }
            offset += 1
        }
        return left.byteCount - right.byteCount
    }
}
