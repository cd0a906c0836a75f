import CairnCore
import CairnJournal
import Synchronization
import Testing

@testable import CairnTesting

/// Journals that fail where a case draws it.
struct FaultyJournalTests {
    private static let contract = JournalContract(
        make: { clock in FaultyJournal(MemoryJournal(clock: { clock.now })) },
        reopen: { journal, _ in
            guard let journal = journal as? FaultyJournal<MemoryJournal> else { return journal }
            return FaultyJournal(try journal.base.reopened())
        }
    )

    @Test(arguments: contract.checks)
    func `without faults it keeps the contract`(_ check: ContractCheck) async throws {
        try await Self.contract.run(check)
    }

    /// Dispatches some messages, each until it is done, and looks at what came of it.
    private static func deliver(
        _ flaw: SmallSender.Flaw,
        _ draw: inout Draw,
        _ faults: FaultPlan = FaultPlan()
    ) async throws {
        let journal = FaultyJournal(MemoryJournal(), faults: faults, &draw)
        let provider = SmallSender.Provider()
        let sender = SmallSender(journal: journal, provider: provider, flaw: flaw)
        let keys = try draw(.array(of: .int(in: 0...2), count: 0...6), "keys")
        var done: Set<Int> = []
        for key in keys {
            do {
                try await sender.dispatch(key)
                done.insert(key)
            } catch is JournalError {
                if journal.isDown { try await journal.restart() }
            }
        }
        for key in Set(keys).sorted() {
            try draw.expect(provider.sendCount(of: key) <= 1, "a message is sent once")
            let last = try await journal.base.lastSequence(of: SmallSender.stream(key))
            try draw.expect(last.rawValue <= 2, "each fact is stored once")
            if done.contains(key) {
                try draw.expect(last.rawValue == 2, "what was acknowledged is there")
            }
        }
    }

    private func report(
        seed: UInt64 = 1,
        _ body: (inout Draw) async throws -> Void
    ) async throws -> PropertyReport {
        do {
            let settings = PropertySettings(seed: seed, failureCountMax: 1)
            try await check("messages are sent once", settings: settings, body)
        } catch PropertyError.falsified(let report) {
            return report
        }
        throw Broken()
    }

    @Test func `an engine that is right passes under all faults`() async throws {
        let settings = PropertySettings(caseCountMax: 5_000, seed: 1)
        let summary = try await check("messages are sent once", settings: settings) { draw in
            try await Self.deliver(.none, &draw)
        }
        #expect(summary.passedCount == 5_000)
    }

    @Test(arguments: UInt64(1)...5)
    func `one that sends first is caught by one fault`(seed: UInt64) async throws {
        let report = try await report(seed: seed) { try await Self.deliver(.sendsFirst, &$0) }
        let failure = report.failures[0]
        #expect(failure.values.map(\.text) == ["[0, 0]"])
        #expect(failure.notes == ["fault: turn 1: outOfSpace"])
        #expect("\(failure.error)".hasPrefix("a message is sent once"))
    }

    @Test(arguments: UInt64(1)...5)
    func `one that does not look up is caught by one lost reply`(seed: UInt64) async throws {
        let report = try await report(seed: seed) { try await Self.deliver(.doesNotLookUp, &$0) }
        let failure = report.failures[0]
        #expect(failure.values.map(\.text) == ["[0]"])
        #expect(failure.notes == ["fault: turn 1: lostReply"])
        #expect("\(failure.error)".hasPrefix("each fact is stored once"))
    }

    @Test func `the simplest case has no fault, and all of them come up`() throws {
        var notes: [Fault: Int] = [:]
        var first: Fault??
        let plan = FaultPlan(clock: ManualClock())
        let settings = PropertySettings(caseCountMax: 500, seed: 1)
        try check("faults are drawn", settings: settings) { draw in
            let source = FaultSource(plan, tape: draw.tape)
            var count = 0
            for _ in 0..<20 {
                let fault = source.next()
                first = first ?? .some(fault)
                if let fault {
                    notes[fault, default: 0] += 1
                    count += 1
                }
            }
            try draw.expect(count <= plan.countMax)
        }
        #expect(first == .some(nil))
        #expect(Set(notes.keys) == Set(Fault.allCases))
    }

    /// Makes one append under one fault at once, and hands over what is left.
    private func append(
        under fault: Fault,
        clock: ManualClock = ManualClock(),
        _ body: (FaultyJournal<MemoryJournal>, JournalError?) async throws -> Void
    ) async throws {
        // How many turns until the fault, which fault, and how far a clock jumps.
        let token = ReplayToken([.integer(1), .integer(0), .integer(1_000)]).text
        let plan = FaultPlan([fault], countMax: 1, clock: clock)
        let settings = PropertySettings(caseCountMax: 0, seed: 1)
        try await check("it", replaying: [token], settings: settings) { draw in
            let base = MemoryJournal(clock: { clock.now })
            let journal = FaultyJournal(base, faults: plan, &draw)
            let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
            let stream = try SmallSender.stream(1)
            var error: JournalError?
            do throws(JournalError) {
                try await journal.append(event, to: stream)
            } catch let thrown {
                error = thrown
            }
            try await body(journal, error)
        }
    }

