internal import CLMDB
internal import CairnCore

/// Numbers that are looked up together wait for memory together.
///
/// One after another, each page on the way is waited for, then the nodes on it, then the first page
/// of its value. Here the leaves of all numbers are asked for before one is read, then their nodes,
/// then the values' pages. They are asked for in loops of little else: the processor looks a few
/// hundred instructions ahead, and what two of them wait for comes at once only within these.
extension MappedTree {
    /// A value that was found, of which nothing was read yet.
    @unsafe
    enum Ahead {
        case inline(UnsafeRawBufferPointer)
        case long(page: UInt64, byteCount: Int, start: UnsafeRawPointer)
        /// Behind the last key of a branch, or of all, or on damaged pages: whoever looks it up
        /// alone will see.
        case unknown
    }

    /// Finds, for each of some numbers, the value of the first key that is not before it, and asks
    /// for its first bytes.
    ///
    /// - Complexity: A search in a branch and in a leaf for each number, and a way down from the
    ///   root for each branch; for each number where that branch is the root or at the edge.
    @unsafe
    func lookAhead(for numbers: some Sequence<UInt64>) -> [Ahead] {
        var ways: [Way] = unsafe []
        unsafe ways.reserveCapacity(numbers.underestimatedCount)
        var twig = unsafe Twig()
        for number in numbers {
            if unsafe twig.bounds?.contains(number) != true { unsafe twig = self.twig(of: number) }
            unsafe ways.append(way(to: number, on: twig))
        }
        for index in unsafe ways.indices { unsafe ways[index].askForHeader() }
        for index in unsafe ways.indices { unsafe ways[index].askForNodes() }
        var found: [Ahead] = unsafe []
        unsafe found.reserveCapacity(ways.count)
        // What is behind the last of a leaf is the first of the next one.
        var behind: [Int] = []
        for index in unsafe ways.indices {
            if let value = unsafe ahead(on: ways[index]) {
                unsafe found.append(value)
            } else {
                unsafe ways[index] = leadOn(ways[index])
                unsafe found.append(.unknown)
                behind.append(index)
            }
        }
        for index in behind { unsafe ways[index].askForHeader() }
        for index in behind { unsafe ways[index].askForNodes() }
        for index in behind { unsafe found[index] = ahead(on: ways[index]) ?? .unknown }
        for index in unsafe found.indices {
            if case .long(_, _, let start) = unsafe found[index] { unsafe cairn_prefetch(start) }
        }
        return unsafe found
    }

    /// The value that was found, once its first page is there; nil where that is not one.
    @unsafe
    func value(_ ahead: Ahead) -> UnsafeRawBufferPointer? {
        switch unsafe ahead {
        case .inline(let bytes): unsafe bytes
        case .long(let page, let byteCount, _): unsafe try? longValue(page, byteCount)
        case .unknown: nil
        }
    }

    private static func withKey<Value>(
        _ number: UInt64,
        _ body: (SoughtKey) throws(PageFault) -> Value
    ) throws(PageFault) -> Value {
        try unsafe withUnsafeBytes(of: number.bigEndian) { bytes throws(PageFault) in
            unsafe try body(SoughtKey(bytes))
        }
    }

    /// A branch above leaves, and between which numbers the one above it says that its keys are.
    @unsafe
    private struct Twig {
        var branch: MappedPage?
        /// Nil where the branch above ends, or has no such keys.
        var bounds: Range<UInt64>?
    }

    /// A number, and the leaf that has it.
    @unsafe
    private struct Way {
        let number: UInt64
        var leaf: UInt64 = 0
        /// Where the leaf is in memory; nil where it cannot be.
        var start: UnsafeRawPointer?
        /// The leaf behind it, if the branch has one.
        var next: UInt64?
        /// The share of the leaf's keys that are before the number, if they are at an even pace.
        var share: Double?

        func askForHeader() {
            if let start = unsafe start { unsafe cairn_prefetch(start) }
        }

        /// Asks for nodes of the leaf.
        ///
        /// For all where they are few. Of many for the one that the number would have if all were
        /// of one size and stood in the order of their keys, as appends put them.
        func askForNodes() {
            guard let start = unsafe start else { return }
            let (places, count) = unsafe MappedPage.nodePlaces(at: start)
            guard unsafe count > Self.nodeCountMax else {
                for index in 0..<count {
                    let node = unsafe (start + places).loadUnaligned(
                        fromByteOffset: 2 * index,
                        as: UInt16.self
                    )
                    unsafe cairn_prefetch(start + Int(node) % MappedFile.pageByteCount)
                }
                return
            }
            guard let share = unsafe share else { return }
            let place = Int(share * Double(count))
            let room = MappedFile.pageByteCount - places - 2 * count
            unsafe cairn_prefetch(start + places + 2 * place)
            let node = room / count * (place + 1)
            unsafe cairn_prefetch(start + MappedFile.pageByteCount - node)
        }

        /// As many nodes are asked for all.
        private static let nodeCountMax = 8
    }

    /// The way from the root to the branch above a number's leaf.
    @unsafe
    private func twig(of number: UInt64) -> Twig {
        guard !isEmpty, depth > 1 else { return unsafe Twig() }
        do throws(PageFault) {
            var branch = try page(root, isLeaf: false)
            var bounds: Range<UInt64>?
            for _ in 2..<depth {
                let index = try unsafe Self.withKey(number) { key throws(PageFault) in
                    unsafe try childIndex(in: branch, for: key)
                }
                bounds = try branch.bounds(of: index, around: number)
                branch = try page(try branch.child(index), isLeaf: false)
            }
            return unsafe Twig(branch: branch, bounds: bounds)
        } catch {
            return unsafe Twig()
        }
    }

