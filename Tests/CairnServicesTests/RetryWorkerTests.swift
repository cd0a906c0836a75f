import CairnCore
import CairnDomains
import CairnJournal
import CairnServices
import CairnTestSupport
import CairnTesting
import Synchronization
import Testing

/// Due retries go to one worker each, and come back when that worker is lost.
struct RetryWorkerTests {
    let journal = MemoryJournal()
    let wall = ManualClock()
    /// The boot clock, which only the tests move.
    let boot = ManualClock(at: .unixEpoch)

    private var clock: ServiceClock {
        ServiceClock(
            now: { [wall] in wall.now },
            boot: { [boot] in BootInstant(boot: 1, nanoseconds: boot.now.nanoseconds) },
            sleep: { _ in }
        )
    }

    /// Requests that failed in VALIDATION and are due a minute later.
    private func fail(_ requests: String..., attempt: Int64 = 1) async throws {
        let tracker = PipelineTracker(journal: journal)
        for request in requests {
            try await tracker.started(request, tenant: "t", stage: "VALIDATION")
            try await tracker.failed(
                request,
                tenant: "t",
                stage: "VALIDATION",
                nextRetryAt: wall.now.adding(.seconds(60))
            ) { $0.attempt = attempt }
        }
    }

    private func worker() async throws -> (RetryWorker, Worker) {
        let worker = try await Worker.join(journal, clock: clock)
        return (RetryWorker(journal: journal, worker: worker, clock: clock), worker)
    }

    private func report() -> PipelineCommand {
        PipelineCommand(.recordStart, PipelineReport(tenant: "t", stage: "VALIDATION"))
    }

    @Test func `each retry goes to exactly one worker, when it is due`() async throws {
        try await fail("a", "b", "c")
        let (first, _) = try await worker()
        let (second, _) = try await worker()
        #expect(try await first.nextDue().isEmpty)
        wall.advance(by: .seconds(61))
        let taken = try await first.nextDue(limit: 2)
        let rest = try await second.nextDue()
        #expect(taken.map(\.request) == ["a", "b"])
        #expect(rest.map(\.request) == ["c"])
        #expect(taken.map(\.grant.attempt) == [2, 2])
        #expect(try await first.nextDue().isEmpty)
        #expect(try await second.nextDue(tenant: "other").isEmpty)
    }

