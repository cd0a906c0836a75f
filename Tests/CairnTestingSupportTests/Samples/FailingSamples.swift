import CairnTesting
import CairnTestingSupport
import Testing

/// Properties that do not hold, as tests; see ``SampleRun``.
@Suite(.enabled(if: SampleRun.isThis)) struct FailingSamples {
    private static let settings = PropertySettings(seed: 1)

    private struct TooLarge: Error {}

    static let thrownLine = #line + 2
    @Test func thrown() async {
        await expectHolds("no number is large", settings: Self.settings) { draw in
            if try draw(.int(in: 0...1_000), "number") > 99 { throw TooLarge() }
        }
    }

    static let expectedLine = #line + 4
    @Test func expected() async {
        await expectHolds("numbers are small", settings: Self.settings) { draw in
            let number = try draw(.int(in: 0...1_000), "number")
            #expect(number < 100)
        }
    }

    @Test func required() async {
        await expectHolds("numbers are small", settings: Self.settings) { draw in
            let number = try draw(.int(in: 0...1_000), "number")
            await Task.yield()
            try #require(number < 100)
        }
    }

    @Test func scheduled() async {
        await expectHolds {
            try await check("numbers are small", scheduled: .any, settings: Self.settings) { draw in
                let number = try draw(.int(in: 0...1_000), "number")
                await withTaskGroup { group in
                    group.addTask {
                        await Task.yield()
                        #expect(number < 100)
                    }
                }
            }
        }
    }

    @Test func `several failures`() async {
        await expectHolds("numbers are small and not even", settings: Self.settings) { draw in
            let number = try draw(.int(in: 0...1_000), "number")
            #expect(number < 100)
            #expect(number % 2 == 0)
        }
    }

    static let wrappedLine = #line + 2
    @Test func wrapped() async {
        await expectHolds {
            try check("nothing is drawn", settings: Self.settings) { _ in throw TooLarge() }
        }
    }

    static let leftLine = #line + 2
    @Test(.properties) func left() throws {
        try check("numbers are small", settings: Self.settings) { draw in
            let number = try draw(.int(in: 0...1_000), "number")
            #expect(number < 100)
        }
    }

    @Test func discarded() async {
        await expectHolds("all is discarded", settings: Self.settings) { draw in
            #expect(Bool(true))
            try draw.assume(false)
        }
    }

    @Test func known() async {
        await withKnownIssue {
            await expectHolds("numbers are small", settings: Self.settings) { draw in
                let number = try draw(.int(in: 0...1_000), "number")
                #expect(number < 100)
            }
        }
    }

    @Test func outside() async {
        #expect(Bool(false), "outside of the property")
        await expectHolds("all is well") { draw in
            let number = try draw(.int(in: 0...9))
            #expect(number < 10)
        }
    }

    @Test func regression() async throws {
        let known = Regression("numbers are small") { $0.value(100) }
        try await known.run { await expected() }
    }

    @Test func `regression that passes`() async throws {
        let known = Regression("numbers are small") { $0.value(99) }
        try await known.run { await expected() }
    }

    @Test func holds() async {
        await expectHolds("a number is itself") { draw in
            let number = try draw(.int())
            #expect(number == number)
        }
    }
}
