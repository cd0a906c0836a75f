import Cairn
import CairnTestSupport
import Testing

extension ItemPolicy {
    /// Three attempts, a second apart.
    static func thrice(
        _ doubt: DoubtPolicy = .park,
        worksInSteps: Bool = false,
        durationMax: TimeSpan? = nil
    ) -> ItemPolicy {
        let retry = RetryPolicy(
            attemptCountMax: 3,
            initialDelay: .seconds(1),
            multiplierThousandths: 1_000,
            delayMax: .seconds(1),
            jitterThousandths: 0
        )
        return ItemPolicy(
            attempts: AttemptPolicy(retry: retry, durationMax: durationMax),
            doubt: doubt,
            worksInSteps: worksInSteps,
            timeout: .seconds(5)
        )
    }
}

extension TestSite {
    /// A person decides that the item `k` was not sent.
    func settleAsFailed() async throws {
        let decision = ItemSettlement(
            .failed,
            source: .person,
            by: "ada",
            reason: "the provider has no such message"
        )
        try await ItemDesk(journal).give(.settle(decision), to: try ItemKey("k").stream)
        #expect(try await state(of: "k").verdict().word == "failed_retryable")
    }

    /// Runs a job of the one item `k`; the clocks flow meanwhile.
    func run(
        _ policy: ItemPolicy,
        _ send: @escaping @Sendable (String, Attempt) async throws -> SendOutcome
    ) async throws -> JobReport {
        try await start(policy, send).value
    }

    func start(
        _ policy: ItemPolicy,
        isFlowing: Bool = true,
        _ send: @escaping @Sendable (String, Attempt) async throws -> SendOutcome
    ) -> Task<JobReport, any Error> {
        let (time, runner) = (time, runner())
        @Sendable func run() async throws -> JobReport {
            try await runner.run(
                job: "j",
                items: ["k"],
                key: { $0 },
                policy: JobPolicy(item: policy),
                send
            )
        }
        return Task { isFlowing ? try await time.flowing(run) : try await run() }
    }
}
