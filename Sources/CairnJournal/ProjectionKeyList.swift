public import CairnCore

/// Keys of entries that are looked up together, one behind the other in one piece of memory.
///
/// In any order, and the same one as often as it is asked for.
public struct ProjectionKeyList: Sendable {
    @usableFromInline var writer: ByteWriter
    /// Where each key ends.
    @usableFromInline var ends: [Int] = []

    /// Starts empty, with room for an expected number of keys of 64 bytes.
    @inlinable
    public init(capacity: Int) {
        writer = ByteWriter(capacity: 64 * capacity)
        ends.reserveCapacity(capacity)
    }

    /// How many keys there are.
    @inlinable
    public var count: Int { ends.count }

    /// Adds a key that is written behind the others.
    @inlinable
    public mutating func add<Failure: Error>(
        _ write: (inout ByteWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try write(&writer)
        ends.append(writer.byteCount)
    }

    /// All keys, back to back.
    @inlinable
    public var bytes: [UInt8] { writer.bytes }

    /// Where a key is in ``bytes``.
    ///
    /// - Precondition: `index` is one of 0 to ``count`` - 1.
    @inlinable
    public func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }
}
