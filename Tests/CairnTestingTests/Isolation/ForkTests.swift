import CairnCore
import CairnTesting
import Foundation
import Testing

/// Cases that end their process, looked at in copies of it.
///
/// Each test has a process of its own: in that of all tests, other threads hold locks at the moment
/// of a copy.
@Suite(.serialized)
struct ForkTests {
    static let settings = PropertySettings(seed: 1, isolation: .fork())

    static func report(
        _ settings: PropertySettings = settings,
        _ body: (inout Draw) throws -> Void
    ) -> PropertyReport? {
        do {
            try check("it holds", settings: settings, body)
            return nil
        } catch {
            guard case .falsified(let report) = error else { return nil }
            return report
        }
    }

    @Test func `a trap is found, made simpler and reported`() async {
        await #expect(processExitsWith: .success) {
            let report = try #require(
                ForkTests.report { draw in
                    let list = try draw(.array(of: .int(in: 0...1_000)), "list")
                    _ = try draw(.text(), "noise")
                    let total = list.reduce(0, +)
                    if total > 500 { _ = list[list.count] }
                }
            )
            let failure = report.failures[0]
            let crash = try #require(failure.error as? Crash)
            guard case .signal = crash.end else {
                Issue.record("\(crash)")
                return
            }
            #expect(failure.values.map(\.text) == ["[501]", "\"\""])
            #expect(failure.values.map(\.isArbitrary) == [false, true])
            #expect(crash.diagnostics?.contains("Index out of range") == true)
            #expect(report.description.contains("Crash: the process was ended by signal"))
        }
    }

    @Test func `a trap is repeated by its token, and passes when it is mended`() async {
        await #expect(processExitsWith: .success) {
            let body: (inout Draw) throws -> Void = { draw in
                let number = try draw(.int(in: 0...1_000), "number")
                precondition(number < 300, "too large")
            }
            let first = try #require(ForkTests.report(ForkTests.settings, body)).failures[0]
            #expect(first.values.map(\.text) == ["300"])
            let again = #expect(throws: PropertyError.self) {
                try check(
                    "it holds",
                    replaying: [first.token],
                    settings: PropertySettings(caseCountMax: 0, isolation: .fork()),
                    body
                )
            }
            #expect(again?.description.contains("too large") == true)
            try check("it holds", replaying: [first.token], settings: ForkTests.settings) { draw in
                _ = try draw(.int(in: 0...1_000), "number")
            }
        }
    }

    @Test func `a machine that traps is found out`() async {
        await #expect(processExitsWith: .success) {
            struct Counter: Machine {
                enum Command: Hashable, Sendable, CaseIterable { case up, down }
                enum Rejection: Error { case never }
                let initial = UInt8(2)

                func decide(
                    _ command: Command,
                    in state: UInt8,
                    context: TurnContext
                ) throws(Rejection) -> [Int] { [command == .up ? 1 : -1] }

                func evolve(_ state: inout UInt8, by event: Int) {
                    state = UInt8(Int(state) + event)
                }
            }
            let error = #expect(throws: PropertyError.self) {
                try check(
                    "a counter",
                    machine: Counter(),
                    commands: .allCases(),
                    settings: ForkTests.settings
                )
            }
            guard case .falsified(let report) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(report.failures[0].values.map(\.text) == ["down", "down", "down"])
            #expect(report.failures[0].error is Crash)
        }
    }

    @Test func `a rule that traps before it draws is found out`() async {
        await #expect(processExitsWith: .success) {
            let rules = [
                Rule<Int>("add") { $0 += try $1(.int(in: 1...5), "by") },
                Rule<Int>("trap") { number, _ in precondition(number < 7) },
            ]
            let error = #expect(throws: PropertyError.self) {
                try check("steps", startingWith: 0, rules: rules, settings: ForkTests.settings)
            }
            guard case .falsified(let report) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(report.failures[0].steps.last == "trap")
            #expect(report.failures[0].steps.count == 3)
        }
    }

    @Test func `what traps at once, inside a generator, or by ending the process is told`() async {
        await #expect(processExitsWith: .success) {
            let atOnce = try #require(ForkTests.report { _ in preconditionFailure("at once") })
            #expect(atOnce.failures[0].values.isEmpty)
            #expect("\(atOnce.failures[0].error)".contains("at once"))
            let inside = try #require(
                ForkTests.report { draw in
                    _ = try draw(
                        Generator.int(in: 0...1_000).map { number in
                            precondition(number < 400)
                            return number
                        },
                        "number"
                    )
                }
            )
            #expect(inside.failures[0].error is Crash)
            #expect(inside.failures[0].choiceCount == 1)
            let ending = try #require(
                ForkTests.report { draw in if try draw(.int(in: 0...99), "number") > 9 { exit(0) } }
            )
            #expect((ending.failures[0].error as? Crash)?.end == .exit(0))
            #expect(ending.failures[0].values.map(\.text) == ["10"])
        }
    }

    @Test func `a case that never ends is a failure`() async {
        await #expect(processExitsWith: .success) {
            let settings = PropertySettings(seed: 1, isolation: .fork(timeout: .milliseconds(250)))
            let report = try #require(
                ForkTests.report(settings) { draw in
                    let number = try draw(.int(in: 0...1_000), "number")
                    var rest = number
                    while rest > 900 { rest = max(rest, 901) }
                }
            )
            let crash = try #require(report.failures[0].error as? Crash)
            #expect(crash.end == .timeout(.milliseconds(250)))
            #expect(report.shrinkExecutionCount > 0)
        }
    }

    @Test func `where most cases never end, few of them are waited for`() async {
        await #expect(processExitsWith: .success) {
            let settings = PropertySettings(seed: 1, isolation: .fork(timeout: .milliseconds(400)))
            var (begunCount, endedCount) = (0, 0)
            let report = try #require(
                ForkTests.report(settings) { draw in
                    begunCount += 1
                    let number = try draw(.int(in: 0...1_000), "number")
                    var rest = number
                    while rest > 1 { rest = max(rest, 2) }
                    endedCount += 1
                }
            )
            #expect((report.failures[0].error as? Crash)?.end == .timeout(.milliseconds(400)))
            // Four while it is searched, and each of the two that the report needs.
            #expect(begunCount - endedCount <= 6)
        }
    }

    @Test func `a limit of any length is one`() async {
        await #expect(processExitsWith: .success) {
            let settings = PropertySettings(
                caseCountMax: 5,
                isolation: .fork(timeout: .seconds(Int64.max))
            )
            let summary = try check("it holds", settings: settings) { _ = try $0(.int()) }
            #expect(summary.passedCount == 5)
        }
    }

    @Test func `copies end where the time does, and nothing traps after it`() async {
        await #expect(processExitsWith: .success) {
            for durationMax in [Duration.zero, .milliseconds(1), .milliseconds(20)] {
                var settings = ForkTests.settings
                settings.shrinkDurationMax = durationMax
                let report = try #require(
                    ForkTests.report(settings) { draw in
                        let list = try draw(.array(of: .int(in: 0...1_000)), "list")
                        precondition(list.reduce(0, +) < 500 || list.isEmpty)
                    }
                )
                #expect(report.failures[0].error is Crash)
                #expect(durationMax != .zero || report.shrinkExecutionCount == 0)
            }
        }
    }

    #if os(Linux)
    @Test func `a copy leaves no core, also where cores go into a pipe`() async {
        await #expect(processExitsWith: .success) {
            var own = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &own)
            // One that may not be raised is left to another way.
            let (parent, isRaisable) = (getpid(), own.rlim_max > 0)
            try check("a copy leaves no core", settings: ForkTests.settings) { draw in
                _ = try draw(.bool())
                var limit = rlimit()
                getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
                precondition(getpid() == parent || !isRaisable || limit.rlim_cur == 1)
            }
        }
    }
    #endif

    @Test func `errors stay what they are, beside traps and without`() async {
        await #expect(processExitsWith: .success) {
            var runCount = 0
            let report = try #require(
                ForkTests.report { draw in
                    runCount += 1
                    let number = try draw(.int(in: 0...1_000), "number")
                    precondition(number < 900)
                    if number > 500 { throw Broken() }
                }
            )
            #expect(report.failures.count == 2)
            #expect(report.failures.contains { $0.error is Broken && $0.values[0].text == "501" })
            #expect(report.failures.contains { $0.error is Crash && $0.values[0].text == "900" })
            // Variables outside see each case that is survived, or a part of it.
            #expect(runCount == report.executionCount)
        }
    }

    @Test func `what holds is looked at as often as ever`() async {
        await #expect(processExitsWith: .success) {
            var values: [Int] = []
            let summary = try check("it holds", settings: ForkTests.settings) { draw in
                values.append(try draw(.int()))
            }
            var others: [Int] = []
            try check("it holds", settings: PropertySettings(seed: 1)) { draw in
                others.append(try draw(.int()))
            }
            #expect(summary.passedCount == 500)
            #expect(values == others)
        }
    }

    /// A stock that is looked at on one side of a wait and taken from on the other.
    private actor Stock {
        private var count: Int

        init(_ count: Int) {
            self.count = count
        }

        func take() async {
            guard count > 0 else { return }
            await Task.yield()
            precondition(count > 0, "nothing is left")
            count -= 1
        }
    }

    @Test func `a trap in a task of a scheduled property is found and made simpler`() async {
        await #expect(processExitsWith: .success) {
            let error = await #expect(throws: PropertyError.self) {
                try await check("it is there", scheduled: .any, settings: ForkTests.settings) {
                    draw in
                    let stock = Stock(try draw(.int(in: 1...5), "stock"))
                    let takers = try draw(.int(in: 0...20), "takers")
                    let name = try draw(.text(), "name")
                    await withTaskGroup { group in
                        for _ in 0..<takers { group.addTask { await stock.take() } }
                    }
                    try draw.expect(name != "b")
                }
            }
            guard case .falsified(let report) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let failure = try #require(report.failures.first { $0.error is Crash })
            #expect(failure.values.map(\.text) == ["1", "2", "\"\""])
            #expect((failure.error as? Crash)?.diagnostics?.contains("nothing is left") == true)
            let known = Regression("it is there", token: failure.token)
            let again = await #expect(throws: PropertyError.self) {
                try await known.run {
                    try await check("it is there", scheduled: .any, settings: ForkTests.settings) {
                        draw in
                        let count = try draw(.int(in: 1...5), "stock")
                        let takers = try draw(.int(in: 0...20), "takers")
                        precondition(takers <= count)
                    }
                }
            }
            #expect("\(String(describing: again))".contains("Crash: the process was ended"))
        }
    }

    @Test func `a scheduled property that holds is looked at as often as ever`() async {
        await #expect(processExitsWith: .success) {
            var settings = ForkTests.settings
            settings.caseCountMax = 100
            let summary = try await check("it", scheduled: .delays(0), settings: settings) { draw in
                let stock = Stock(try draw(.int(in: 5...9)))
                await withTaskGroup { group in
                    for _ in 0..<5 { group.addTask { await stock.take() } }
                }
            }
            #expect(summary.passedCount == 100)
        }
    }

    @Test func `a property that waits is refused`() async {
        let error = await #expect(throws: PropertyError.self) {
            try await check("it holds", settings: Self.settings) { draw in
                _ = try draw(.int())
                await Task.yield()
            }
        }
        #expect(error?.description.contains("cannot run in a forked process") == true)
        #expect(error?.description.contains("check(_:scheduled:) with .delays(0)") == true)
    }
}
