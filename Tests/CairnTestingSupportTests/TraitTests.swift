import CairnTestSupport
import CairnTesting
import CairnTestingSupport
import Synchronization
import Testing

/// What traits say reaches whatever is checked in a test.
@Suite(.runs(7), .seed(5)) struct TraitTests {
    /// The case in which a number up to 1,000 is drawn.
    private func token(of number: Int) async throws -> String {
        let found = Mutex("")
        try await Surroundings.run(.runs(1_000)) {
            let error = #expect(throws: PropertyError.self) {
                try check("numbers are smaller") {
                    let drawn = try $0(.int(in: 0...1_000))
                    try $0.expect(drawn < number)
                }
            }
            guard case .falsified(let report) = error else { return }
            found.withLock { $0 = report.failures[0].token }
        }
        return found.withLock { $0 }
    }

    @Test func `a suite's traits reach every way to check`() async throws {
        let summary = try check("a number") { _ = try $0(.int()) }
        #expect(summary.passedCount == 7)
        #expect(summary.seed == 5)
        let settings = PropertySettings(caseCountMax: 1_000, seed: 1)
        let other = try #require(
            await expectHolds("a number", settings: settings) { _ = try $0(.int()) }
        )
        #expect(other == summary)
        let waiting = await expectHolds("a number") { draw in
            await Task.yield()
            _ = try draw(.int())
        }
        #expect(waiting == summary)
        let scheduled = try await check("a number", scheduled: .any) { _ = try $0(.int()) }
        #expect(scheduled == summary)
        let rule = Rule<Int>("add") { $0 += try $1(.int(in: 0...9)) }
        let steps = await expectHolds("steps", startingWith: 0, rules: [rule])
        #expect(steps?.passedCount == 7)
        let asyncRule = AsyncRule<Int>("add") { $0 += try $1(.int(in: 0...9)) }
        let asyncSteps = await expectHolds("steps", startingWith: 0, rules: [asyncRule])
        #expect(asyncSteps?.passedCount == 7)
    }

    @Test(.runs(3), .runs(2)) func `a test's traits are stronger, the last one most`() async {
        let summary = await expectHolds("a number") { _ = try $0(.int()) }
        #expect(summary?.passedCount == 2)
        #expect(summary?.seed == 5)
    }

    @Test(.runs(2), arguments: [1, 2])
    func `traits reach tests with arguments`(number: Int) async {
        let summary = await expectHolds("a number") { draw in
            let drawn = try draw(.int(in: 1...2))
            #expect(drawn != number + 2)
        }
        #expect(summary?.passedCount == 2)
    }

    @Test func `a token is run first`() async throws {
        // The numbers come from the seed; a token's comes before them.
        let token = try await token(of: 700)
        let numbers = Numbers()
        try await Surroundings.run(.replay(token)) {
            try check("numbers") { numbers.add(try $0(.int(in: 0...1_000))) }
        }
        #expect(numbers.all.first == 700)
        #expect(numbers.all.count == 8)
    }

    @Test func `a token for one property is not for another`() async throws {
        let token = try await token(of: 700)
        let numbers = Numbers()
        try await Surroundings.run(.replay(token, of: "numbers")) {
            try check("others") { numbers.add(try $0(.int(in: 0...1_000))) }
            try check("numbers") { numbers.add(try $0(.int(in: 0...1_000))) }
        }
        try #require(numbers.all.count == 15)
        #expect(numbers.all[0] != 700)
        #expect(numbers.all[7] == 700)
    }

    @Test func `the corpus keeps what fails and repeats it`() async throws {
        let folder = try ScratchFolder()
        let corpus = PropertyTrait.corpus(folder.path, isReadOnly: false)
        let limit = 99
        for _ in 0..<2 {
            await withKnownIssue {
                try await Surroundings.run(corpus) {
                    await expectHolds("numbers are small") { draw in
                        let number = try draw(.int(in: 0...1_000))
                        #expect(number <= limit)
                    }
                }
            }
        }
        let names = try folder.names()
        #expect(names.count == 1)
        let tokens = try Corpus(folder: folder.path).tokens(of: "numbers are small")
        let smallest = try await token(of: 100)
        #expect(tokens == [smallest])
    }

    @Test func `the corpus lies beside the file of the test`() async throws {
        let folder = try ScratchFolder()
        let file = folder.path("SomeTests.swift")
        for (trait, name) in [
            (PropertyTrait.corpus(isReadOnly: false, filePath: file), "Corpus"),
            (.corpus("Known", isReadOnly: false, filePath: file), "Known"),
        ] {
            await withKnownIssue {
                try await Surroundings.run(trait) {
                    try check("never true") { try $0.expect(false) }
                }
            }
            #expect(try folder.names().contains(name))
        }
        #expect(try folder.names().count == 2)
    }

    @Test func `what a test throws beside reports is thrown on`() async {
        await #expect(throws: CancellationError.self) {
            try await Surroundings.run(.properties) { throw CancellationError() }
        }
    }
}

/// Numbers that cases drew, in order.
private final class Numbers: Sendable {
    private let list = Mutex<[Int]>([])

    var all: [Int] { list.withLock { $0 } }

    func add(_ number: Int) {
        list.withLock { $0.append(number) }
    }
}

/// A part of a test as if the whole test had a trait.
enum Surroundings {
    static func run(
        _ trait: PropertyTrait,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let test = try #require(Test.current)
        try await trait.provideScope(for: test, testCase: Test.Case.current, performing: body)
    }
}
