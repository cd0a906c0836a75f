import CairnTesting
import Testing

/// What a check does with the property it is given.
struct CheckTests {
    @Test func `a property that holds is tried as often as asked`() throws {
        var count = 0
        let settings = PropertySettings(caseCountMax: 123, seed: 1)
        let summary = try check("it holds", settings: settings) { draw in
            _ = try draw(.int())
            count += 1
        }
        #expect(count == 123)
        #expect(summary.seed == 1 && summary.passedCount == 123 && summary.discardedCount == 0)
    }

    @Test func `a property that draws nothing is tried once`() throws {
        var count = 0
        try check("it holds") { _ in count += 1 }
        #expect(count == 1)
        let report = report { _ in throw Broken() }
        #expect(report?.failures[0].values == [])
        #expect(report?.description.contains("nothing was drawn") == true)
    }

    @Test func `the simplest case is tried first`() throws {
        var first: [Int]?
        try check("it holds", settings: PropertySettings(caseCountMax: 3)) { draw in
            let list = try draw(.array(of: .int(), count: 2...5))
            first = first ?? list
        }
        #expect(first == [0, 0])
    }

    @Test func `a report names the values, the error and the line that repeats it`() throws {
        let report = try #require(
            report(seed: 3) { draw in
                let account = try draw(.text(), "account")
                let amount = try draw(.int(in: 0...1_000), "amount")
                draw.note("looked at \(account.count) characters")
                try draw.expect(amount < 500, "amounts are small")
            }
        )
        let token = report.failures[0].token
        let lines = report.description.split(separator: "\n").map(String.init)
        #expect(lines[0] == "not true: it holds")
        #expect(lines[1] == #"  account = ""  // or any other value"#)
        #expect(lines[2] == "  amount  = 500")
        #expect(lines[3] == "  note: looked at 0 characters")
        #expect(lines[4] == "  ExpectationFailure: amounts are small")
        #expect(lines[5].hasPrefix("  at CairnTestingTests/CheckTests.swift:"))
        #expect(lines[6] == #"  repeat with: replaying: ["\#(token)"]"#)
        #expect(lines[7].hasSuffix("runs looked for a simpler case; seed: 3"))
    }

    @Test func `a token repeats its case first`() throws {
        let body: (inout Draw) throws -> Void = { draw in
            if try draw(.int()) > 1_000_000 { throw Broken() }
        }
        let token = try #require(report(body)?.failures[0].token)
        let again = try #require(report(replaying: [token], body))
        #expect(again.failures[0].values[0].text == "1000001")
        #expect(again.passedCount == 0)
        #expect(failure(replaying: [token]) { _ = try $0(.int()) } == nil)
    }

    @Test func `a token of an older generator still means something`() throws {
        let token = try #require(
            report { draw in
                let list = try draw(.array(of: .int()))
                if list.contains(where: { $0 > 99 }) { throw Broken() }
            }?.failures[0].token
        )
        var first: ([Bool], Int)?
        try check("it holds", replaying: [token], settings: PropertySettings(caseCountMax: 1)) {
            let flags = try $0(.array(of: .bool(), count: 1...3))
            let number = try $0(.int(in: 0...50))
            first = first ?? (flags, number)
        }
        #expect(first?.1 ?? 99 <= 50)
    }

    @Test func `failures of different lines are not taken for each other`() throws {
        // Inside the macro both lines would be the macro's.
        let found = report { draw in
            let number = try draw(.int(in: 0...10_000), "number")
            try draw.expect(number < 5_000 || number % 2 == 0, "odd")
            try draw.expect(number < 9_000, "large")
        }
        let report = try #require(found)
        try #require(report.failures.count == 2)
        let texts = report.failures.map { "\($0.values[0].text) \($0.error)" }.sorted()
        #expect(texts[0].hasPrefix("5001 odd"))
        #expect(texts[1].hasPrefix("9000 large"))
        #expect(report.description.contains("and another failure:"))
    }

    @Test func `cases of an error that carry different values are one failure`() throws {
        enum Wrong: Error { case large(Int), small(Int) }
        let report = try #require(
            report { draw in
                let number = try draw(.int())
                if number > 100 { throw Wrong.large(number) }
                if number < -100 { throw Wrong.small(number) }
            }
        )
        let texts = Set(report.failures.map { $0.values[0].text })
        #expect(texts.contains("101") || texts.contains("-101"))
        #expect(texts.isSubset(of: ["101", "-101"]))
    }

    @Test func `assumptions discard, and too many of them fail`() throws {
        let summary = try check(
            "it holds",
            settings: PropertySettings(caseCountMax: 100, seed: 1)
        ) { draw in
            try draw.assume(try draw(.int(in: 0...9)) > 5)
        }
        #expect(summary.passedCount == 100 && summary.discardedCount > 100)
        let never = failure { draw in try draw.assume(try draw(.int()) == 123_456_789) }
        #expect(never?.description.contains("20000 cases were discarded and only 0") == true)
        let nothing = failure { draw in try draw.assume(false) }
        #expect(nothing?.description.contains("1 cases were discarded") == true)
    }

    @Test func `a stopped case neither passes nor fails, whatever the body does`() throws {
        let swallowed = failure { draw in
            let value = try? draw(Generator<Int>.int().filter { _ in false })
            if value == nil { throw Broken() }
        }
        guard case .tooManyDiscarded = swallowed else {
            Issue.record("\(String(describing: swallowed))")
            return
        }
        let passed = failure { draw in
            try? draw.assume(false)
            let later = try? draw(.int())
            #expect(later == nil)
        }
        guard case .tooManyDiscarded = passed else {
            Issue.record("\(String(describing: passed))")
            return
        }
    }

    @Test func `a case that never ends is discarded`() throws {
        let endless = failure(caseCountMax: 5) { draw in
            while true { _ = try draw(.bool()) }
        }
        guard case .tooManyDiscarded(_, let summary) = endless else {
            Issue.record("\(String(describing: endless))")
            return
        }
        #expect(summary.discardedCount == 50)
    }

    @Test func `a property that depends on something else is not repeatable`() throws {
        var count = 0
        let ends = failure { draw in
            _ = try draw(.int())
            count += 1
            if count == 7 { throw Broken() }
        }
        #expect(ends?.description.contains("the same draws led to different ends") == true)
        var calls = 0
        let draws = failure { draw in
            calls += 1
            _ = try draw(.array(of: .bool(), count: calls...calls))
            if calls > 3 { throw Broken() }
        }
        #expect(draws?.description.contains("the same choices led to different draws") == true)
    }

    @Test func `what is to be true sometimes has to be true once`() throws {
        let never = failure { draw in
            let number = try draw(.int(in: 0...9))
            draw.sometimes(number > 10, "more than ten")
            draw.sometimes(number > 5, "more than five")
        }
        guard case .neverTrue(_, let names, _) = never else {
            Issue.record("\(String(describing: never))")
            return
        }
        #expect(names == ["more than ten"])
    }

    @Test func `what is true only in discarded cases is not reached`() throws {
        let never = failure { draw in
            let number = try draw(.int(in: 0...9))
            draw.sometimes(number > 5, "more than five")
            try draw.assume(number <= 5)
        }
        guard case .neverTrue(_, let names, _) = never else {
            Issue.record("\(String(describing: never))")
            return
        }
        #expect(names == ["more than five"])
    }

    @Test func `an error of a generator fails the case, even where it is swallowed`() {
        let generator = Generator<Int> { draw in
            let number = try draw(.int(in: 0...100))
            if number > 41 { throw Broken() }
            return number
        }
        let report = report { draw in _ = try? draw(generator) }
        #expect(report?.failures[0].error is Broken)
        #expect(report?.failures[0].choiceCount == 1)
    }

    @Test func `values that do not matter are marked, and those that do are not`() throws {
        let report = try #require(
            report { draw in
                let left = try draw(.int(in: 0...1_000_000), "left")
                _ = try draw(.array(of: .int()), "noise")
                let right = try draw(.int(in: 0...1_000_000), "right")
                _ = try draw(.constant(1), "constant")
                if left != right { throw Broken() }
            }
        )
        let marked = report.failures[0].values.filter(\.isArbitrary).map(\.name)
        #expect(marked == ["noise"])
    }

    @Test func `values that matter only together are told`() throws {
        let report = try #require(
            report { draw in
                let left = try draw(.bool(), "left")
                let right = try draw(.bool(), "right")
                if !(left && right) { throw Broken() }
            }
        )
        #expect(report.failures[0].values.allSatisfy { $0.isArbitrary })
        #expect(!report.failures[0].isArbitraryTogether)
        #expect(report.description.contains("when several of these are others at once"))
    }

    @Test func `a search whose task is cancelled says so, whatever the body throws`() async {
        let search = Task {
            do {
                try await check("it holds") { draw in
                    _ = try draw(.int())
                    withUnsafeCurrentTask { $0?.cancel() }
                    await Task.yield()
                    try Task.checkCancellation()
                }
                return "it holds"
            } catch {
                return "\(error)"
            }
        }
        #expect(await search.value.hasPrefix("not looked at to the end: it holds"))
    }

    @Test func `the same seed gives the same report`() throws {
        let body: (inout Draw) throws -> Void = { draw in
            let list = try draw(.array(of: .json()), "list")
            let names = try draw(.set(of: .text()), "names")
            if list.count + names.count > 5 { throw Broken() }
        }
        let first = try #require(report(seed: 9, body)).description
        #expect(report(seed: 9, body)?.description == first)
    }

    @Test func `a failure is reported as it is where nothing may be spent on it`() throws {
        let settings = PropertySettings(seed: 1, shrinkExecutionCountMax: 0, failureCountMax: 1)
        do {
            try check("it holds", settings: settings) { draw in
                if try draw(.int()) > 5 { throw Broken() }
            }
            Issue.record("it does not hold")
        } catch {
            guard case .falsified(let report) = error else { throw error }
            #expect(report.shrinkExecutionCount == 0)
            #expect(report.failures[0].values[0].text != "6")
        }
    }

    @Test func `a failure is reported as it is where there is no time, and says so`() throws {
        let report = try #require(hurried(.zero))
        #expect(report.shrinkExecutionCount == 0 && report.failures.count == 2)
        #expect(report.failures[0].values[0].text != "6")
        #expect(report.description.contains("given up after 0.0 seconds, though it might be"))
        let token = report.failures[0].token
        let again = try #require(hurried(.zero, replaying: [token]))
        #expect(again.failures[0].token == token && again.passedCount == 0)
        let calm = try #require(hurried(nil))
        #expect(calm.failures.map { $0.values[0].text } == ["6", "-6"])
        #expect(calm.shrinkDurationMax == nil && !calm.description.contains("given up"))
        #expect(hurried(.seconds(Int64.max))?.description == calm.description)
    }

    private func hurried(
        _ durationMax: Duration?,
        replaying tokens: [String] = []
    ) -> PropertyReport? {
        let settings = PropertySettings(seed: 1, shrinkDurationMax: durationMax)
        do {
            try check("it holds", replaying: tokens, settings: settings) { draw in
                let number = try draw(.int())
                try draw.expect(number < 6, "large")
                try draw.expect(number > -6, "small")
            }
            return nil
        } catch {
            guard case .falsified(let report) = error else { return nil }
            return report
        }
    }

    @Test func `a property that waits is checked and made simpler alike`() async throws {
        let settings = PropertySettings(seed: 1)
        do {
            try await check("it holds", settings: settings) { draw in
                let list = try draw(.array(of: .int()), "list")
                await Task.yield()
                try draw.expect(list, equals: list.reversed())
            }
            Issue.record("it does not hold")
        } catch {
            guard case .falsified(let report) = error else { throw error }
            #expect(report.failures[0].values[0].text == "[0, 1]")
        }
        let summary = try await check("it holds", settings: settings) { draw in
            _ = try draw(.int())
            await Task.yield()
        }
        #expect(summary.passedCount == 500)
    }
}
