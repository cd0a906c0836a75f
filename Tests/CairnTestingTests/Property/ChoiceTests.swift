import Testing

@testable import CairnTesting

/// Single choices: what is simpler than what, and what fits where.
struct ChoiceTests {
    @Test func `floats are ordered from the simplest up`() {
        let ordered: [Double] = [
            0, -0.0, 1, -1, 2, -2, 10, 1e15, 1.5, 1.25, 1.75, 2.5, 100.5, 1e300, 0.5, 0.75, 0.25,
            0.1, .leastNormalMagnitude, .leastNonzeroMagnitude, .infinity, .nan,
        ]
        let ranks = ordered.map { FloatCode.rank(FloatCode.value(of: $0)) }
        #expect(ranks == ranks.sorted())
        #expect(Set(ranks).count == ranks.count)
    }

    @Test func `every float has its own code`() throws {
        let settings = PropertySettings(caseCountMax: 20_000, seed: 1)
        try check("codes stand for their floats", settings: settings) { draw in
            let float = try draw(.anyDouble, "float")
            let again = FloatCode.double(of: FloatCode.value(of: float))
            try draw.expect(again.bitPattern == float.bitPattern || float.isNaN && again.isNaN)
        }
    }

    @Test func `any number stands for some float`() throws {
        let settings = PropertySettings(caseCountMax: 20_000, seed: 2)
        try check("codes become plain after one turn", settings: settings) { draw in
            let high = try draw(Generator<UInt64>.integer(), "code")
            let isNegative = try draw(.bool(), "is negative")
            let float = FloatCode.double(of: isNegative ? -1 - Int128(high) : Int128(high))
            let value = FloatCode.value(of: float)
            let again = FloatCode.double(of: value)
            try draw.expect(again.bitPattern == float.bitPattern || float.isNaN && again.isNaN)
        }
    }

    @Test func `every choice is made to fit`() throws {
        let settings = PropertySettings(caseCountMax: 5_000, seed: 3)
        try check("what was made to fit is in the domain", settings: settings) { draw in
            let choice = try draw(.choice, "choice")
            let first = try draw(Generator<Int64>.integer(), "first")
            let second = try draw(Generator<Int64>.integer(), "second")
            let integers = ChoiceDomain.integer(
                IntegerDomain(
                    lower: Int128(min(first, second)),
                    upper: Int128(max(first, second)),
                    origin: 0
                )
            )
            let bounds = [try draw(.double(), "left"), try draw(.double(), "right")].sorted()
            let floats = ChoiceDomain.float(FloatDomain(bounds[0]...bounds[1]))
            for domain in [integers, floats] {
                try draw.expect(domain.contains(domain.admitting(choice)))
                try draw.expect(domain.contains(domain.simplest))
                let rank = domain.rank(domain.admitting(choice))
                try draw.expect(domain.rank(domain.simplest) <= rank)
            }
        }
    }

    @Test func `scalars and their places are one to one`() throws {
        #expect(ScalarOrder.scalar(at: 0) == "a")
        for place in 0..<Alphabet.unicode.count
        where ScalarOrder.place(of: ScalarOrder.scalar(at: place)) != place {
            Issue.record("place \(place)")
        }
        #expect(ScalarOrder.scalar(at: Alphabet.unicode.count - 1) == "\u{10FFFF}")
    }

    @Test func `the largest number of a run of them is found`() throws {
        for limit in [0, 1, 3, 4, 5, 6, 100, 1_000_000, UInt64.max / 2, .max] {
            #expect(try findLargest { number throws(Undecided) in number <= limit } <= limit)
        }
        for limit in 0...200 as ClosedRange<UInt64> {
            #expect(try findLargest { number throws(Undecided) in number <= limit } == limit)
        }
    }
}
