import Cairn
import CairnTestSupport
import CairnTesting
import Logging
import MetricsTestKit
import ServiceLifecycle
import Synchronization
import Testing

/// What is told of a journal by the clock.
@Suite(.timeLimit(.minutes(5)))
struct OperatingGaugesTests {
    private let factory = TestMetrics()
    private let told = ToldLines()

    /// Runs gauges that do something instead of each rest, and end with the last one.
    private func run(
        _ journal: any Journal,
        _ clock: ManualClock,
        _ steps: [@Sendable () async throws -> Void]
    ) async -> [TimeSpan] {
        let rests = Mutex<[TimeSpan]>([])
        let gauges = OperatingGauges(
            journal,
            every: .seconds(30),
            clock: ServiceClock(
                now: { clock.now },
                boot: ServiceClock.system.boot,
                sleep: { span in
                    let number = rests.withLock { known in
                        known.append(span)
                        return known.count
                    }
                    guard number <= steps.count else { throw CancellationError() }
                    try await steps[number - 1]()
                }
            ),
            logger: Logger(label: "gauges") { [told] _ in told },
            metrics: factory
        )
        await gauges.run()
        return rests.withLock { $0 }
    }

    @Test func `a request gets stuck by the clock alone, and an event makes it good`()
        async throws
    {
        let clock = ManualClock()
        let journal = MemoryJournal(clock: { clock.now })
        let tracker = PipelineTracker(journal: journal)
        try await tracker.started("R-1", tenant: "t", stage: "PARSING")
        let rests = await run(
            journal,
            clock,
            [
                { clock.advance(by: .seconds(901)) },
                { try await tracker.completed("R-1", tenant: "t", stage: "PARSING") },
                { clock.advance(by: .seconds(86_400)) },
            ]
        )
        #expect(rests == [.seconds(30), .seconds(30), .seconds(30), .seconds(30)])
        #expect(try factory.expectGauge("cairn_stuck_requests").values == [0, 1, 0, 0])
        #expect(try factory.expectGauge("cairn_events_last_day").values == [1, 1, 2, 0])
        #expect(try factory.expectGauge("cairn_metadata_bytes").values == [0, 0, 0, 0])
        #expect(told.levels.isEmpty)
    }

    @Test func `what fails is counted, told once, and told again once it works`() async throws {
        let clock = ManualClock()
        let journal = SilentJournal()
        try await PipelineTracker(journal: journal).started("R-1", tenant: "t", stage: "PARSING")
        _ = await run(
            journal,
            clock,
            [
                { journal.isSilent.store(true, ordering: .relaxed) },
                {},
                { journal.isSilent.store(false, ordering: .relaxed) },
            ]
        )
        #expect(try factory.expectCounter("cairn_gauges_failed").totalValue == 2)
        #expect(try factory.expectGauge("cairn_stuck_requests").values.count == 2)
        #expect(told.levels == [.error, .debug, .notice])
    }

    @Test func `gauges end with the services that they are among`() async throws {
        let journal = MemoryJournal()
        let gauges = OperatingGauges(
            journal,
            logger: Logger(label: "gauges") { [told] _ in told },
            metrics: factory
        )
        let group = ServiceGroup(services: [gauges], logger: Logger(label: "group") { _ in told })
        let run = Task { try await group.run() }
        try await eventually { (try? factory.expectGauge("cairn_stuck_requests").lastValue) == 0 }
        await group.triggerGracefulShutdown()
        try await run.value
    }
}

/// A journal whose head cannot be read at times.
private final class SilentJournal: ForwardingJournal {
    let base: any Journal = MemoryJournal()
    let isSilent = Atomic(false)

    func head() async throws(JournalError) -> JournalHead {
        guard !isSilent.load(ordering: .relaxed) else { throw .closed }
        return try await base.head()
    }
}
