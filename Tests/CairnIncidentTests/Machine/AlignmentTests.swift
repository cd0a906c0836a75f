import CairnIncident
import CairnTesting
import Testing

/// Two sequences side by side.
struct AlignmentTests {
    /// The rows as text: what both have, and with a sign what only one has.
    private static func text(_ left: String, _ right: String) -> String {
        let (left, right) = (Array(left), Array(right))
        return Alignment(of: left, and: right).rows.map { row in
            switch (row.left, row.right) {
            case (let index?, nil): "-\(left[index])"
            case (nil, let index?): "+\(right[index])"
            case (let index?, _?): "\(left[index])"
            case (nil, nil): "?"
            }
        }.joined()
    }

    @Test func `what both have stands in one row`() {
        #expect(Self.text("abc", "abc") == "abc")
        #expect(Self.text("", "") == "")
        #expect(Self.text("abc", "") == "-a-b-c")
        #expect(Self.text("", "ab") == "+a+b")
        #expect(Self.text("abcd", "acd") == "a-bcd")
        #expect(Self.text("abcabba", "cbabac").filter { !"+-".contains($0) }.count == 9)
        #expect(Self.text("xaby", "xcy") == "x-a-b+cy")
    }

    /// The length of a longest common subsequence, from its definition.
    private static func longest(_ left: [Int], _ right: [Int]) -> Int {
        var row = [Int](repeating: 0, count: right.count + 1)
        for element in left {
            var next = row
            for (index, other) in right.enumerated() {
                next[index + 1] =
                    element == other ? row[index] + 1 : max(row[index + 1], next[index])
            }
            row = next
        }
        return row[right.count]
    }

    @Test(arguments: 0..<UInt64(400))
    func `as much as can be stands beside its equal`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func sequence() -> [Int] {
            let words = Int.random(in: 1...5, using: &random)
            return (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Int.random(in: 0..<words, using: &random)
            }
        }
        let (left, right) = (sequence(), sequence())
        let alignment = Alignment(of: left, and: right)
        #expect(alignment.isLongest)
        #expect(alignment.commonCount == Self.longest(left, right), "\(left) \(right)")
        Self.expectWhole(alignment, left, right)
        let bounded = Alignment(of: left, and: right, differenceCountMax: 3)
        Self.expectWhole(bounded, left, right)
        #expect(!bounded.isLongest || bounded.commonCount == alignment.commonCount)
    }

    /// Expects each element in one row, in its order, and beside no other one.
    private static func expectWhole(_ alignment: Alignment, _ left: [Int], _ right: [Int]) {
        #expect(alignment.rows.compactMap(\.left) == Array(left.indices))
        #expect(alignment.rows.compactMap(\.right) == Array(right.indices))
        for row in alignment.rows {
            guard let first = row.left, let second = row.right else { continue }
            #expect(left[first] == right[second])
        }
    }

    @Test func `beyond the bound the middle is taken as different`() {
        let left = [0] + (1...30).map { $0 } + [0]
        let right = [0] + (1...30).map { $0 * 2 } + [0]
        let alignment = Alignment(of: left, and: right, differenceCountMax: 10)
        #expect(!alignment.isLongest)
        #expect(alignment.commonCount == 2)
        #expect(alignment.rows.count == 62)
    }
}