    @Test(arguments: [Fault.outOfSpace, .busy, .lostTurn])
    func `a turn that fails has done nothing and may be tried again`(fault: Fault) async throws {
        try await append(under: fault) { journal, error in
            #expect(error != nil && !journal.isDown)
            let head = try await journal.head()
            #expect(head.lastPosition == .zero)
            let event = try NewEvent(type: "noted", occurredAt: .unixEpoch, payload: [])
            let receipt = try await journal.append(event, to: SmallSender.stream(1))
            #expect(receipt.position.rawValue == 1 && !receipt.isDuplicate)
        }
    }

    @Test func `a lost reply leaves what was appended`() async throws {
        try await append(under: .lostReply) { journal, error in
            #expect(error == .outcomeUnknown && !journal.isDown)
            let head = try await journal.head()
            #expect(head.lastPosition.rawValue == 1)
        }
    }

    @Test(arguments: [
        (Fault.crashBefore, JournalError.closed, UInt64(0)),
        (.crashAfter, .closed, 1),
        (.inputOutput, .poisoned, 0),
    ])
    func `what is down stays down until it is restarted, and nothing durable is lost`(
        fault: Fault,
        expected: JournalError,
        count: UInt64
    ) async throws {
        try await append(under: fault) { journal, error in
            #expect(error != nil && journal.isDown)
            await #expect(throws: expected) { try await journal.head() }
            await #expect(throws: expected) { try await journal.receipt(of: EventID("a")) }
            await #expect(throws: expected) {
                try await journal.forEachEvent { _, _ in .proceed }
            }
            try await journal.restart()
            let head = try await journal.head()
            #expect(head.lastPosition.rawValue == count)
        }
    }

    @Test func `a clock that jumps moves recorded times forward only`() async throws {
        let start = Timestamp(nanoseconds: 1_000_000)
        for (fault, expected) in [(Fault.clockForward, 1_001_000), (.clockBack, 999_000)] {
            let clock = ManualClock(at: start)
            try await append(under: fault, clock: clock) { journal, error in
                #expect(error == nil)
                #expect(clock.now == Timestamp(nanoseconds: Int64(expected)))
                let head = try await journal.head()
                #expect(head.lastRecordedAt == clock.now)
            }
        }
        #expect(!FaultPlan().faults.contains(.clockBack))
    }

    @Test func `faults and schedules are drawn in one case`() async throws {
        do {
            let settings = PropertySettings(seed: 1, failureCountMax: 1)
            try await check("once", scheduled: .delays(2), settings: settings) { draw in
                let journal = FaultyJournal(MemoryJournal(), faults: FaultPlan(), &draw)
                let provider = SmallSender.Provider()
                let sender = SmallSender(journal: journal, provider: provider, flaw: .none)
                await withTaskGroup { group in
                    for _ in 0..<2 {
                        group.addTask {
                            await Task.yield()
                            try? await sender.dispatch(1)
                            await Task.yield()
                            if journal.isDown { try? await journal.restart() }
                            try? await sender.dispatch(1)
                        }
                    }
                }
                let isDone = try await journal.base.receipt(of: EventID("sent-1-1")) != nil
                try draw.expect(isDone, "it is done in the end")
            }
            Issue.record("two tries were enough for three faults")
        } catch {
            guard case .falsified(let report) = error else { throw error }
            // Two tries of each of two tasks fail by no less than the faults that a case may have.
            #expect(report.failures[0].notes.contains { $0.hasPrefix("fault: ") })
        }
    }
}

/// What a receiver gets of what was sent.
struct DeliveryTests {
    @Test func `the simplest delivery is each one in order`() throws {
        let first = try values(of: .deliveries(of: [1, 2, 3]), caseCount: 1)
        #expect(first == [[1, 2, 3]])
    }

    @Test func `everything comes at least once, in any order, and some of it again`() throws {
        let found = try values(of: .deliveries(of: [1, 2, 3], repetitionCountMax: 2))
        #expect(found.allSatisfy { Set($0) == [1, 2, 3] && $0.count <= 5 })
        #expect(Set(found.filter { $0.count == 3 }).count == 6)
        #expect(Set(found.map(\.count)) == [3, 4, 5])
        let none = try values(of: .deliveries(of: [Int]()), caseCount: 5)
        #expect(none.allSatisfy { $0 == [] })
    }

    @Test func `a fold that minds repetitions is shown one`() {
        let text = minimal(.deliveries(of: [1, 2, 3])) { $0.reduce(0, +) != 6 }
        #expect(text == "[1, 2, 3, 1]")
    }

    @Test func `a fold that minds the order is shown one exchange`() {
        let text = minimal(.deliveries(of: [1, 2, 3])) { $0.last != 3 && $0.count == 3 }
        #expect(text == "[1, 3, 2]")
    }
}