    @Test func `many workers at once share the due retries without overlap`() async throws {
        let names = (0..<60).map { "r\($0)" }
        for name in names { try await fail(name) }
        wall.advance(by: .seconds(61))
        // One that ends before the others would have its leases taken over.
        var workers: [(RetryWorker, Worker)] = []
        for _ in 0..<6 { workers.append(try await worker()) }
        defer { for (_, worker) in workers { worker.leave() } }
        let all = workers.map(\.0)
        let leases = try await withThrowingTaskGroup(of: [RetryLease].self) { group in
            for retries in all {
                group.addTask {
                    var taken: [RetryLease] = []
                    while true {
                        let next = try await retries.nextDue(limit: 7)
                        if next.isEmpty { return taken }
                        taken += next
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(leases.map(\.request).sorted() == names.sorted())
    }

    @Test func `a retry that is made good while a call looks at it is not given`() async throws {
        try await fail("a")
        wall.advance(by: .seconds(61))
        let worker = try await Worker.join(journal, clock: clock)
        let both = Mutex<RetryWorker?>(nil)
        let tracker = PipelineTracker(journal: journal)
        let isFirst = Mutex(true)
        let hooked = HookedLeases(base: journal) {
            let isFirst = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard isFirst, let retries = both.withLock({ $0 }) else { return }
            // Another process has done the stage, and a second call reads so.
            _ = try? await tracker.completed("a", tenant: "t", stage: "VALIDATION")
            let second = try? await retries.nextDue()
            #expect(second?.isEmpty == true)
        }
        let retries = RetryWorker(journal: hooked, worker: worker, clock: clock)
        both.withLock { $0 = retries }
        #expect(try await retries.nextDue().isEmpty)
        #expect(isFirst.withLock { !$0 }, "nothing was looked at")
    }

    @Test func `a lease that is over, or whose worker is gone, is taken over as an attempt`()
        async throws
    {
        try await fail("a")
        wall.advance(by: .seconds(61))
        let (first, _) = try await worker()
        let (second, lost) = try await worker()
        let (third, _) = try await worker()
        let old = try await first.nextDue(lease: .seconds(10))
        boot.advance(by: .seconds(9))
        #expect(try await second.nextDue().isEmpty)
        boot.advance(by: .seconds(1))
        let second1 = try await second.nextDue(lease: .seconds(1_000))
        #expect(second1.map(\.grant.attempt) == [3])
        #expect(second1.map(\.grant.takeoverCount) == [1])
        lost.leave()
        let third1 = try await third.nextDue()
        #expect(third1.map(\.grant.attempt) == [4])
        // Whoever lost it can report nothing more; whoever has it can.
        let lease = try #require(old.first)
        await #expect(throws: PipelineTrackerError.leaseLost(stage: "VALIDATION")) {
            try await first.record(report(), under: lease)
        }
        let recording = try await third.record(report(), under: try #require(third1.first))
        #expect(recording.state.current?.status == .started)
        #expect(try await third.nextDue().isEmpty)
    }

    @Test func `a wall clock that jumps a year moves no lease`() async throws {
        try await fail("a")
        wall.advance(by: .seconds(61))
        let (first, _) = try await worker()
        let (second, _) = try await worker()
        #expect(try await first.nextDue(lease: .seconds(10)).count == 1)
        wall.advance(by: .seconds(365 * 86_400))
        #expect(try await second.nextDue().isEmpty)
        wall.advance(by: .seconds(-2 * 365 * 86_400))
        #expect(try await second.nextDue().isEmpty)
    }

    @Test func `after a clock that was a year ahead a retry is due in time`() async throws {
        let journal = MemoryJournal(clock: { [wall] in wall.now })
        let tracker = PipelineTracker(journal: journal)
        wall.advance(by: .seconds(365 * 86_400))
        try await tracker.started("a", tenant: "t", stage: "VALIDATION")
        wall.advance(by: .seconds(-365 * 86_400))
        try await tracker.failed("a", tenant: "t", stage: "VALIDATION")
        let recording = try await tracker.retryScheduled("a", tenant: "t", stage: "VALIDATION")
        let due = try #require(recording.state.current?.nextRetryAt)
        #expect(due.since(wall.now) <= PipelineDefinition.priorAuthorization.retry.delayMax)
    }

    @Test func `a worker that left takes no lease`() async throws {
        try await fail("a")
        wall.advance(by: .seconds(61))
        let (retries, worker) = try await worker()
        worker.leave()
        await #expect(throws: PipelineTrackerError.workerLeft) { try await retries.nextDue() }
    }

    @Test func `a request that is lost as often as its policy allows attempts is left alone`()
        async throws
    {
        try await fail("a")
        wall.advance(by: .seconds(61))
        var leaseCount = 0
        for _ in 0..<10 {
            let (retries, worker) = try await worker()
            leaseCount += try await retries.nextDue().count
            worker.leave()
        }
        // Five attempts: the one that failed, and four that were lost.
        #expect(leaseCount == 4)
    }

    @Test func `what was tried again or made good meanwhile is not handed out`() async throws {
        try await fail("a", "b")
        wall.advance(by: .seconds(61))
        let (retries, _) = try await worker()
        let tracker = PipelineTracker(journal: journal)
        try await tracker.completed("a", tenant: "t", stage: "VALIDATION")
        try await tracker.started("b", tenant: "t", stage: "VALIDATION")
        #expect(try await retries.nextDue().isEmpty)
    }

    @Test func `what has no attempt left starves nothing that is due after it`() async throws {
        try await fail("poison-1", "poison-2", attempt: 5)
        wall.advance(by: .seconds(1))
        try await fail("a", "b", "c")
        wall.advance(by: .seconds(61))
        let (retries, _) = try await worker()
        #expect(try await retries.nextDue(limit: 1).map(\.request) == ["a"])
        #expect(try await retries.nextDue(limit: 2).map(\.request) == ["b", "c"])
        #expect(try await retries.nextDue(limit: 1).isEmpty)
    }

    @Test func `an attempt at the end of the numbers is no attempt that is left`() async throws {
        try await fail("a", attempt: .max)
        try await fail("b", attempt: .min)
        wall.advance(by: .seconds(61))
        let (retries, _) = try await worker()
        #expect(try await retries.nextDue().map(\.request) == ["b"])
    }

    @Test func `no row that cannot be read is passed over`() async throws {
        try await fail("a", "b")
        // The request was made good, by a program whose rows this one cannot read.
        let stream = try StreamID("pipeline/a")
        let row = try NewEvent(type: "pipeline", occurredAt: .unixEpoch, payload: [0xFF])
        let position = try await journal.append(row, to: stream).position
        try await fail("c")
        wall.advance(by: .seconds(61))
        let (retries, _) = try await worker()
        for _ in 0..<2 {
            let error = await #expect(throws: PipelineTrackerError.self) {
                try await retries.nextDue()
            }
            guard case .unreadable(position, _) = error else {
                Issue.record("\(error.map { "\($0)" } ?? "nothing was thrown")")
                continue
            }
        }
    }

    @Test func `an event of a request that nobody knows is no reason to try it again`()
        async throws
    {
        try await fail("a")
        let event = try NewEvent(type: "row.from_tomorrow", occurredAt: .unixEpoch, payload: [])
        try await journal.append(event, to: try StreamID("elsewhere/a"))
        let (retries, _) = try await worker()
        #expect(try await retries.nextDue().isEmpty)
        let position = try await journal.append(event, to: try StreamID("pipeline/a")).position
        wall.advance(by: .seconds(61))
        let error = PipelineTrackerError.unreadable(
            position: position,
            error: .unknownType("row.from_tomorrow")
        )
        for _ in 0..<2 {
            await #expect(throws: error) { try await retries.nextDue() }
        }
    }

    @Test func `a lease's fence is its place among the leases, whatever else stands there`()
        async throws
    {
        try await fail("a")
        wall.advance(by: .seconds(61))
        let note = try NewEvent(
            type: "retry.from_tomorrow",
            occurredAt: .unixEpoch,
            mayBeIgnored: true,
            payload: []
        )
        let leases = try RetryLeaseMachine.stream(request: "a")
        try await journal.append(note, to: leases)
        let (retries, _) = try await worker()
        let lease = try #require(try await retries.nextDue().first)
        #expect(lease.grant.fence.rawValue == 2)
        #expect(try await journal.lastSequence(of: leases).rawValue == 2)
        try await retries.record(report(), under: lease)
    }
}

/// A journal that runs something when a stream of leases is read.
private final class HookedLeases: ForwardingJournal {
    let base: any Journal
    private let onRead: @Sendable () async -> Void

    init(base: any Journal, onRead: @escaping @Sendable () async -> Void) {
        self.base = base
        self.onRead = onRead
    }

    func willRead(_ stream: StreamID) async throws(JournalError) {
        if stream.kind == RetryLeaseMachine.streamKind { await onRead() }
    }
}
