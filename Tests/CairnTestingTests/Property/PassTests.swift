import Testing

@testable import CairnTesting

/// What each pass does alone.
struct PassTests {
    /// Makes the case of some choices simpler with some passes only, and returns its values.
    func shrunk(
        _ choices: [Choice],
        by passes: [ShrinkPass],
        executionCountMax: Int = 1_000,
        _ body: (inout Draw) throws -> Void
    ) throws -> (values: [String], executionCount: Int) {
        func run(_ choices: [Choice]) -> CaseRecord {
            let tape = Tape(CasePlan(choices: choices, isDescribed: true))
            var draw = Draw(tape)
            do {
                try body(&draw)
                return tape.finish(nil)
            } catch {
                return tape.finish(error)
            }
        }
        let first = run(choices)
        var shrinker = Shrinker(
            first,
            origin: try #require(first.origin),
            executionCountMax: executionCountMax,
            passes: passes
        )
        while let candidate = shrinker.next() { shrinker.take(run(candidate)) }
        return (shrinker.target.values.map(\.text), shrinker.executionCount)
    }

    /// A list of numbers as its choices.
    func list(_ numbers: [Int]) -> [Choice] {
        numbers.flatMap { [.bool(true), .integer(Int128($0))] } + [.bool(false)]
    }

    @Test func `rejected values go at once`() throws {
        let even = Generator<Int>.int().filter { $0.isMultiple(of: 2) }
        let choices: [Choice] = [1, 3, 5, 8, 7, 9, 6].map { .integer($0) }
        let (values, count) = try shrunk(choices, by: [.removeDiscarded]) { draw in
            _ = (try draw(even), try draw(even))
            throw Broken()
        }
        #expect(values == ["8", "6"])
        #expect(count == 1)
    }

    @Test func `spans go with those that follow`() throws {
        let numbers = Array(repeating: 1, count: 100) + [5]
        let (values, count) = try shrunk(list(numbers), by: [.deleteSpans]) { draw in
            if try draw(.array(of: .int())).contains(5) { throw Broken() }
        }
        #expect(values == ["[5]"])
        #expect(count < 40)
    }

    @Test func `choices go in runs, to both sides of where it began`() throws {
        // Neither half of a pair can go alone, and there are no spans of pairs.
        let numbers = [1, 2, 1, 2, 1, 2, 1, 2, 9].map { Choice.integer($0) }
        let (values, _) = try shrunk(numbers, by: [.deleteChoices(2)]) { draw in
            var count = 0
            while true {
                let number = try draw(.int())
                count += 1
                if number == 9, count % 2 == 1 { throw Broken() }
                if number == 0 { return }
            }
        }
        #expect(values == ["9"])
    }

    @Test func `a span becomes as simple as can be, and keeps what follows in place`() throws {
        let body: (inout Draw) throws -> Void = { draw in
            _ = try draw(.array(of: .int()))
            if try draw(.int()) == 77 { throw Broken() }
        }
        let choices = list([4, 5, 6]) + [.integer(77)]
        let (values, count) = try shrunk(choices, by: [.simplestSpans], body)
        #expect(values == ["[]", "77"])
        #expect(count <= 6)
    }

    @Test func `a part takes the place of the whole`() throws {
        let tree = Generator<[Int]>.recursive(Generator<Int>.int().map { [$0] }) {
            Generator<([Int], [Int])>.tuple($0, $0).map { $0 + $1 }
        }
        let leaf: [Choice] = [.integer(0), .integer(1)]
        let inner: [Choice] = [.integer(1)] + leaf + [.integer(0), .integer(42)]
        let choices: [Choice] = [.integer(1)] + leaf + inner
        let (values, _) = try shrunk(choices, by: [.passToDescendant]) { draw in
            if try draw(tree).contains(42) { throw Broken() }
        }
        #expect(values == ["[42]"])
    }

