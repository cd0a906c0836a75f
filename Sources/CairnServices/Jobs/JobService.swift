public import ServiceLifecycle

/// A job as a service of swift-service-lifecycle: it runs once, and a graceful shutdown lets it
/// finish what is on its way and leaves the rest for the next start.
public struct JobService<Items: Sequence & Sendable>: Service where Items.Element: Sendable {
    private let runner: JobRunner
    private let job: String
    private let items: Items
    private let reading: JobItems<Items.Element>
    private let policy: JobPolicy
    private let report: @Sendable (JobReport) async -> Void
    private let send: @Sendable (Items.Element, Attempt) async throws -> SendOutcome

    /// Describes the job.
    ///
    /// - Parameters:
    ///   - runner: What runs it.
    ///   - job: The job's name.
    ///   - items: What is to be done; the same items at every start.
    ///   - reading: What names each item, and what it stands for.
    ///   - policy: How items are sent.
    ///   - report: Gets what the run came to.
    ///   - send: What sends one item.
    public init(
        _ runner: JobRunner,
        job: String,
        items: Items,
        reading: JobItems<Items.Element>,
        policy: JobPolicy = .standard,
        report: @escaping @Sendable (JobReport) async -> Void = { _ in },
        send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) {
        self.runner = runner
        self.job = job
        self.items = items
        self.reading = reading
        self.policy = policy
        self.report = report
        self.send = send
    }

    public func run() async throws {
        await report(
            try await runner.run(job: job, items: items, reading: reading, policy: policy, send)
        )
    }
}
