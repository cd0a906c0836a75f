internal import CairnCore

/// How the keys of a tree are ordered.
enum KeyOrder {
    /// By bytes, a shorter key before its extensions: every table of a journal.
    case bytes
    /// As one 64-bit integer of this machine: the free list.
    case integer

    /// Negative, zero or positive, as the left key stands before, at or after the right one.
    func compare(_ left: RawSpan, _ right: RawSpan) -> Int {
        switch self {
        case .integer:
            guard left.byteCount == 8, right.byteCount == 8 else {
                return left.byteCount - right.byteCount
            }
            let first = left.littleEndian(at: 0, as: UInt64.self)
            let second = right.littleEndian(at: 0, as: UInt64.self)
            return first < second ? -1 : first == second ? 0 : 1
        case .bytes:
            let shared = min(left.byteCount, right.byteCount)
            var offset = 0
            while offset + 8 <= shared {
                let first = left.bigEndian(at: offset, as: UInt64.self)
                let second = right.bigEndian(at: offset, as: UInt64.self)
                if first != second { return first < second ? -1 : 1 }
                offset += 8
            }
            while offset < shared {
                let first = left.byte(at: offset)
                let second = right.byte(at: offset)
                if first != second { return first < second ? -1 : 1 }
                offset += 1
            }
            return left.byteCount - right.byteCount
        }
    }
}

/// A page of a tree whose every node was found to lie inside it, so reading it cannot fail.
struct TreePage {
    enum Kind {
        case branch
        case leaf
    }

    /// Where the value of a leaf's node is.
    enum Value {
        case inline(Range<Int>)
        /// On pages of its own, after the header of the first.
        case overflow(page: UInt64, byteCount: Int)
    }

    let number: UInt64
    let kind: Kind
    let bytes: [UInt8]
    let nodeCount: Int

    /// Checks a page: its number, its kind, and that its nodes fill exactly the used part.
    ///
    /// - Throws: ``PageFault``.
    init(_ bytes: [UInt8], number: UInt64) throws(PageFault) {
        let pageByteCount = bytes.count
        func fault(_ reason: String) -> PageFault {
            PageFault(page: number, pageByteCount: pageByteCount, reason: reason)
        }
        let stated = bytes.load(UInt64.self, at: 0)
        guard stated == number else { throw fault("it says it is page \(stated)") }
        switch bytes.load(UInt16.self, at: 10) {
        case PageFormat.branchFlag: kind = .branch
        case PageFormat.leafFlag: kind = .leaf
        case let flags: throw fault("its flags \(flags) are not those of a tree page")
        }
        let lower = Int(bytes.load(UInt16.self, at: 12))
        let upper = Int(bytes.load(UInt16.self, at: 14))
        guard lower > PageFormat.headerByteCount, lower & 1 == 0, lower <= upper,
            upper <= pageByteCount
        else { throw fault("its bounds \(lower) and \(upper) cannot be") }
        self.number = number
        self.bytes = bytes
        nodeCount = (lower - PageFormat.headerByteCount) / 2

        var used = 0
        for index in 0..<nodeCount {
            let start = Int(bytes.load(UInt16.self, at: PageFormat.headerByteCount + 2 * index))
            guard start >= upper, start & 1 == 0,
                start + PageFormat.nodeHeaderByteCount <= pageByteCount
            else { throw fault("its node \(index) lies outside it") }
            guard let size = Self.nodeByteCount(bytes, start, isLeaf: kind == .leaf, index),
                start + size <= pageByteCount
            else { throw fault("its node \(index) cannot be") }
            used += size
        }
        guard used == pageByteCount - upper else {
            throw fault("its nodes do not fill what it says they fill")
        }
    }

