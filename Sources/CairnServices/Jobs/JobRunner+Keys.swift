extension JobRunner {
    /// Runs a job whose items are named by a key each, and compared by all that they encode.
    ///
    /// An item that encodes otherwise than in the run that sent it was changed, and is not sent;
    /// ``JobItems/encoded(key:message:)`` says what that asks of items.
    public func run<Items: Sequence & Sendable>(
        job: String,
        items: Items,
        key: @escaping @Sendable (Items.Element) -> String,
        policy: JobPolicy = .standard,
        concurrency: Int? = nil,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        _ send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) async throws(JobError) -> JobReport where Items.Element: Encodable & Sendable {
        try await run(
            job: job,
            items: items,
            reading: JobItems.encoded(key: key),
            policy: policy,
            concurrency: concurrency,
            progress: progress,
            send
        )
    }

    /// Runs a job over a sequence that may still be growing, whose items are named by a key each
    /// and compared by all that they encode.
    public func run<Items: AsyncSequence & Sendable>(
        job: String,
        items: Items,
        key: @escaping @Sendable (Items.Element) -> String,
        policy: JobPolicy = .standard,
        concurrency: Int? = nil,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        _ send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) async throws(JobError) -> JobReport where Items.Element: Encodable & Sendable {
        try await run(
            job: job,
            items: items,
            reading: JobItems.encoded(key: key),
            policy: policy,
            concurrency: concurrency,
            progress: progress,
            send
        )
    }

    /// Runs a job whose items are named by a key each.
    ///
    /// Nothing of them is compared, because they cannot be encoded: what was changed is not seen.
    public func run<Items: Sequence & Sendable>(
        job: String,
        items: Items,
        key: @escaping @Sendable (Items.Element) -> String,
        policy: JobPolicy = .standard,
        concurrency: Int? = nil,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        _ send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) async throws(JobError) -> JobReport where Items.Element: Sendable {
        try await run(
            job: job,
            items: items,
            reading: JobItems(key: key),
            policy: policy,
            concurrency: concurrency,
            progress: progress,
            send
        )
    }

    /// Runs a job over a sequence that may still be growing, whose items are named by a key each
    /// and not compared.
    public func run<Items: AsyncSequence & Sendable>(
        job: String,
        items: Items,
        key: @escaping @Sendable (Items.Element) -> String,
        policy: JobPolicy = .standard,
        concurrency: Int? = nil,
        progress: (@Sendable (JobProgress) -> Void)? = nil,
        _ send: @escaping @Sendable (Items.Element, Attempt) async throws -> SendOutcome
    ) async throws(JobError) -> JobReport where Items.Element: Sendable {
        try await run(
            job: job,
            items: items,
            reading: JobItems(key: key),
            policy: policy,
            concurrency: concurrency,
            progress: progress,
            send
        )
    }
}