    /// The way from a branch to a number's leaf.
    @unsafe
    private func way(to number: UInt64, on twig: Twig) -> Way {
        var way = unsafe Way(number: number)
        guard !isEmpty else { return unsafe way }
        do throws(PageFault) {
            guard let branch = unsafe twig.branch else {
                if depth == 1 {
                    unsafe way.leaf = root
                    unsafe way.start = try start(of: root)
                }
                return unsafe way
            }
            let found = try unsafe Self.withKey(number) { key throws(PageFault) in
                let share = unsafe twig.bounds.map { $0.share(of: number) }
                let found = unsafe try branch.search(key, from: 1, near: share)
                return found.isEqual ? found.index : found.index - 1
            }
            unsafe way.leaf = try branch.child(found)
            unsafe way.start = try start(of: way.leaf)
            if found + 1 < branch.nodeCount { unsafe way.next = try branch.child(found + 1) }
            unsafe way.share = try branch.bounds(of: found, around: number)?.share(of: number)
        } catch {
            unsafe way.start = nil
        }
        return unsafe way
    }

    /// The way to the first node of the next leaf.
    @unsafe
    private func leadOn(_ way: Way) -> Way {
        var onwards = unsafe Way(number: way.number)
        guard let next = unsafe way.next, let start = unsafe try? start(of: next) else {
            return unsafe onwards
        }
        unsafe onwards.leaf = next
        unsafe onwards.start = start
        return unsafe onwards
    }

    /// The value that a way leads to; nil behind the leaf's last.
    @unsafe
    private func ahead(on way: Way) -> Ahead? {
        guard unsafe way.start != nil else { return unsafe .unknown }
        do throws(PageFault) {
            let leaf = try page(unsafe way.leaf, isLeaf: true)
            let index = try unsafe Self.withKey(way.number) { key throws(PageFault) in
                unsafe try leaf.search(key, from: 0, near: way.share).index
            }
            guard index < leaf.nodeCount else { return nil }
            switch unsafe try leaf.value(index) {
            case .inline(let bytes):
                return unsafe .inline(bytes)
            case .long(let page, let byteCount):
                let start = unsafe try start(of: page)
                return unsafe .long(page: page, byteCount: byteCount, start: start)
            }
        } catch {
            return unsafe .unknown
        }
    }
}

extension Range<UInt64> {
    /// The share of the range that is before one of its numbers.
    fileprivate func share(of number: UInt64) -> Double {
        Double(number - lowerBound) / Double(upperBound - lowerBound)
    }
}

extension MappedPage {
    /// Where the places of a page's nodes begin, and how many fit that it says it has, of a page
    /// that nobody has checked.
    @unsafe
    fileprivate static func nodePlaces(at start: UnsafeRawPointer) -> (offset: Int, count: Int) {
        let end = Int(unsafe start.loadUnaligned(fromByteOffset: 12, as: UInt16.self))
        let places = PageFormat.headerByteCount
        return (places, max(min(end, MappedFile.pageByteCount) - places, 0) / 2)
    }

    /// A node's key as a number; nil where it is not one.
    private func number(_ index: Int) throws(PageFault) -> UInt64? {
        let key = unsafe try key(index)
        guard key.count == MemoryLayout<UInt64>.size else { return nil }
        return unsafe UInt64(bigEndian: key.loadUnaligned(as: UInt64.self))
    }

    /// The keys of a branch's node and the next one, if they are numbers and another is between.
    fileprivate func bounds(
        of index: Int,
        around number: UInt64
    ) throws(PageFault) -> Range<UInt64>? {
        guard index > 0, index + 1 < nodeCount, let first = try self.number(index),
            let end = try self.number(index + 1), first <= number, number < end
        else { return nil }
        return first..<end
    }

    /// The first of the nodes from one on whose key is not before another, looked for around a share
    /// of them in ever longer steps, so that few nodes are read where it was guessed well.
    func search(
        _ key: SoughtKey,
        from first: Int,
        near share: Double?
    ) throws(PageFault) -> (index: Int, isEqual: Bool) {
        // Once: where a damaged branch leads to a page that is written now, it may fall.
        let count = nodeCount
        var (low, high) = (min(first, count), count)
        guard let share, low < high else { return try unsafe search(key, in: low..<high) }
        let guess = min(low + Int(share * Double(high - low)), high - 1)
        var step = 1
        if unsafe try compare(guess, with: key) < 0 {
            low = guess + 1
            while low < high {
                let probe = min(low + step - 1, high - 1)
                guard unsafe try compare(probe, with: key) < 0 else {
                    // The probe itself may be the key.
                    high = probe + 1
                    break
                }
                low = probe + 1
                step *= 2
            }
        } else {
            high = guess + 1
            while low < high - 1 {
                let probe = max(high - 1 - step, low)
                guard unsafe try compare(probe, with: key) >= 0 else {
                    low = probe + 1
                    break
                }
                high = probe + 1
                step *= 2
            }
        }
        return try unsafe search(key, in: low..<high)
    }
}
