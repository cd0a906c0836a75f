/// Finds entries that are kept elsewhere, in an array, by the hash of their keys.
///
/// Open addressing in one block of memory: a slot is 8 bytes, half of a hash and the number of an
/// entry, so a look-up touches one cache line of it and, nearly always, no entry but the one that
/// is wanted. A dictionary would keep keys and values twice, and count references of each.
struct SlotTable: ~Copyable {
    /// The low half is the number of an entry, counted from 1; 0 says that the slot is free.
    private var slots: [UInt64]
    private var count = 0

    private static let slotCountMin = 64
    private static let growthFactor = 4

    init() { slots = [UInt64](repeating: 0, count: Self.slotCountMin) }

    /// Starts as large as it becomes with so many entries.
    init(roomFor entryCount: Int) {
        var slotCount = Self.slotCountMin
        while 2 * entryCount > slotCount { slotCount *= Self.growthFactor }
        slots = [UInt64](repeating: 0, count: slotCount)
    }

    /// What is kept of a hash.
    static func tag(of hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash ^ hash >> 32) }

    /// The entry of a key.
    ///
    /// - Parameters:
    ///   - tag: What is kept of the key's hash.
    ///   - isWanted: Whether an entry has the key.
    /// - Returns: The entry; nil where none has the key.
    @inline(__always)
    func entry(_ tag: UInt32, where isWanted: (Int) -> Bool) -> Int? {
        let mask = slots.count - 1
        var slot = Int(tag) & mask
        while true {
            let stored = slots[slot]
            guard stored != 0 else { return nil }
            if UInt32(truncatingIfNeeded: stored >> 32) == tag {
                let entry = Int(UInt32(truncatingIfNeeded: stored)) - 1
                if isWanted(entry) { return entry }
            }
            slot = (slot + 1) & mask
        }
    }

    /// Asks the processor for where an entry would be looked up.
    @inline(__always)
    func ask(_ tag: UInt32) {
        slots.ask(for: Int(tag) & (slots.count - 1))
    }

    /// The entry that is met first where a key is looked up: nearly always the key's own.
    @inline(__always)
    func guess(_ tag: UInt32) -> Int? {
        let stored = slots[Int(tag) & (slots.count - 1)]
        return UInt32(truncatingIfNeeded: stored >> 32) == tag && stored != 0
            ? Int(UInt32(truncatingIfNeeded: stored)) - 1 : nil
    }

    /// Adds an entry whose key no other one has.
    mutating func add(_ entry: Int, _ tag: UInt32) {
        if 2 * count >= slots.count { grow() }
        put(UInt64(tag) << 32 | UInt64(UInt32(entry + 1)))
        count += 1
    }

    /// Takes an entry out, and moves up those that it kept from their places.
    mutating func remove(_ entry: Int, _ tag: UInt32) {
        let mask = slots.count - 1
        let wanted = UInt64(tag) << 32 | UInt64(UInt32(entry + 1))
        var hole = Int(tag) & mask
        while slots[hole] != wanted {
            guard slots[hole] != 0 else {
                preconditionFailure("an entry is taken out that was never added")
            }
            hole = (hole + 1) & mask
        }
        var next = (hole + 1) & mask
        while slots[next] != 0 {
            let home = Int(slots[next] >> 32) & mask
            if (next - home) & mask >= (next - hole) & mask {
                slots[hole] = slots[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        slots[hole] = 0
        count -= 1
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: Self.growthFactor * old.count)
        for stored in old where stored != 0 { put(stored) }
    }

    private mutating func put(_ stored: UInt64) {
        let mask = slots.count - 1
        var slot = Int(stored >> 32) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = stored
    }
}
