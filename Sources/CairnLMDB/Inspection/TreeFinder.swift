internal import CairnCore

/// Finds single keys of one table, checking every page on the way.
struct TreeFinder {
    let reader: PageReader
    let tree: TreeRecord
    let lastPage: UInt64
    let order = KeyOrder.bytes

    /// The first key at or after another, and its value; nil at the end of the table.
    ///
    /// - Complexity: One or two pages for each level of the tree.
    func first(atOrAfter key: [UInt8]) throws(PageFault) -> TreeNode? {
        guard !tree.isEmpty else { return nil }
        // Where to go on if the leaf has nothing at or after the key.
        var following: (page: UInt64, depth: Int)?
        var number = tree.root
        var depth = 1
        while depth < tree.depth {
            let page = try page(number, isLeaf: false)
            var index = firstIndex(in: page, from: 1, atOrAfter: key)
            // The child that may hold the key is the last whose own first key is not after it.
            if index == page.nodeCount || !equals(page, index, key) { index -= 1 }
            if index + 1 < page.nodeCount { following = (page.child(index + 1), depth + 1) }
            number = page.child(index)
            depth += 1
        }
        let leaf = try page(number, isLeaf: true)
        let index = firstIndex(in: leaf, from: 0, atOrAfter: key)
        if index < leaf.nodeCount { return TreeNode(page: leaf, index: index) }
        guard var next = following else { return nil }
        while next.depth < tree.depth {
            next = (try page(next.page, isLeaf: false).child(0), next.depth + 1)
        }
        return TreeNode(page: try page(next.page, isLeaf: true), index: 0)
    }

    /// Goes down one edge of the tree to its leaf, checking every page and the value at its end.
    ///
    /// - Returns: The first or last node of the tree; nil if it has none.
    func edge(isLast: Bool) throws(PageFault) -> TreeNode? {
        guard !tree.isEmpty else { return nil }
        var number = tree.root
        for _ in 1..<max(tree.depth, 1) {
            let page = try page(number, isLeaf: false)
            number = page.child(isLast ? page.nodeCount - 1 : 0)
        }
        let leaf = try page(number, isLeaf: true)
        let index = isLast ? leaf.nodeCount - 1 : 0
        if case .overflow(let first, let byteCount) = leaf.value(index) {
            _ = try reader.checkedOverflowPageCount(
                first,
                valueByteCount: byteCount,
                lastPage: lastPage
            )
        }
        return TreeNode(page: leaf, index: index)
    }

    private func page(_ number: UInt64, isLeaf: Bool) throws(PageFault) -> TreePage {
        guard number >= 2, number <= lastPage else {
            throw reader.fault(number, "a tree leads to it, but it is no data page")
        }
        let page = try TreePage(try reader.page(number), number: number)
        guard (page.kind == .leaf) == isLeaf else {
            throw reader.fault(number, "it stands at the wrong depth of its tree")
        }
        return page
    }

    private func equals(_ page: TreePage, _ index: Int, _ key: [UInt8]) -> Bool {
        let bytes = unsafe page.bytes.span.bytes
        return unsafe order.compare(bytes.extracting(page.keyRange(index)), key.span.bytes) == 0
    }

    private func firstIndex(in page: TreePage, from start: Int, atOrAfter key: [UInt8]) -> Int {
        let bytes = unsafe page.bytes.span.bytes
        var (low, high) = (min(start, page.nodeCount), page.nodeCount)
        while low < high {
            let middle = (low + high) / 2
            let range = page.keyRange(middle)
            if unsafe order.compare(bytes.extracting(range), key.span.bytes) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
