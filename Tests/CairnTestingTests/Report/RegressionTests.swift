import CairnTesting
import Foundation
import Testing

/// One known case in place of a search.
struct RegressionTests {
    private func largest(_ limit: Int, _ found: (Int) -> Void = { _ in }) throws {
        try check("numbers are small", settings: PropertySettings(seed: 1)) { draw in
            let number = try draw(.int(in: 0...1_000), "number")
            found(number)
            if number > limit { throw Broken() }
        }
    }

    private static let known = Regression("numbers are small") { $0.value(700) }

    @Test func `a known case fails as long as it fails, and is the only one`() throws {
        var numbers: [Int] = []
        let error = #expect(throws: PropertyError.self) {
            try Self.known.run { try largest(699) { numbers.append($0) } }
        }
        #expect(Set(numbers) == [700])
        #expect(error?.description.hasPrefix("not true: numbers are small\n  number = 700") == true)
        numbers = []
        try Self.known.run { try largest(700) { numbers.append($0) } }
        #expect(numbers == [700])
    }

    @Test func `a token does the same`() throws {
        let error = #expect(throws: PropertyError.self) { try largest(99) }
        guard case .falsified(let report) = error else { return }
        let known = Regression("numbers are small", token: report.failures[0].token)
        #expect(throws: PropertyError.self) { try known.run { try largest(99) } }
        try known.run { try largest(100) }
        let broken = Regression("numbers are small", token: "no token")
        #expect(throws: PropertyError.self) { try broken.run { try largest(100) } }
    }

    @Test func `a failure that the body keeps to itself is thrown`() {
        let known = Regression("kept to itself") { $0.value(false) }
        #expect(throws: PropertyError.self) { try known.run { FailingSuite.Inner.swallowed() } }
    }

    @Test func `a property that nothing checks is told, and others have no case`() throws {
        let unknown = Regression("no such property") { _ in }
        var count = 0
        let error = #expect(throws: PropertyError.self) {
            try unknown.run { try largest(0) { _ in count += 1 } }
        }
        #expect(count == 0)
        #expect(error?.description.contains("nothing checked a property of this name") == true)
    }

    @Test func `a script that does not fit fails and says why`() {
        let text = Regression("numbers are small") { $0.value("700") }
        let error = #expect(throws: PropertyError.self) { try text.run { try largest(1_000) } }
        #expect(
            error?.description.contains("value 1 of step 0 in the script is not of the") == true
        )
        let rule = Rule<Int>("add") { $0 += try $1(.int(in: 0...9)) }
        let steps = Regression("steps") { $0.step("take", 1) }
        let other = #expect(throws: PropertyError.self) {
            try steps.run { try check("steps", startingWith: 0, rules: [rule]) }
        }
        #expect(other?.description.contains("no rule is called take") == true)
    }

    private func stock(_ isFull: Bool, _ limit: Int = 0) throws {
        let rules: [Rule<Int>] = [
            Rule("add") { $0 += try $1(.int(in: 1...9), "count") },
            Rule("take", when: { $0 > 0 || isFull }) { $0 -= try $1(.int(in: 1...9), "count") },
        ]
        let low = Invariant<Int>("nothing is owed") { $0 >= -limit }
        try check("stock", startingWith: 0, rules: rules, invariants: [low])
    }

    @Test func `a known case that counts for nothing does not pass`() throws {
        let step = Regression("stock") { $0.step("take", 9) }
        #expect(throws: PropertyError.self) { try step.run { try stock(true) } }
        try step.run { try stock(true, 9) }
        let idle = #expect(throws: PropertyError.self) { try step.run { try stock(false) } }
        #expect(idle?.description.contains("the rule take may not be used") == true)
        #expect(throws: PropertyError.self) { try step.run { _ = try? stock(false) } }
        let known = Regression("large numbers") { $0.value(3) }
        let assumed = #expect(throws: PropertyError.self) {
            try known.run {
                try check("large numbers") { try $0.assume(try $0(.int()) > 5) }
            }
        }
        #expect(assumed?.description.contains("an assumption does not hold") == true)
        let failing = report { if try $0(.int()) < 1 { throw Broken() } }
        let token = try #require(failing?.failures[0].token)
        let filtered = #expect(throws: PropertyError.self) {
            try Regression("numbers", token: token).run {
                try check("numbers") { _ = try $0(Generator<Int>.int().filter { $0 > 0 }) }
            }
        }
        #expect(filtered?.description.contains("a filter lets nothing through") == true)
    }

    @Test func `what a script leaves open is as simple as it can be`() throws {
        let known = Regression("open") { $0.value(3) }
        var seen: [String] = []
        try known.run {
            try check("open") { draw in
                let count = try draw(.int(), "count")
                let text = try draw(.text(), "text")
                seen.append("\(count) \(text.isEmpty)")
            }
        }
        #expect(seen == ["3 true"])
    }

    /// In a process of its own, whose copies meet no lock of another test.
    @Test func `a trap is a known case as well`() async {
        await #expect(processExitsWith: .success) {
            let known = Regression("it does not trap") { $0.value(5) }
            let error = #expect(throws: PropertyError.self) {
                try known.run {
                    try check("it does not trap", settings: PropertySettings(isolation: .fork())) {
                        let number = try $0(.int(), "number")
                        precondition(number != 5)
                    }
                }
            }
            #expect(error?.description.contains("Crash: the process was ended by signal") == true)
        }
    }

    @Test func `a function that cannot be called again has no source`() throws {
        // This one has parameters, and so it is.
        let error = #expect(throws: PropertyError.self) { try largest(0) }
        #expect(error != nil && error?.regressionSource == nil)
        let closure = { try check("in a closure") { _ in throw Broken() } }
        let source = #expect(throws: PropertyError.self) { try closure() }?.regressionSource
        #expect(
            source?.contains("`a function that cannot be called again has no source`()") == true
        )
    }

    @Test func `a source for XCTest is a class with a method`() throws {
        let error = #expect(throws: PropertyError.self) { try galleryNothing() }
        guard case .falsified(let report) = error else { return }
        let source = try #require(report.failures[0].regressionSource(.xcTest))
        let lines = source.split(separator: "\n").map(String.init)
        #expect(lines.contains("import XCTest") && !source.contains("@Test"))
        #expect(source.contains("\nfinal class Regression_"))
        #expect(source.contains(": XCTestCase {\n    // a case of: "))
        #expect(source.contains("\n    func testRegression_"))
        #expect(source.hasSuffix("        try known.run { try galleryNothing() }\n    }\n}\n"))
        // What belongs to tests of the one framework is not called by the other.
        let member = #expect(throws: PropertyError.self) {
            try FailingSuite().`a store, beside a "model"`()
        }
        guard case .falsified(let hidden) = member else { return }
        #expect(hidden.failures[0].regressionSource(.xcTest) == nil)
        #expect(hidden.failures[0].regressionSource(.swiftTesting) != nil)
    }

    @Test func `a source says which values do not matter, and is in the report`() throws {
        do {
            try galleryNumbers()
            Issue.record("it holds")
        } catch {
            let failure = try #require(error as? PropertyError)
            let source = try #require(failure.regressionSource)
            #expect(source.contains("script.value(-1000)  // number\n"))
            #expect(source.contains("// nothing; any other value fails as well\n"))
            let shown = source.split(separator: "\n").map { "    \($0)" }
            let report = failure.description.split(separator: "\n").map(String.init)
            #expect(report.contains("  regression test:"))
            #expect(Set(shown).isSubset(of: report))
        }
    }
}
