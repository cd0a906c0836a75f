internal import CairnCore

/// Small numbers for the words of a journal, looked up by their bytes in place, so that a fold
/// compares and stores no text.
///
/// The words that payloads store as codes have those codes as their numbers; other words get
/// the next number when they are first seen. Number 0 is the empty word. Numbers mean nothing
/// outside their table.
public struct PipelineWordTable: Sendable {
    /// All words, one after another.
    private var storage: [UInt8] = []
    /// Where each word ends in ``storage``, by its number.
    private var ends: [Int] = [0]
    /// Numbers by the hash of their words, with linear probing; 0 is a free place.
    private var slots = [UInt32](repeating: 0, count: 256)

    public init() {
        for word in PipelineVocabulary.words { _ = number(of: word) }
    }

    /// How many words there are, the empty one included.
    public var count: Int { ends.count }

    /// The word with a number that this table gave.
    public func text(of number: UInt32) -> String {
        String(decoding: storage[range(of: number)], as: UTF8.self)
    }

    /// The number of a word of a payload, which is made where there is none.
    @inline(__always)
    public mutating func number(of word: PipelineWord, in payload: RawSpan) -> UInt32 {
        guard word.code == PipelineVocabulary.literal else { return UInt32(word.code) }
        return number(of: payload.extracting(word.range))
    }

    /// The number of a word given as text, which is made where there is none.
    public mutating func number(of word: String) -> UInt32 {
        let bytes = Array(word.utf8)
        return number(of: bytes.span.bytes)
    }

    /// The number of a word given as text; nil where it was never seen.
    func knownNumber(of word: String) -> UInt32? {
        let bytes = Array(word.utf8)
        guard !bytes.isEmpty else { return 0 }
        let number = slots[place(of: bytes.span.bytes)]
        return number == 0 ? nil : number
    }

    /// Whether a number stands for exactly these bytes.
    @inline(__always)
    func matches(_ number: UInt32, _ bytes: RawSpan) -> Bool {
        let range = range(of: number)
        guard range.count == bytes.byteCount else { return false }
        for index in 0..<range.count
        where storage[range.lowerBound + index] != bytes.byte(at: index) {
            return false
        }
        return true
    }

    private func range(of number: UInt32) -> Range<Int> {
        number == 0 ? 0..<0 : ends[Int(number) - 1]..<ends[Int(number)]
    }

    private mutating func number(of bytes: RawSpan) -> UInt32 {
        guard bytes.byteCount > 0 else { return 0 }
        let slot = place(of: bytes)
        if slots[slot] != 0 { return slots[slot] }
        for index in 0..<bytes.byteCount { storage.append(bytes.byte(at: index)) }
        ends.append(storage.count)
        slots[slot] = UInt32(ends.count - 1)
        if ends.count * 2 > slots.count { grow() }
        return UInt32(ends.count - 1)
    }

    /// The slot where a word's number stands, or would stand.
    private func place(of bytes: RawSpan) -> Int {
        var slot = slot(of: bytes)
        while slots[slot] != 0, !matches(slots[slot], bytes) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    /// FNV-1a: short words, and nobody gains by making them collide in their own tool.
    private func slot(of bytes: RawSpan) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<bytes.byteCount {
            hash = (hash ^ UInt64(bytes.byte(at: index))) &* 0x0000_0100_0000_01B3
        }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (slots.count - 1)
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        for number in 1..<UInt32(ends.count) {
            var slot = slot(of: storage.span.bytes.extracting(range(of: number)))
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = number
        }
    }
}
