/// A value for each stream of a journal, found by the stream's number: made for folds.
///
/// Open addressing with linear probing over plain arrays. Numbers are positions, so a
/// multiplication spreads them well enough, and a fold need not defend itself against keys that
/// an attacker chose. Values are in the order in which their streams began to be asked for.
///
/// - Complexity: Constant time for each access on average; 12 bytes and the value for a stream.
public struct StreamMap<Value> {
    @usableFromInline var slots: [UInt32]
    @usableFromInline var shift: UInt64
    /// The streams, in the order of their first access.
    public private(set) var numbers: [StreamNumber]
    /// The values, in the order of ``numbers``.
    @usableFromInline var storage: [Value]

    public init() {
        slots = Array(repeating: 0, count: 1_024)
        shift = 54
        numbers = []
        storage = []
    }

    public var count: Int { storage.count }

    /// The values, in the order of ``numbers``.
    public var values: [Value] {
        get { storage }
        set {
            precondition(newValue.count == storage.count, "values must stay with their streams")
            storage = newValue
        }
    }

    @inlinable
    @inline(__always)
    func slot(of number: StreamNumber) -> Int {
        Int(truncatingIfNeeded: (number.rawValue &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    /// Where in ``values`` the stream's value stands, if it has one.
    @inlinable
    public func index(of number: StreamNumber) -> Int? {
        var slot = slot(of: number)
        while slots[slot] != 0 {
            let index = Int(slots[slot] - 1)
            if numbers[index] == number { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The stream's value, made first where there is none.
    @inlinable
    public subscript(number: StreamNumber, default initial: @autoclosure () -> Value) -> Value {
        get { index(of: number).map { storage[$0] } ?? initial() }
        _modify {
            let place = index(of: number) ?? insert(number, initial())
            yield &storage[place]
        }
    }

    /// The stream's value, if it has one.
    @inlinable
    public subscript(number: StreamNumber) -> Value? {
        index(of: number).map { storage[$0] }
    }

    @usableFromInline
    mutating func insert(_ number: StreamNumber, _ value: Value) -> Int {
        if (storage.count + 1) * 2 > slots.count { grow() }
        numbers.append(number)
        storage.append(value)
        place(number, at: storage.count)
        return storage.count - 1
    }

    private mutating func place(_ number: StreamNumber, at ordinal: Int) {
        var slot = slot(of: number)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(ordinal)
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        shift -= 1
        for (index, number) in numbers.enumerated() { place(number, at: index + 1) }
    }
}

extension StreamMap: Sendable where Value: Sendable {}
