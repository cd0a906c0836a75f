internal import CairnCore
public import CairnJournal

extension EntryKeys {
    /// Below 0 where the key of an entry comes before some bytes, above 0 where it comes behind.
    @usableFromInline
    func order(of number: Int, and bytes: RawSpan) -> Int {
        withKey(number) { Self.order($0, bytes) }
    }

    /// Goes along the changed entries whose keys begin with a prefix; all are in order.
    @usableFromInline
    func walk(
        inPrefix prefix: [UInt8],
        from start: [UInt8]?,
        _ direction: PageDirection
    ) -> ChangedWalk {
        let first = firstIndex(notBefore: prefix.span.bytes)
        let end = endIndex(ofPrefix: prefix.span.bytes, from: first)
        switch direction {
        case .forwards:
            let from = start.map { max(firstIndex(notBefore: $0.span.bytes), first) } ?? first
            return ChangedWalk(sorted, from: from, until: max(end, from), step: 1)
        case .backwards:
            var last = end - 1
            if let start {
                var index = firstIndex(notBefore: start.span.bytes)
                if index < sorted.count, key(Int(sorted[index])) != start { index -= 1 }
                last = min(last, index)
            }
            return ChangedWalk(sorted, from: last, until: first - 1, step: -1)
        }
    }

    /// Where the first changed key stands that is not before some bytes; all are in order.
    private func firstIndex(notBefore wanted: RawSpan) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if withKey(Int(sorted[middle]), { Self.order($0, wanted) }) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Where the changed keys end that begin with some bytes.
    private func endIndex(ofPrefix prefix: RawSpan, from first: Int) -> Int {
        var (low, high) = (first, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            let begins = withKey(Int(sorted[middle])) { key in
                key.byteCount >= prefix.byteCount
                    && key.extracting(0..<prefix.byteCount).equals(prefix)
            }
            if begins { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A walk along changed entries, one way or the other.
@usableFromInline
struct ChangedWalk {
    private let numbers: [UInt32]
    private var index: Int
    private let end: Int
    private let step: Int

    init(_ numbers: [UInt32], from start: Int, until end: Int, step: Int) {
        self.numbers = numbers
        index = start
        self.end = end
        self.step = step
    }

    @usableFromInline
    var peek: Int? {
        guard step > 0 ? index < end : index > end else { return nil }
        return Int(numbers[index])
    }

    @usableFromInline
    mutating func advance() { index += step }
}