    /// How many bytes a node takes, made even as LMDB does; nil if it cannot be a node.
    private static func nodeByteCount(
        _ bytes: [UInt8],
        _ start: Int,
        isLeaf: Bool,
        _ index: Int
    ) -> Int? {
        let keyByteCount = Int(bytes.load(UInt16.self, at: start + 6))
        guard keyByteCount <= PageFormat.keyByteCountMax else { return nil }
        var size = PageFormat.nodeHeaderByteCount + keyByteCount
        if isLeaf {
            let valueByteCount = Int(bytes.load(UInt32.self, at: start))
            let flags = bytes.load(UInt16.self, at: start + 4)
            guard keyByteCount > 0 else { return nil }
            switch flags {
            case 0: size += valueByteCount
            case PageFormat.bigDataFlag: size += 8
            case PageFormat.subDataFlag:
                guard valueByteCount == TreeRecord.byteCount else { return nil }
                size += valueByteCount
            default: return nil
            }
        } else if index > 0, keyByteCount == 0 {
            return nil
        }
        return size + (size & 1)
    }

    private func start(_ index: Int) -> Int {
        Int(bytes.load(UInt16.self, at: PageFormat.headerByteCount + 2 * index))
    }

    /// Where a node's key stands.
    ///
    /// The first key of a branch means nothing.
    func keyRange(_ index: Int) -> Range<Int> {
        let start = start(index)
        let keyStart = start + PageFormat.nodeHeaderByteCount
        return keyStart..<keyStart + Int(bytes.load(UInt16.self, at: start + 6))
    }

    /// The page below a branch's node.
    func child(_ index: Int) -> UInt64 {
        let start = start(index)
        return UInt64(bytes.load(UInt32.self, at: start))
            | UInt64(bytes.load(UInt16.self, at: start + 4)) << 32
    }

    /// Whether a leaf's node is the record of a table.
    func isTable(_ index: Int) -> Bool {
        bytes.load(UInt16.self, at: start(index) + 4) == PageFormat.subDataFlag
    }

    /// Where a leaf's value is.
    func value(_ index: Int) -> Value {
        let start = start(index)
        let byteCount = Int(bytes.load(UInt32.self, at: start))
        let valueStart = keyRange(index).upperBound
        guard bytes.load(UInt16.self, at: start + 4) == PageFormat.bigDataFlag else {
            return .inline(valueStart..<valueStart + byteCount)
        }
        return .overflow(page: bytes.load(at: valueStart), byteCount: byteCount)
    }

    /// The key of a node, copied.
    func key(_ index: Int) -> [UInt8] { Array(bytes[keyRange(index)]) }
}

/// One key and its value in a leaf.
struct TreeNode {
    let page: TreePage
    let index: Int

    /// The value's page: that of the key, or the first of its own.
    var valuePage: UInt64 {
        guard case .overflow(let page, _) = page.value(index) else { return page.number }
        return page
    }

    /// Lends the key and the value.
    ///
    /// - Parameters:
    ///   - reader: What the value's own pages are read with.
    ///   - buffer: Holds a long value; the next call may overwrite it.
    ///   - byteCountMax: The longest value that is taken into memory.
    ///   - body: Gets key and value.
    /// - Returns: The page, checked.
    /// - Throws: ``PageFault``.
    func read<Result>(
        with reader: PageReader,
        into buffer: inout [UInt8],
        atMost byteCountMax: Int = TreeNode.valueByteCountMax,
        _ body: (RawSpan, RawSpan) -> Result
    ) throws(PageFault) -> Result {
        switch page.value(index) {
        case .inline(let range):
            // Bytes have no padding; here and below the ranges lie inside what was read.
            let bytes = unsafe page.bytes.span.bytes
            return body(bytes.extracting(page.keyRange(index)), bytes.extracting(range))
        case .overflow(let first, let byteCount):
            guard byteCount <= byteCountMax else {
                throw reader.fault(first, "a value has \(byteCount) bytes")
            }
            try reader.read(
                byteCount,
                fromPage: first,
                skipping: PageFormat.headerByteCount,
                into: &buffer
            )
            let key = unsafe page.bytes.span.bytes.extracting(page.keyRange(index))
            return body(key, unsafe buffer.span.bytes.extracting(0..<byteCount))
        }
    }

    /// The longest value of any table: a pack of one frame at every limit, and room to spare.
    static let valueByteCountMax = Frame.byteCountMax + 65_536
}
