import Cairn
import CairnTestSupport
import CairnTesting
import MetricsTestKit
import Testing

/// Items are counted when something becomes of them, not each time that they are looked at.
struct ItemMetricsTests {
    private struct Broken: Error {}

    private let factory = TestMetrics()

    private func dispatch(
        _ site: TestSite,
        _ key: String,
        policy: ItemPolicy = .standard,
        waitMax: TimeSpan = .seconds(30),
        _ send: @escaping @Sendable (Attempt) async throws -> SendOutcome
    ) async throws -> DispatchResult {
        let interactions = Interactions(
            journal: site.journal,
            worker: site.worker,
            clock: site.time.clock,
            metrics: factory
        )
        return try await site.time.flowing(stepMax: .seconds(1)) {
            try await interactions.dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: key,
                policy: policy,
                waitMax: waitMax,
                send
            )
        }
    }

    private func verdicts() throws -> [String: Int64] {
        try KeyVerdict.words.reduce(into: [:]) { counts, word in
            let counter = try factory.expectCounter("cairn_key_verdicts", [("verdict", word)])
            if counter.totalValue > 0 { counts[word] = counter.totalValue }
        }
    }

    private func doubtCount() throws -> Int64 {
        try factory.expectCounter("cairn_items_in_doubt").totalValue
    }

    @Test func `a doubt is counted once, however often it is looked at`() async throws {
        let site = try await TestSite()
        let wait = ItemPolicy(doubt: .awaitCallback(until: .seconds(60)))
        let first = try await dispatch(site, "k", policy: wait) { _ in throw Broken() }
        guard case .waiting(.inDoubt) = first else {
            Issue.record("\(first)")
            return
        }
        #expect(try doubtCount() == 1)
        #expect(try verdicts() == ["in_doubt": 1])
        for _ in 0..<3 { _ = try await dispatch(site, "k") { _ in .accepted } }
        #expect(try doubtCount() == 1)
        #expect(try verdicts() == ["in_doubt": 4])
    }

    @Test func `a doubt is counted by the one who writes a loss down`() async throws {
        let site = try await TestSite()
        _ = try await site.interactions().dispatch(
            customer: "anna",
            channel: .email,
            template: "welcome",
            key: "other"
        ) { _ in .accepted }
        let content = try #require(try await site.state(of: "other").request?.content)
        let key = try ItemKey("k")
        try await ItemDesk(site.journal).give(
            .begin(ItemRequest(key: key, content: content), ItemDesk.hold(999), .standard),
            to: try key.stream
        )
        for _ in 0..<2 {
            guard case .inDoubt = try await dispatch(site, "k", { _ in .accepted }) else {
                Issue.record("it was sent")
                return
            }
        }
        #expect(try doubtCount() == 1)
    }

    @Test func `a runner counts where it is told to`() async throws {
        let site = try await TestSite()
        let runner = JobRunner(
            journal: site.journal,
            worker: site.worker,
            clock: site.time.clock,
            metrics: factory
        )
        _ = try await runner.run(
            job: "batch",
            items: ["a", "b"],
            reading: JobItems(key: { $0 }, content: { _ in [] })
        ) { item, _ in item == "a" ? .accepted : .rejected(isFinal: true, reason: "no") }
        #expect(try factory.expectCounter("cairn_sends").totalValue == 2)
        #expect(try verdicts() == ["done": 1, "failed_final": 1])
    }

    @Test func `one who waits is counted once`() async throws {
        let site = try await TestSite()
        let gate = Gate()
        let interactions = site.interactions()
        let first = Task {
            try await interactions.dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k"
            ) { _ in
                await gate.pass()
                return .accepted
            }
        }
        try await gate.arrivals(1)
        let second = try await dispatch(site, "k", waitMax: .seconds(10)) { _ in .accepted }
        guard case .waiting(.inFlight) = second else {
            Issue.record("\(second)")
            return
        }
        #expect(try verdicts() == ["in_flight": 1])
        gate.open()
        _ = try await first.value
        #expect(try await dispatch(site, "k") { _ in .accepted } == .skipped(ItemAcceptance()))
        #expect(try verdicts() == ["in_flight": 1, "done": 1])
        #expect(try doubtCount() == 0)
    }
}
