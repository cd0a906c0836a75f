public import CairnCore
public import CairnJournal

/// A projection's tables while events are taken in: what is stored, and what has changed since.
public struct ProjectionEntries<Rules: Projection>: Sendable {
    @usableFromInline
    struct Slot: Sendable {
        @usableFromInline var value: Rules.Value?
        @usableFromInline var isChanged: Bool

        @inlinable
        init(value: Rules.Value?, isChanged: Bool) {
            self.value = value
            self.isChanged = isChanged
        }
    }

    @usableFromInline let rules: Rules
    @usableFromInline let table: ProjectionTable
    @usableFromInline let store: (any ProjectionStore)?
    /// What is stored, and the changes go on from; nil for nothing.
    @usableFromInline var base: ProjectionMark?
    /// The last event that is in the changes.
    @usableFromInline var position: Position
    @usableFromInline var slots: [Rules.Key: Slot] = [:]
    @usableFromInline var changedCount = 0
    /// The changed keys in order, but for those that changed since they were asked for last.
    @usableFromInline var order = ChangedKeys<Rules.Key>()
    /// Why a stored value could not be looked up: what was taken in since is of no worth.
    @usableFromInline var failure: Failure?

    @usableFromInline
    enum Failure: Error, Sendable {
        /// Another process has begun the tables anew.
        case outrun
        case store(JournalError)
    }

    @usableFromInline
    init(_ rules: Rules, _ table: ProjectionTable, in store: (any ProjectionStore)?) {
        self.rules = rules
        self.table = table
        self.store = store
        position = .zero
    }

    /// Forgets everything, and goes on from what is stored.
    @usableFromInline
    mutating func restart(from mark: ProjectionMark?) {
        base = mark
        position = mark?.position ?? .zero
        failure = nil
        slots = [:]
        changedCount = 0
        order = ChangedKeys()
    }

    /// Forgets what was only looked up.
    mutating func forgetUnchanged() {
        slots = slots.filter { $0.value.isChanged }
    }

    /// Whether the changes hold on top of tables with a mark: each changed key has its value of
    /// ``position``, so tables that went on, but no further, are as good as the ones before.
    @inlinable
    func fits(_ mark: ProjectionMark?) -> Bool {
        guard let base else { return mark == nil || mark.map { $0.position <= position } ?? true }
        guard let mark else { return false }
        return mark.position >= base.position && mark.position <= position
    }

    /// The value of a key; nil where there is no entry.
    @inlinable
    public mutating func value(of key: Rules.Key) -> Rules.Value? {
        if let slot = slots[key] { return slot.value }
        guard base != nil else { return nil }
        let value = load(key)
        slots[key] = Slot(value: value, isChanged: false)
        return value
    }

    /// Changes the value of a key in place; nil removes the entry, or is what there is not yet.
    @inlinable
    public mutating func update(_ key: Rules.Key, _ change: (inout Rules.Value?) -> Void) {
        var isFirst = false
        let stored = base == nil ? nil : (slots[key] == nil ? load(key) : nil)
        withSlot(key, stored) { slot in
            isFirst = !slot.isChanged
            change(&slot.value)
            slot.isChanged = true
        }
        if isFirst {
            changedCount += 1
            order.add(key)
        }
    }

    /// Puts an entry in, or one in its place.
    @inlinable
    public mutating func set(_ value: Rules.Value?, for key: Rules.Key) {
        let old = slots.updateValue(Slot(value: value, isChanged: true), forKey: key)
        guard !(old?.isChanged ?? false) else { return }
        changedCount += 1
        order.add(key)
    }

    @inlinable
    mutating func withSlot(
        _ key: Rules.Key,
        _ stored: Rules.Value?,
        _ body: (inout Slot) -> Void
    ) {
        body(&slots[key, default: Slot(value: stored, isChanged: false)])
    }

