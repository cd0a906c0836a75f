public import ServiceLifecycle

/// A job as a service of swift-service-lifecycle: it runs once, and a graceful shutdown lets it
/// finish what is on its way and leaves the rest for the next start.
public struct JobService: Service {
    private let body: @Sendable () async throws -> Void

    /// Describes a job over items that are there.
    ///
    /// - Parameters:
    ///   - runner: What runs it.
    ///   - job: The job's name.
    ///   - items: What is to be done; the same items at every start.
    ///   - reading: What names each item, and what it stands for.
    ///   - policy: How items are sent.
    ///   - progress: Gets how far the run is, as ``JobRunner`` says.
    ///   - report: Gets what the run came to.
    ///   - send: What sends one item.
    public init<Items: Sequence & Sendable>(
        _ runner: JobRunner,
        job: String,
        items: Items,
        reading: JobItems<Items.Element>,
        policy: JobPolicy = .standard,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        report: @escaping @Sendable (JobReport) async -> Void = { _ in },
        send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) where Items.Element: Sendable {
        body = {
            await report(
                try await runner.run(
                    job: job,
                    items: items,
                    reading: reading,
                    policy: policy,
                    progress: progress,
                    send
                )
            )
        }
    }

    /// Describes a job over a sequence that may still be growing.
    public init<Items: AsyncSequence & Sendable>(
        _ runner: JobRunner,
        job: String,
        items: Items,
        reading: JobItems<Items.Element>,
        policy: JobPolicy = .standard,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        report: @escaping @Sendable (JobReport) async -> Void = { _ in },
        send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) where Items.Element: Sendable {
        body = {
            await report(
                try await runner.run(
                    job: job,
                    items: items,
                    reading: reading,
                    policy: policy,
                    progress: progress,
                    send
                )
            )
        }
    }

    public func run() async throws { try await body() }
}
