/// Two sequences side by side, with as many equal elements as can be beside each other.
///
/// A longest common subsequence, found by the greedy algorithm of Myers in the time of the
/// sequences' length times their differences. The same sequences always give the same one.
public struct Alignment: Hashable, Sendable {
    /// One line of it: an element of each sequence, or of one of them.
    public struct Row: Hashable, Sendable {
        /// Its index in the first sequence; nil where only the second has something.
        public let left: Int?
        /// Its index in the second sequence.
        public let right: Int?

        /// Whether both have it.
        public var isCommon: Bool { left != nil && right != nil }
    }

    /// The lines, in the order of both sequences.
    public let rows: [Row]
    /// Whether no more elements can be beside equal ones; not where the differences are too many
    /// to look for that.
    public let isLongest: Bool

    /// How many elements both have.
    public var commonCount: Int { rows.count(where: \.isCommon) }

    /// Most elements that only one of both may have for the search to go to its end.
    public static let differenceCountMax = 2_000

    /// Aligns two sequences.
    ///
    /// - Parameters:
    ///   - left: The first sequence.
    ///   - right: The second sequence.
    ///   - differenceCountMax: Most elements that only one of both may have. Beyond it, what
    ///     stands between the common beginning and the common end is taken as different.
    /// - Complexity: Time is the length times the number of differences; memory is the square of
    ///   that number.
    public init<Element: Hashable>(
        of left: [Element],
        and right: [Element],
        differenceCountMax: Int = Self.differenceCountMax
    ) {
        let shorter = min(left.count, right.count)
        let prefix = (0..<shorter).first { left[$0] != right[$0] } ?? shorter
        let suffix =
            (0..<(shorter - prefix)).first {
                left[left.count - 1 - $0] != right[right.count - 1 - $0]
            } ?? (shorter - prefix)
        let leftEnd = left.count - suffix
        let rightEnd = right.count - suffix
        let search = AlignmentSearch(
            left: Array(left[prefix..<leftEnd]),
            right: Array(right[prefix..<rightEnd])
        )
        let pairs = search.pairs(differenceCountMax: differenceCountMax)
        var common = (0..<prefix).map { ($0, $0) }
        common += (pairs ?? []).map { ($0 + prefix, $1 + prefix) }
        common += (0..<suffix).map { (leftEnd + $0, rightEnd + $0) }
        rows = Self.rows(common, left.count, right.count)
        isLongest = pairs != nil
    }

    /// Puts what stands between the common elements into lines of its own.
    private static func rows(
        _ common: [(left: Int, right: Int)],
        _ leftCount: Int,
        _ rightCount: Int
    ) -> [Row] {
        var rows: [Row] = []
        var (left, right) = (0, 0)
        for (nextLeft, nextRight) in common + [(leftCount, rightCount)] {
            rows += (left..<nextLeft).map { Row(left: $0, right: nil) }
            rows += (right..<nextRight).map { Row(left: nil, right: $0) }
            if nextLeft < leftCount { rows.append(Row(left: nextLeft, right: nextRight)) }
            (left, right) = (nextLeft + 1, nextRight + 1)
        }
        return rows
    }
}

/// The search for a longest common subsequence of two sequences that begin and end differently.
private struct AlignmentSearch<Element: Hashable> {
    let left: [Element]
    let right: [Element]

    /// The indices of the elements that both have; nil where too many differ.
    func pairs(differenceCountMax: Int) -> [(Int, Int)]? {
        if left.isEmpty || right.isEmpty { return [] }
        let countMax = min(left.count + right.count, differenceCountMax)
        // For each count of differences, how far along each diagonal one comes with that many.
        var history: [[Int]] = []
        var reach: [Int] = [0]
        for count in 0...max(countMax, 0) {
            var next = [Int](repeating: 0, count: 2 * count + 1)
            for place in 0...count {
                let diagonal = 2 * place - count
                var x = start(on: diagonal, after: reach, count)
                var y = x - diagonal
                while x < left.count, y < right.count, left[x] == right[y] {
                    (x, y) = (x + 1, y + 1)
                }
                next[diagonal + count] = x
                if x == left.count, y == right.count {
                    history.append(next)
                    return path(history)
                }
            }
            history.append(next)
            reach = next
        }
        return nil
    }

    /// How far along a diagonal one is after one more difference and before what is equal.
    private func start(on diagonal: Int, after reach: [Int], _ count: Int) -> Int {
        guard count > 0 else { return 0 }
        return isFromAbove(diagonal, reach, count)
            ? reach[diagonal + 1 + count - 1] : reach[diagonal - 1 + count - 1] + 1
    }

    /// Whether the difference is an element of the second sequence.
    private func isFromAbove(_ diagonal: Int, _ reach: [Int], _ count: Int) -> Bool {
        if diagonal == -count { return true }
        if diagonal == count { return false }
        return reach[diagonal - 1 + count - 1] < reach[diagonal + 1 + count - 1]
    }

    /// Goes back from the end, and notes what is equal on the way.
    private func path(_ history: [[Int]]) -> [(Int, Int)] {
        var pairs: [(Int, Int)] = []
        var (x, y) = (left.count, right.count)
        for count in stride(from: history.count - 1, through: 0, by: -1) {
            let diagonal = x - y
            let reach = count > 0 ? history[count - 1] : []
            let begin = start(on: diagonal, after: reach, count)
            while x > begin {
                (x, y) = (x - 1, y - 1)
                pairs.append((x, y))
            }
            guard count > 0 else { break }
            let isFromAbove = isFromAbove(diagonal, reach, count)
            x = isFromAbove ? begin : begin - 1
            y = x - (isFromAbove ? diagonal + 1 : diagonal - 1)
        }
        return pairs.reversed()
    }
}
