/// Elements in an order of theirs, in chunks of a bounded size, so that one that comes late moves
/// few of the others.
///
/// Putting n elements in, in whatever order, moves n times a chunk and n / ``chunkCountMax`` times
/// the list of chunks: for a million of them less than an array moves for some thousands.
package struct OrderedChunks<Element: Sendable>: Sendable {
    /// Most elements of a chunk.
    package static var chunkCountMax: Int { 512 }

    /// None is empty.
    package private(set) var chunks: [[Element]] = []
    package private(set) var count = 0

    package init() {}

    /// Takes elements that are in order.
    package init(ordered elements: [Element]) {
        let half = Self.chunkCountMax / 2
        for start in stride(from: 0, to: elements.count, by: half) {
            chunks.append(Array(elements[start..<min(start + half, elements.count)]))
        }
        count = elements.count
    }

    /// The elements on both sides of a place.
    package struct Neighbours {
        package let previous: Element?
        package let next: Element?
    }

    /// Puts an element in.
    ///
    /// - Parameters:
    ///   - element: The element.
    ///   - isBefore: Whether it comes before another one. Who comes before one comes before all that
    ///     are behind that.
    /// - Returns: What stands next to it.
    /// - Complexity: A binary search, and moving a chunk of elements.
    @discardableResult
    package mutating func insert(
        _ element: Element,
        where isBefore: (Element) -> Bool
    ) -> Neighbours {
        let (chunk, index) = place(isBefore)
        let neighbours = neighbours(chunk, index)
        count += 1
        guard chunk < chunks.count else {
            chunks.append([element])
            return neighbours
        }
        chunks[chunk].insert(element, at: index)
        if chunks[chunk].count > Self.chunkCountMax {
            // What comes in order fills its chunk; the next one begins with what comes behind.
            let isLast = chunk == chunks.count - 1 && index == chunks[chunk].count - 1
            let kept = isLast ? index : chunks[chunk].count / 2
            chunks.insert(Array(chunks[chunk][kept...]), at: chunk + 1)
            chunks[chunk].removeLast(chunks[chunk].count - kept)
        }
        return neighbours
    }

    /// Goes through the elements that another one comes before, in order.
    ///
    /// - Parameters:
    ///   - isBefore: Whether the other one comes before an element.
    ///   - body: Gets each of them.
    package func forEach(behind isBefore: (Element) -> Bool, _ body: (Element) -> Void) {
        let (chunk, index) = place(isBefore)
        guard chunk < chunks.count else { return }
        for element in chunks[chunk][index...] { body(element) }
        for later in chunks[(chunk + 1)...] { later.forEach(body) }
    }

    /// What would stand next to an element that is not here.
    ///
    /// - Parameter isBefore: Whether the element comes before another one.
    /// - Returns: The elements on both sides of its place.
    package func neighbours(where isBefore: (Element) -> Bool) -> Neighbours {
        let (chunk, index) = place(isBefore)
        return neighbours(chunk, index)
    }

    private func neighbours(_ chunk: Int, _ index: Int) -> Neighbours {
        guard chunk < chunks.count else { return Neighbours(previous: nil, next: nil) }
        let own = chunks[chunk]
        let next = index < own.count ? own[index] : nil
        // Only in the first chunk is there nothing before a place in it.
        return Neighbours(
            previous: index > 0 ? own[index - 1] : nil,
            next: next ?? (chunk + 1 < chunks.count ? chunks[chunk + 1].first : nil)
        )
    }

    /// Where an element belongs: behind all that it does not come before.
    private func place(_ isBefore: (Element) -> Bool) -> (chunk: Int, index: Int) {
        guard let end = chunks.last, let last = end.last else { return (0, 0) }
        // Nearly all come in order.
        guard isBefore(last) else { return (chunks.count - 1, end.count) }
        let behind = Self.first(of: chunks.count) { isBefore(chunks[$0][0]) }
        let chunk = max(behind - 1, 0)
        let own = chunks[chunk]
        return (chunk, Self.first(of: own.count) { isBefore(own[$0]) })
    }

    /// The first index that something holds of, which holds of all behind it.
    private static func first(of count: Int, _ holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
