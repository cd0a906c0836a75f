import CairnTesting
import Dispatch
import Synchronization
import Testing

/// Concurrent properties whose jobs take drawn turns.
struct ScheduleTests {
    /// An account that reads its balance on one side of a wait and writes it on the other.
    private actor Account {
        private(set) var balance = 0

        func deposit(_ amount: Int) async {
            let old = balance
            await Task.yield()
            balance = old + amount
        }
    }

    /// A number that anyone changes between two waits.
    private final class Cell: Sendable {
        private let number = Mutex(0)

        var value: Int { number.withLock { $0 } }

        func add(_ amount: Int) async {
            let old = value
            await Task.yield()
            number.withLock { $0 = old + amount }
        }
    }

    /// What happened, in order.
    private final class Trace: Sendable {
        private let names = Mutex<[String]>([])

        var text: String { names.withLock { $0.joined(separator: " ") } }

        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    private static let late: @Sendable (inout Draw) async throws -> Void = { draw in
        let account = Account()
        await withTaskGroup { group in
            group.addTask { await account.deposit(1) }
            group.addTask {
                // Late enough for the first deposit to be over, in the order of arrival.
                for _ in 0..<6 { await Task.yield() }
                await account.deposit(2)
            }
        }
        try draw.expect(await account.balance, equals: 3, "no deposit is lost")
    }

    private func report(
        _ schedule: Schedule,
        seed: UInt64 = 1,
        replaying tokens: [String] = [],
        _ body: @escaping @Sendable (inout Draw) async throws -> Void
    ) async throws -> PropertyReport {
        let settings = PropertySettings(seed: seed)
        do {
            try await check("it", scheduled: schedule, replaying: tokens, settings: settings, body)
        } catch PropertyError.falsified(let report) {
            return report
        }
        throw Broken()
    }

    @Test(arguments: UInt64(1)...10)
    func `a lost update is found and takes one departure`(seed: UInt64) async throws {
        for schedule in [Schedule.any, .delays(1), .delays(3)] {
            let report = try await report(schedule, seed: seed, Self.late)
            let notes = report.failures[0].notes.filter { $0.hasPrefix("schedule: ") }
            #expect(notes.count == 1 && notes[0].hasSuffix("is delayed"), "\(report)")
            // When to depart, in any order how to, and once more whether to.
            #expect(report.failures[0].choiceCount <= 3)
        }
    }

    @Test func `what the first order shows takes no departure`() async throws {
        let report = try await report(.any) { draw in
            let cell = Cell()
            async let first: Void = cell.add(1)
            async let second: Void = cell.add(2)
            _ = await (first, second)
            try draw.expect(cell.value, equals: 3)
        }
        #expect(report.failures[0].notes.isEmpty)
        #expect(report.failures[0].choiceCount == 1)
    }

    private static func run(_ trace: Trace) async {
        await withTaskGroup { group in
            for name in ["a", "b", "c", "d"] {
                group.addTask {
                    for step in 1...3 {
                        trace.add("\(name)\(step)")
                        await Task.yield()
                    }
                }
            }
        }
    }

    @Test func `a token repeats the same trace every time`() async throws {
        let report = try await report(.any) { draw in
            let trace = Trace()
            await Self.run(trace)
            try draw.expect(!trace.text.contains("d1 d2"))
        }
        let token = report.failures[0].token
        let traces = Mutex<[String: Int]>([:])
        let settings = PropertySettings(caseCountMax: 0, seed: 1)
        try await check(
            "it is repeated",
            scheduled: .any,
            replaying: Array(repeating: token, count: 10_000),
            settings: settings
        ) { _ in
            let trace = Trace()
            await Self.run(trace)
            traces.withLock { $0[trace.text, default: 0] += 1 }
        }
        let counts = traces.withLock { $0 }
        #expect(counts.values.sorted() == [10_000])
        #expect(counts.keys.first?.contains("d1 d2") == true)
    }

    @Test func `the simplest order is that of arrival, and all others come up`() async throws {
        let traces = Mutex<[String]>([])
        try await check("it", scheduled: .any, settings: PropertySettings(seed: 1)) { draw in
            let trace = Trace()
            await withTaskGroup { group in
                for name in ["a", "b", "c"] { group.addTask { trace.add(name) } }
            }
            traces.withLock { $0.append(trace.text) }
        }
        let found = traces.withLock { $0 }
        #expect(found.first == "a b c")
        #expect(Set(found).count == 6)
    }

    @Test func `data and order are one case`() async throws {
        let report = try await report(.delays(2)) { draw in
            let amounts = try draw(.array(of: .int(in: 0...100), count: 2...2), "amounts")
            let account = Account()
            await withTaskGroup { group in
                for (index, amount) in amounts.enumerated() {
                    group.addTask {
                        for _ in 0..<index * 6 { await Task.yield() }
                        await account.deposit(amount)
                    }
                }
            }
            try draw.expect(await account.balance, equals: amounts.reduce(0, +))
        }
        #expect(report.failures[0].values[0].text == "[0, 1]")
        #expect(report.failures[0].notes.count == 1)
        let again = try await self.report(.delays(2), replaying: [report.failures[0].token]) {
            draw in
            let amounts = try draw(.array(of: .int(in: 0...100), count: 2...2), "amounts")
            try draw.expect(amounts != [0, 1], "it is repeated")
        }
        #expect(again.failures[0].values[0].text == "[0, 1]")
    }

    @Test func `a deadlock is a failure, whether or not its tasks can be cancelled`() async throws {
        let polite = try await report(.any) { _ in
            let (stream, continuation) = AsyncStream<Int>.makeStream()
            for await _ in stream {}
            continuation.finish()
        }
        guard case .deadlock? = polite.failures[0].error as? ScheduleFailure else {
            Issue.record("\(polite)")
            return
        }
        let rude = try await report(.any) { draw in
            let isStuck = try draw(.bool(), "is stuck")
            await withUnsafeContinuation { if !isStuck { $0.resume() } }
        }
        #expect(rude.failures[0].error is ScheduleFailure)
        #expect(rude.failures[0].values[0].text == "true")
    }

    @Test func `a case that never ends is a failure`() async throws {
        var schedule = Schedule.any
        schedule.jobCountMax = 500
        let report = try await report(schedule) { _ in while true { await Task.yield() } }
        #expect(report.failures[0].error as? ScheduleFailure == .endless(jobCountMax: 500))
    }

    @Test func `a job from elsewhere is waited for`() async throws {
        var schedule = Schedule.any
        schedule.patience = .seconds(60)
        let settings = PropertySettings(caseCountMax: 50, seed: 1)
        let summary = try await check("it", scheduled: schedule, settings: settings) { draw in
            _ = try draw(.int())
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async { continuation.resume() }
            }
        }
        #expect(summary.passedCount == 50)
    }

    @Test func `a search that is cancelled says so`() async {
        let search = Task {
            do {
                withUnsafeCurrentTask { $0?.cancel() }
                try await check("it", scheduled: .any) { draw in _ = try draw(.int()) }
                return "it holds"
            } catch {
                return "\(error)"
            }
        }
        #expect(await search.value.hasPrefix("not looked at to the end: it"))
    }
}
