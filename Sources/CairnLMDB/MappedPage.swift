internal import CairnCore
internal import Glibc

/// A page of a tree in the memory map, whose header was checked.
///
/// Whoever reads a node of it checks first that the node lies inside the page: what stands on a
/// page is only believed then. Where its tree leads to it rightly, the page does not change for as
/// long as its view is open; where damage does, a writer may be at it, so that what was read may be
/// another thing when it is read again.
@safe
struct MappedPage {
    private let start: UnsafeRawPointer

    /// Checks the page's number, kind and bounds.
    ///
    /// - Throws: `PageFault`.
    @unsafe
    @inline(__always)
    init(_ start: UnsafeRawPointer, number: UInt64, isLeaf: Bool) throws(PageFault) {
        unsafe self.start = start
        let flags = unsafe start.loadUnaligned(fromByteOffset: 10, as: UInt16.self)
        guard self.number == number,
            flags == (isLeaf ? PageFormat.leafFlag : PageFormat.branchFlag),
            lower > PageFormat.headerByteCount, lower & 1 == 0, lower <= upper,
            upper <= MappedFile.pageByteCount
        else { throw Self.headerFault(number, stated: self.number, flags, isLeaf, lower, upper) }
    }

    private static func headerFault(
        _ number: UInt64,
        stated: UInt64,
        _ flags: UInt16,
        _ isLeaf: Bool,
        _ lower: Int,
        _ upper: Int
    ) -> PageFault {
        if stated != number { return fault(number, "it says it is page \(stated)") }
        guard flags == (isLeaf ? PageFormat.leafFlag : PageFormat.branchFlag) else {
            return fault(number, "it stands at the wrong place of its tree")
        }
        return fault(number, "its bounds \(lower) and \(upper) cannot be")
    }

    static func fault(_ number: UInt64, _ reason: String) -> PageFault {
        PageFault(page: number, pageByteCount: MappedFile.pageByteCount, reason: reason)
    }

    private func fault(ofNode index: Int) -> PageFault {
        Self.fault(number, "its node \(index) lies outside it or cannot be")
    }

    private var number: UInt64 { unsafe start.loadUnaligned(as: UInt64.self) }

    private var lower: Int {
        Int(unsafe start.loadUnaligned(fromByteOffset: 12, as: UInt16.self))
    }

    /// Where the nodes begin, behind their places.
    private var upper: Int {
        Int(unsafe start.loadUnaligned(fromByteOffset: 14, as: UInt16.self))
    }

    var nodeCount: Int { (lower - PageFormat.headerByteCount) / 2 }

    /// Where a node is, if it and its key lie inside the page.
    @inline(__always)
    private func node(_ index: Int) throws(PageFault) -> (start: Int, keyByteCount: Int) {
        let place = PageFormat.headerByteCount + 2 * index
        // A damaged branch may lead to a page that a writer overwrites now: its bounds change.
        guard place >= PageFormat.headerByteCount, place + 2 <= MappedFile.pageByteCount else {
            throw fault(ofNode: index)
        }
        let node = Int(unsafe start.loadUnaligned(fromByteOffset: place, as: UInt16.self))
        let end = MappedFile.pageByteCount - PageFormat.nodeHeaderByteCount
        guard node >= upper, node <= end else { throw fault(ofNode: index) }
        let count = Int(unsafe start.loadUnaligned(fromByteOffset: node + 6, as: UInt16.self))
        guard node + count <= end else { throw fault(ofNode: index) }
        return (node, count)
    }

    /// A node's key.
    @unsafe
    @inline(__always)
    func key(_ index: Int) throws(PageFault) -> UnsafeRawBufferPointer {
        let node = try node(index)
        return unsafe UnsafeRawBufferPointer(
            start: start + node.start + PageFormat.nodeHeaderByteCount,
            count: node.keyByteCount
        )
    }

    /// Negative, zero or positive, as a node's key stands before, at or after another.
    @inline(__always)
    func compare(_ index: Int, with wanted: SoughtKey) throws(PageFault) -> Int {
        unsafe wanted.compared(with: try key(index))
    }