    /// Looks a stored value up.
    @usableFromInline
    mutating func load(_ key: Rules.Key) -> Rules.Value? {
        guard let store, failure == nil else { return nil }
        var value: Rules.Value?
        var isUnreadable = false
        var isOutrun = false
        do throws(JournalError) {
            try store.read(table) { stored throws(JournalError) in
                guard fits(stored.mark) else {
                    isOutrun = true
                    return
                }
                let bytes = rules.bytes(of: key)
                _ = try stored.withValue(of: bytes.span.bytes) { content in
                    do throws(TruncatedBytes) { value = try rules.readValue(content) } catch {
                        isUnreadable = true
                    }
                }
            }
        } catch {
            failure = .store(error)
        }
        if isOutrun { failure = .outrun }
        if isUnreadable { failure = .store(Self.unreadable) }
        return value
    }

    @usableFromInline
    static var unreadable: JournalError {
        .damaged(path: "the projection's tables", reason: "an entry cannot be read")
    }

    /// What has changed since the tables' mark, as it is stored.
    @usableFromInline
    func changes(_ eventDigest: ContentDigest) -> ProjectionChanges {
        var entries: [(key: [UInt8], value: [UInt8]?)] = []
        entries.reserveCapacity(changedCount)
        for (key, slot) in slots where slot.isChanged {
            let value = slot.value.map { value in
                var writer = ByteWriter(capacity: 64)
                rules.write(value, to: &writer)
                return writer.finish()
            }
            entries.append((rules.bytes(of: key), value))
        }
        entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return ProjectionChanges(entries: entries, position: position, eventDigest: eventDigest)
    }
}

/// Changed keys, as what is asked of them: whether one is among them at all, told by its bytes, and
/// which there are in the order of their bytes.
@usableFromInline
struct ChangedKeys<Key: Hashable & Sendable>: Sendable {
    @usableFromInline
    typealias Entry = (bytes: [UInt8], key: Key)

    /// Bits of the filter, as a power of two: with 65,536 keys one in nine is let through in vain.
    @usableFromInline static var filterBitCountLog: UInt64 { 19 }

    private(set) var sorted: [Entry] = []
    /// Keys that are in the filter and not in their place yet.
    private var unsorted: [Entry] = []
    @usableFromInline var added: [Key] = []
    /// A bit for each hash of a changed key's bytes.
    @usableFromInline var filter: [UInt64] = []

    @usableFromInline
    init() {}

    @inlinable
    mutating func add(_ key: Key) { added.append(key) }

    /// Takes note of the keys that were added.
    mutating func note(_ bytes: (Key) -> [UInt8]) {
        guard !added.isEmpty else { return }
        if filter.isEmpty {
            filter = [UInt64](repeating: 0, count: 1 << (Self.filterBitCountLog - 6))
        }
        unsorted.reserveCapacity(unsorted.count + added.count)
        for key in added {
            let bytes = bytes(key)
            let bit = Self.bit(of: bytes.span.bytes)
            filter[Int(bit >> 6)] |= 1 << (bit & 63)
            unsorted.append((bytes, key))
        }
        added = []
    }

    /// Whether a key with these bytes may be among the changed ones.
    @inlinable
    func mayHold(_ bytes: RawSpan) -> Bool {
        guard !filter.isEmpty else { return false }
        let bit = Self.bit(of: bytes)
        return filter[Int(bit >> 6)] & (1 << (bit & 63)) != 0
    }

    @inlinable
    static func bit(of bytes: RawSpan) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: bytes.byteCount)
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            hash =
                (hash ^ bytes.littleEndian(at: offset, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            offset += 8
        }
        while offset < bytes.byteCount {
            hash = (hash ^ UInt64(bytes.byte(at: offset))) &* 0x9E37_79B9_7F4A_7C15
            offset += 1
        }
        return hash >> (64 - filterBitCountLog)
    }

    /// Puts the keys that were noted in their places.
    mutating func sort() {
        guard !unsorted.isEmpty else { return }
        let new = unsorted.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        unsorted = []
        var merged: [Entry] = []
        merged.reserveCapacity(sorted.count + new.count)
        var index = 0
        for entry in new {
            while index < sorted.count,
                sorted[index].bytes.lexicographicallyPrecedes(entry.bytes)
            {
                merged.append(sorted[index])
                index += 1
            }
            merged.append(entry)
        }
        merged += sorted[index...]
        sorted = merged
    }

    /// The index of the first key that is not before some bytes.
    func firstIndex(notBefore bytes: [UInt8]) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle].bytes.lexicographicallyPrecedes(bytes) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
