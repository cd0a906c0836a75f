import Testing

@testable import CairnTesting

/// What failures come down to.
struct ShrinkingTests {
    @Test(arguments: [Int.min, -1_000_000, -1, 1, 7, 900, 65_536, Int.max])
    func `an integer comes down to the bound at which it fails`(bound: Int) {
        let text = minimal(.int()) { bound < 0 ? $0 <= bound : $0 >= bound }
        #expect(text == "\(bound)")
    }

    @Test func `an integer below its origin comes up to it`() {
        #expect(minimal(.int(in: -100...100, towards: 50)) { $0 < 20 } == "19")
        #expect(minimal(.int(in: -100...100, towards: 50)) { $0 != 50 } == "51")
        #expect(minimal(.int(in: -100...50, towards: 50)) { $0 != 50 } == "49")
    }

    @Test func `the widest integers come down without overflow`() {
        #expect(
            minimal(.integer(in: UInt64.min...UInt64.max)) { $0 > UInt64(Int64.max) }
                == "9223372036854775808"
        )
        #expect(minimal(Generator<UInt64>.integer()) { $0 == .max } == "\(UInt64.max)")
        #expect(minimal(Generator<Int128>.integer()) { $0 < 0 } == "-1")
        #expect(
            minimal(Generator<UInt128>.integer()) { $0 > UInt128(UInt64.max) }
                == "18446744073709551616"
        )
        #expect(minimal(Generator<Int8>.integer()) { $0 < -100 } == "-101")
    }

    @Test func `a float comes down to a whole number, or to few binary digits`() {
        #expect(minimal(.double()) { $0 > 2.75 } == "3.0")
        #expect(minimal(.double()) { $0 > 2 && $0 < 3 } == "2.5")
        #expect(minimal(.double()) { $0 < -10.5 } == "-11.0")
        #expect(minimal(.double(in: 0.3...0.4)) { _ in true } == "0.375")
        #expect(minimal(.double()) { $0 >= 1e300 } == "1e+300")
        #expect(minimal(.anyDouble) { $0.isNaN } == "nan")
        #expect(minimal(.anyDouble) { $0 == .infinity } == "inf")
        #expect(minimal(.float()) { $0 > 0 && $0 < 1 } == "0.5")
    }

    @Test func `two floats keep their sum`() {
        let report = report(caseCountMax: 20_000) { draw in
            let left = try draw(.double(in: 0...1_000))
            let right = try draw(.double(in: 0...1_000))
            if left + right > 1_000 { throw Broken() }
        }
        let values = report?.failures[0].values.map(\.text)
        #expect(values == ["1.0", "1000.0"])
    }

    @Test func `two integers keep their sum`() {
        let report = report { draw in
            let left = try draw(.int(in: 0...1_000))
            let right = try draw(.int(in: 0...1_000))
            if left + right > 1_000 { throw Broken() }
        }
        #expect(report?.failures[0].values.map(\.text) == ["1", "1000"])
    }

    @Test func `two integers keep their difference, whatever their origins`() {
        let report = report(caseCountMax: 50_000) { draw in
            let left = try draw(.int(in: 0...1_000_000))
            let right = try draw(.int(in: 500...1_000_000))
            if left > 502, left - right == 1 { throw Broken() }
        }
        #expect(report?.failures[0].values.map(\.text) == ["503", "502"])
    }

    @Test func `equal values come down together`() {
        let report = report { draw in
            let keys = try draw(.array(of: .text(.printableASCII, count: 3...8)))
            if Set(keys).count < keys.count { throw Broken() }
        }
        #expect(report?.failures[0].values[0].text == #"["aaa", "aaa"]"#)
    }

    @Test func `a text comes down to the letter a`() {
        #expect(minimal(.text()) { $0.unicodeScalars.count >= 4 } == #""aaaa""#)
        #expect(minimal(.text()) { $0.contains("Z") } == #""Z""#)
        #expect(
            minimal(.text()) { $0.unicodeScalars.contains { $0.value > 0xFFFF } }
                == "\"\u{10000}\""
        )
    }

    @Test func `hundreds of elements that do not matter go in a few runs`() throws {
        // A list of three hundred, of which one element matters.
        let elements = (0..<300).flatMap { [Choice.bool(true), .integer($0 == 200 ? 7 : 1)] }
        let token = ReplayToken(elements + [.bool(false)]).text
        let report = try #require(
            report(replaying: [token]) { draw in
                if try draw(.array(of: .int(in: 0...9))).contains(7) { throw Broken() }
            }
        )
        #expect(report.failures[0].values[0].text == "[7]")
        #expect(report.shrinkExecutionCount < 100)
    }

    @Test func `sets, dictionaries and unique lists come down to their smallest`() {
        #expect(minimal(.set(of: .int())) { $0.count >= 2 }.map { $0.count } == "[0, 1]".count)
        #expect(minimal(.uniqueArray(of: .int())) { $0.count >= 3 } == "[0, 1, -1]")
        #expect(
            minimal(.dictionary(of: .int(), to: .bool())) { $0.values.contains(true) }
                == "[0: true]"
        )
        #expect(minimal(.shuffled([1, 2, 3, 4])) { $0 != [1, 2, 3, 4] } == "[1, 2, 4, 3]")
    }

    @Test func `what a filter rejected is gone`() throws {
        let report = try #require(
            report { draw in
                let even = try draw(
                    .array(of: Generator<Int>.int().filter { $0.isMultiple(of: 2) })
                )
                if even.count > 2 { throw Broken() }
            }
        )
        #expect(report.failures[0].values[0].text == "[0, 0, 0]")
        #expect(report.failures[0].choiceCount == 7)
    }

    @Test func `a value gives way to a part of itself`() {
        let tree = Generator<[Int]>.recursive(Generator<Int>.int().map { [$0] }, depthMax: 6) {
            Generator<([Int], [Int])>.tuple($0, $0).map { $0 + $1 }
        }
        #expect(minimal(tree) { $0.contains { $0 > 41 } } == "[42]")
    }

    @Test func `an element goes together with the numbers that count past it`() {
        let report = report(caseCountMax: 50_000) { draw in
            var made: [Bool] = []
            let steps = try draw(.array(of: .tuple(.bool(), .int(in: 0...15))))
            for (isUse, place) in steps {
                // The first value that was made as a true one, used by its place.
                if isUse, place > 0, place <= made.count, made[place - 1] { throw Broken() }
                made.append(!isUse && place == 0 && made.count > 0)
            }
        }
        let text = report?.failures[0].values[0].text
        #expect(text == "[(false, 0), (false, 0), (true, 2)]")
    }
}
