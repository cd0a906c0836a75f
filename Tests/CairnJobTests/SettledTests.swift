import Cairn
import CairnTestSupport
import Testing

/// What becomes of an item that a person decided not to have been sent.
struct SettledTests {
    private struct Broken: Error {}

    private func run(
        _ site: TestSite,
        _ attempts: AttemptPolicy,
        _ send: @escaping @Sendable (Attempt) throws -> SendOutcome
    ) async throws -> JobCounts {
        let runner = site.runner()
        let policy = JobPolicy(item: ItemPolicy(attempts: attempts))
        return try await site.time.flowing(stepMax: .seconds(1)) {
            try await runner.run(job: "job", items: ["k"], key: { $0 }, policy: policy) {
                _,
                attempt in
                try send(attempt)
            }
        }.counts
    }

    @Test func `the job's next run tries it again while an attempt is left`() async throws {
        let site = try await TestSite()
        #expect(try await run(site, .standard) { _ in throw Broken() }.parked == 1)
        try await site.settleAsFailed()
        let counts = try await run(site, .standard) { attempt in
            #expect(attempt.number == 2)
            return .accepted
        }
        #expect(counts.sent == 1)
    }

    @Test func `with its attempts used up it waits for a run that allows more`() async throws {
        let site = try await TestSite()
        #expect(try await run(site, .once) { _ in throw Broken() }.parked == 1)
        try await site.settleAsFailed()
        let counts = try await run(site, .once) { _ in
            Issue.record("it was sent beyond its attempts")
            return .accepted
        }
        #expect(counts.failed == 1)
        #expect(try await site.state(of: "k").verdict().word == "failed_retryable")
        #expect(try await run(site, .standard) { _ in .accepted }.sent == 1)
    }

    @Test func `what a person takes to decide is no time that it was tried for`() async throws {
        let site = try await TestSite()
        let policy = AttemptPolicy(retry: .standard, durationMax: .seconds(3_600))
        #expect(try await run(site, policy) { _ in throw Broken() }.parked == 1)
        site.time.advance(by: .seconds(86_400))
        try await site.settleAsFailed()
        #expect(try await run(site, policy) { _ in .accepted }.sent == 1)
    }

    @Test func `a dispatch that is called again sends it`() async throws {
        let site = try await TestSite()
        let policy = ItemPolicy(attempts: .once)
        func dispatch(
            _ send: @escaping @Sendable (Attempt) throws -> SendOutcome
        ) async throws -> DispatchResult {
            try await site.interactions().dispatch(
                customer: "anna",
                channel: .email,
                template: "welcome",
                key: "k",
                policy: policy
            ) { try send($0) }
        }
        guard case .inDoubt = try await dispatch({ _ in throw Broken() }) else {
            Issue.record("it is in no doubt")
            return
        }
        try await site.settleAsFailed()
        #expect(try await dispatch { _ in .accepted } == .sent(ItemAcceptance()))
        #expect(try await site.state(of: "k").attempts.count == 2)
    }
}
