import Testing

@testable import CairnTesting

/// What passes do about the order of parts, and about numbers that are names.
extension PassTests {
    @Test func `parts of the case itself are put in order, the longer first where that is simpler`()
        throws
    {
        let choices: [Choice] = [2, 1, 7, 1, 3, 0].map { .integer($0) }
        let (values, _) = try shrunk(choices, by: [.reorderSpans]) { draw in
            var steps: [String] = []
            while true {
                draw.tape.beginSpan(SpanLabel("step"))
                defer { draw.tape.endSpan() }
                let step = try draw(.sampled(from: ["end", "push", "pop"]))
                if step == "end" { break }
                steps.append(step == "push" ? "push \(try draw(.int()))" : step)
            }
            if steps.sorted() == ["pop", "push 3", "push 7"] { throw Broken() }
        }
        #expect(values == [#""push""#, "3", #""push""#, "7", #""pop""#, #""end""#])
    }

    @Test func `names change places wherever they stand`() throws {
        let (values, count) = try shrunk(list([2, 0, 2, 1]), by: [.exchangeValues]) { draw in
            let names = try draw(.array(of: .int(in: 0...9)))
            if names.count == 4, names[0] == names[2], Set(names).count == 3 { throw Broken() }
        }
        #expect(values == ["[0, 1, 0, 2]"])
        #expect(count <= 4)
    }

    @Test func `an equal number of another kind is left alone`() throws {
        // The first says what is done, the others are one name that happens to be equal.
        let choices: [Choice] = [1, 1, 1].map { .integer($0) }
        let (values, _) = try shrunk(choices, by: [.lowerDuplicates]) { draw in
            let kind = try draw(.sampled(from: ["idle", "merge"]))
            let (left, right) = (try draw(.int(in: 0...1)), try draw(.int(in: 0...1)))
            if kind == "merge", left == right { throw Broken() }
        }
        #expect(values == [#""merge""#, "0", "0"])
    }

    @Test func `two waits become one`() throws {
        let (values, _) = try shrunk(list([1, 998]), by: [.joinSpans]) { draw in
            let waits = try draw(.array(of: .int(in: 1...5_000)))
            if waits.reduce(0, +) == 999 { throw Broken() }
        }
        #expect(values == ["[999]"])
    }

    @Test func `numbers with rules between them keep their sum`() throws {
        let choices: [Choice] = [600, 0, 0, 0, 0, 0, 0, 0, 400].map {
            $0 == 0 ? .bool(false) : .integer($0)
        }
        let (values, _) = try shrunk(choices, by: [.redistribute]) { draw in
            let first = try draw(.int())
            for _ in 0..<7 { _ = try Generator<Bool>.bool().draw(&draw) }
            if first + (try draw(.int())) == 1_000 { throw Broken() }
        }
        #expect(values == ["0", "1000"])
    }

    @Test func `an element goes with its place in an order`() throws {
        // Of four the last two come in the other order; the first takes no part in it.
        let order: [Choice] = [0, 0, 1].map { .integer($0) }
        let (values, _) = try shrunk(list([0, 1, 2, 3]) + order, by: [.deleteWithRest]) { draw in
            let numbers = try draw(.array(of: .int()))
            let shuffled = try draw(.shuffled(numbers))
            if numbers.suffix(2) == [2, 3], shuffled.suffix(2) == [3, 2] { throw Broken() }
        }
        #expect(values == ["[2, 3]", "[3, 2]"])
    }

    @Test(arguments: [(56, 8), (268_435_456, 128), (-40, -8)])
    func `a number comes down to one to which nothing leads`(number: Int, least: Int) throws {
        let (values, _) = try shrunk([.integer(Int128(number))], by: [.lowerToAny]) { draw in
            let drawn = try draw(.int())
            if drawn == number || drawn == least { throw Broken() }
        }
        #expect(values == ["\(least)"])
    }

    @Test func `a larger number is taken where it makes the case shorter`() throws {
        let choices: [Choice] = [3, 0, 0].map { .integer($0) }
        let (values, _) = try shrunk(choices, by: [.lowerToAny]) { draw in
            let count = try draw(.int(in: 0...9))
            if count == 3 { _ = (try draw(.int()), try draw(.int())) }
            if count == 3 || count == 5 { throw Broken() }
        }
        #expect(values == ["5"])
    }

    @Test func `some texts begin like earlier ones`() throws {
        var count = 0
        try check("texts", settings: PropertySettings(caseCountMax: 2_000, seed: 1)) { draw in
            let (first, second) = (try draw(.text()), try draw(.text()))
            if first.count >= 4, first != second, first.prefix(4) == second.prefix(4) { count += 1 }
        }
        // By chance alone there would hardly be one.
        #expect(count > 10)
    }
}