    /// The first of the nodes from one on whose key is not before another, and whether it is that
    /// key; the count of nodes where there is none.
    @inline(__always)
    func search(
        _ wanted: SoughtKey,
        from first: Int
    ) throws(PageFault) -> (index: Int, isEqual: Bool) {
        let count = nodeCount
        return unsafe try search(wanted, in: min(first, count)..<count)
    }

    /// The first of some nodes whose key is not before another, and whether it is that key; their
    /// end where there is none.
    @inline(__always)
    func search(
        _ wanted: SoughtKey,
        in nodes: Range<Int>
    ) throws(PageFault) -> (index: Int, isEqual: Bool) {
        var (low, high) = (nodes.lowerBound, nodes.upperBound)
        while low < high {
            let middle = (low + high) / 2
            let order = unsafe try compare(middle, with: wanted)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// The page below a branch's node.
    @inline(__always)
    func child(_ index: Int) throws(PageFault) -> UInt64 {
        let node = try node(index).start
        let low = unsafe start.loadUnaligned(fromByteOffset: node, as: UInt32.self)
        let high = unsafe start.loadUnaligned(fromByteOffset: node + 4, as: UInt16.self)
        return UInt64(low) | UInt64(high) << 32
    }

    /// The record of a table, where a leaf's node holds one.
    @unsafe
    func table(_ index: Int) throws(PageFault) -> UnsafeRawBufferPointer? {
        let (node, keyByteCount) = try node(index)
        let flags = unsafe start.loadUnaligned(fromByteOffset: node + 4, as: UInt16.self)
        guard flags == PageFormat.subDataFlag else { return nil }
        let place = node + PageFormat.nodeHeaderByteCount + keyByteCount
        let byteCount = Int(unsafe start.loadUnaligned(fromByteOffset: node, as: UInt32.self))
        guard byteCount == TreeRecord.byteCount, place + byteCount <= MappedFile.pageByteCount
        else { throw fault(ofNode: index) }
        return unsafe UnsafeRawBufferPointer(start: start + place, count: byteCount)
    }

    /// Where the value of a leaf's node is.
    @unsafe
    enum Value {
        case inline(UnsafeRawBufferPointer)
        /// On pages of its own.
        case long(page: UInt64, byteCount: Int)
    }

    @unsafe
    @inline(__always)
    func value(_ index: Int) throws(PageFault) -> Value {
        let (node, keyByteCount) = try node(index)
        let byteCount = Int(unsafe start.loadUnaligned(fromByteOffset: node, as: UInt32.self))
        let flags = unsafe start.loadUnaligned(fromByteOffset: node + 4, as: UInt16.self)
        let place = node + PageFormat.nodeHeaderByteCount + keyByteCount
        let rest = MappedFile.pageByteCount - place
        if flags == 0, byteCount <= rest {
            let value = unsafe UnsafeRawBufferPointer(start: start + place, count: byteCount)
            return unsafe .inline(value)
        }
        guard flags == PageFormat.bigDataFlag, rest >= 8 else { throw fault(ofNode: index) }
        let page = unsafe start.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        return unsafe .long(page: page, byteCount: byteCount)
    }
}

/// A key that is looked for, compared as LMDB compares.
///
/// By bytes, a shorter key before its extensions; the first eight are compared as one number, which
/// tells most keys apart.
@unsafe
struct SoughtKey {
    private let bytes: UnsafeRawBufferPointer
    private let head: UInt64

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = bytes
        unsafe head = bytes.count < 8 ? 0 : Self.head(of: bytes)
    }

    @inline(__always)
    private static func head(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        unsafe UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    }

    /// Negative, zero or positive, as another key stands before, at or after this one.
    @inline(__always)
    func compared(with key: UnsafeRawBufferPointer) -> Int {
        let excess = unsafe key.count - bytes.count
        guard let left = key.baseAddress, let right = unsafe bytes.baseAddress else {
            return excess
        }
        let shared = unsafe min(key.count, bytes.count)
        if shared >= 8 {
            let first = unsafe Self.head(of: key)
            if unsafe first != head { return unsafe first < head ? -1 : 1 }
            if shared == 8 { return excess }
        }
        let order = unsafe memcmp(left, right, shared)
        return order != 0 ? Int(order) : excess
    }
}