    @Test func `parts of one kind are put in order`() throws {
        let (values, _) = try shrunk(list([5, 1, 4, 2, 3]), by: [.reorderSpans]) { draw in
            let numbers = try draw(.array(of: .int()))
            if Set(numbers) == [1, 2, 3, 4, 5] { throw Broken() }
        }
        #expect(values == ["[1, 2, 3, 4, 5]"])
        // Where sorting all is not allowed, neighbours are swapped.
        let (partly, _) = try shrunk(list([5, 1, 4, 2, 3]), by: [.reorderSpans]) { draw in
            let numbers = try draw(.array(of: .int()))
            if numbers.first == 5, numbers.count == 5 { throw Broken() }
        }
        #expect(partly == ["[5, 1, 2, 3, 4]"])
    }

    @Test func `equal choices are lowered together, however far apart`() throws {
        let numbers = [90] + Array(repeating: 3, count: 20) + [90]
        let (values, _) = try shrunk(list(numbers), by: [.lowerDuplicates]) { draw in
            let numbers = try draw(.array(of: .int()))
            if numbers.count == 22, numbers.first == numbers.last, (numbers.first ?? 0) > 40 {
                throw Broken()
            }
        }
        let zeros = Array(repeating: "0", count: 20)
        #expect(values == ["[" + (["41"] + zeros + ["41"]).joined(separator: ", ") + "]"])
    }

    @Test func `a count is lowered and what it counts goes from the front`() throws {
        let choices: [Choice] = [4, 1, 1, 1, 950].map { .integer($0) }
        let (values, _) = try shrunk(choices, by: [.lowerEach]) { draw in
            let list = try draw(
                Generator<Int>.int(in: 1...100).flatMap { count in
                    .array(of: .int(in: 0...1_000), count: count...count)
                }
            )
            if list.contains(where: { $0 >= 900 }) { throw Broken() }
        }
        #expect(values == ["[900]"])
    }

    @Test func `a count of many is lowered in a few runs`() throws {
        let numbers = [60] + Array(repeating: 1, count: 59) + [7]
        let (values, count) = try shrunk(numbers.map { .integer(Int128($0)) }, by: [.lowerEach]) {
            draw in
            let count = try draw(.int(in: 0...100))
            if try draw(.array(of: .int(in: 0...9), count: count...count)).last == 7 {
                throw Broken()
            }
        }
        #expect(values == ["1", "[7]"])
        #expect(count < 20)
    }

    @Test func `a count is lowered by what lies between those that matter`() throws {
        let numbers = [4, 950, 1, 1, 950].map { Choice.integer($0) }
        let (values, _) = try shrunk(numbers, by: [.lowerEach]) { draw in
            let count = try draw(.int(in: 0...100))
            let list = try draw(.array(of: .int(in: 0...1_000), count: count...count))
            if list.count(where: { $0 >= 900 }) > 1 { throw Broken() }
        }
        #expect(values == ["2", "[900, 900]"])
    }

    @Test func `pairs keep their sum or their difference`() throws {
        let (sum, _) = try shrunk([.integer(70), .integer(40)], by: [.redistribute]) { draw in
            if try draw(.int()) + draw(.int()) == 110 { throw Broken() }
        }
        #expect(sum == ["0", "110"])
        let (gap, count) = try shrunk(
            [.integer(70_000), .integer(69_993)],
            by: [.lowerTogether]
        ) { draw in
            let (left, right) = (try draw(.int()), try draw(.int()))
            if left > 10, left - right == 7 { throw Broken() }
        }
        #expect(gap == ["11", "4"])
        #expect(count < 60)
    }

    @Test func `a step that gets on is not taken for one that stands still`() throws {
        let pass = ShrinkPass(
            name: "one less, again and again",
            positionCount: { _ in 1 },
            run: { step, _ throws(Undecided) in
                while try step.consider({ $0[0] = .integer($0[0].value - 1) }) {}
            }
        )
        let (values, _) = try shrunk([.integer(1_200)], by: [pass], executionCountMax: 5_000) {
            _ = try $0(.int(in: 0...2_000))
            throw Broken()
        }
        #expect(values == ["0"])
    }

    @Test func `a failure of another origin is not taken`() throws {
        struct Other: Error {}
        let (values, _) = try shrunk([.integer(500)], by: ShrinkPass.all) { draw in
            let number = try draw(.int())
            if number > 300 { throw Broken() }
            if number > 100 { throw Other() }
        }
        #expect(values == ["301"])
    }
}
