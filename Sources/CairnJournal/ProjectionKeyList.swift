public import CairnCore

/// Keys of entries that are looked up together, one behind the other in one piece of memory.
///
/// They may stand in any order, and repeat.
public struct ProjectionKeyList: Sendable {
    @usableFromInline var writer: ByteWriter
    /// Where each key lies.
    @usableFromInline var ranges: [Range<Int>] = []

    /// Starts empty, with room for an expected number of keys of 64 bytes.
    @inlinable
    public init(capacity: Int) {
        writer = ByteWriter(capacity: 64 * capacity)
        ranges.reserveCapacity(capacity)
    }

    /// How many keys there are.
    @inlinable
    public var count: Int { ranges.count }

    /// Adds a key that is written behind the others.
    ///
    /// - Throws: What `write` throws; the list then has no more keys than before.
    @inlinable
    public mutating func add<Failure: Error>(
        _ write: (inout ByteWriter) throws(Failure) -> Void
    ) throws(Failure) {
        let start = writer.byteCount
        try write(&writer)
        ranges.append(start..<writer.byteCount)
    }

    /// All keys, one behind the other.
    @inlinable
    public var bytes: [UInt8] { writer.bytes }

    /// Where a key is in ``bytes``.
    ///
    /// - Precondition: `index` is one of 0 to ``count`` - 1.
    @inlinable
    public func range(of index: Int) -> Range<Int> { ranges[index] }
}
