import CairnTesting
import Testing

/// Lists that become as short as they can be while something holds of them.
struct ReductionTests {
    /// A word with letters that can be left out.
    private struct Word: Hashable {
        var letters: [Character]

        init(_ text: String) { letters = Array(text) }

        func keeping(_ parts: [Int]) -> Word { Word(String(parts.map { letters[$0] })) }
    }

    private func reduced(
        _ words: [String],
        while holds: ([Word]) -> Bool
    ) -> (words: [String], reduction: Reduction<Word>) {
        let reduction = Reduction(
            of: words.map { Word($0) },
            partCount: \.letters.count,
            keeping: { $0.keeping($1) },
            while: holds
        )
        return (reduction.elements.map { String($0.letters) }, reduction)
    }

    @Test func `what is needed stays, in its order`() {
        let list = Array(0..<10_000)
        let reduction = Reduction(of: list) { rest in
            guard let first = rest.firstIndex(of: 8_123) else { return false }
            return rest[first...].contains(9_999) && rest[..<first].contains(17)
        }
        #expect(reduction.elements == [17, 8_123, 9_999])
        #expect(reduction.isMinimal)
        #expect(reduction.runCount < 250)
    }

    @Test func `nothing that is left can be left out`() throws {
        let number = Generator.int(in: 0...9)
        try check("reduced lists are minimal") { draw in
            let list = try draw(.array(of: number, count: 1...40), "list")
            let least = try draw(.int(in: 0...30), "least")
            let divisor = try draw(.int(in: 1...4), "divisor")
            // Neither grows nor falls with what is left out.
            func holds(_ rest: [Int]) -> Bool {
                let sum = rest.reduce(0, +)
                return sum >= least && sum % divisor == list.reduce(0, +) % divisor
            }
            try draw.assume(holds(list))
            let reduction = Reduction(of: list, while: holds)
            try draw.expect(reduction.isMinimal, equals: true)
            try draw.expect(holds(reduction.elements), equals: true)
            for place in reduction.elements.indices {
                var rest = reduction.elements
                rest.remove(at: place)
                try draw.expect(holds(rest), equals: false)
            }
            try draw.expect(Reduction(of: list, while: holds).elements, equals: reduction.elements)
        }
    }

    @Test func `parts are left out of what is left`() {
        let (words, reduction) = reduced(["plain", "needed", "other", "this"]) { words in
            words.contains { $0.letters.contains("d") } && words.last?.letters.contains("h") == true
        }
        #expect(words == ["d", "h"])
        #expect(reduction.isMinimal)
    }

    @Test func `parts that are not needed go at once`() {
        let (words, reduction) = reduced(["plain", "needed", "other"]) { $0.count >= 2 }
        #expect(words == ["", ""])
        #expect(reduction.runCount < 12)
    }

    @Test func `an element that parts were kept for goes with them`() {
        // The second word is needed only as long as the first one has its letters.
        let (words, _) = reduced(["ab", "cd", "e"]) { words in
            guard let first = words.first, first.letters.allSatisfy({ "ab".contains($0) }) else {
                return false
            }
            return first.letters.isEmpty || words.count > 1
        }
        #expect(words == [""])
    }

    @Test func `a bound on the work leaves a list that holds and is not minimal`() {
        let list = Array(0..<1_000)
        let reduction = Reduction(of: list, workCountMax: 20_000) { $0.count >= 700 }
        #expect(!reduction.isMinimal)
        #expect(reduction.elements.count >= 700)
        #expect(reduction.workCount <= 20_000)
    }

    @Test func `what does not hold of the whole list leaves it as it is`() {
        let reduction = Reduction(of: [1, 2, 3]) { $0 == [2] }
        #expect(reduction.elements == [1, 2, 3])
        #expect(!reduction.isMinimal)
        #expect(Reduction(of: [Int]()) { _ in true }.elements.isEmpty)
    }
}
