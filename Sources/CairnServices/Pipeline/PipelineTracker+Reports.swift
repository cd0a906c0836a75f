public import CairnCore
public import CairnDomains

extension PipelineTracker {
    /// Records that a stage of a request began.
    ///
    /// A stage that failed before, or waits for its retry, begins its next attempt.
    ///
    /// - Parameters:
    ///   - request: The request's id, `pagw_id`.
    ///   - tenant: Whose request it is.
    ///   - stage: The stage, by its name or an alias.
    ///   - eventType: The `event_type`; nil for the stage's own word for this.
    ///   - metadata: JSON text, kept byte for byte.
    ///   - workerID: The pod or function that reports.
    ///   - sequenceNumber: The row's `sequence_no`, if the caller numbers its rows; makes
    ///     repeating the call safe.
    ///   - change: Fills the remaining columns.
    /// - Returns: Where the row stands and the state that the request then has.
    /// - Throws: ``PipelineTrackerError``, as all of these do.
    @discardableResult
    public func started(
        _ request: String,
        tenant: String,
        stage: String,
        eventType: String? = nil,
        metadata: String? = nil,
        workerID: String? = nil,
        sequenceNumber: Int64? = nil,
        _ change: (inout PipelineReport) -> Void = { _ in }
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        var report = PipelineReport(tenant: tenant, stage: stage)
        report.fill(eventType, metadata, workerID, sequenceNumber)
        change(&report)
        return try await record(PipelineCommand(.recordStart, report), of: request)
    }

    /// Records that a stage of a request succeeded.
    @discardableResult
    public func completed(
        _ request: String,
        tenant: String,
        stage: String,
        eventType: String? = nil,
        durationMilliseconds: Int64? = nil,
        metadata: String? = nil,
        workerID: String? = nil,
        sequenceNumber: Int64? = nil,
        _ change: (inout PipelineReport) -> Void = { _ in }
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        var report = PipelineReport(tenant: tenant, stage: stage)
        report.fill(eventType, metadata, workerID, sequenceNumber)
        report.durationMilliseconds = durationMilliseconds
        change(&report)
        return try await record(PipelineCommand(.recordCompletion, report), of: request)
    }

    /// Records that a stage of a request failed.
    @discardableResult
    public func failed(
        _ request: String,
        tenant: String,
        stage: String,
        eventType: String? = nil,
        errorCode: String? = nil,
        errorMessage: String? = nil,
        retryable: Bool = true,
        nextRetryAt: Timestamp? = nil,
        durationMilliseconds: Int64? = nil,
        metadata: String? = nil,
        workerID: String? = nil,
        sequenceNumber: Int64? = nil,
        _ change: (inout PipelineReport) -> Void = { _ in }
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        var report = PipelineReport(tenant: tenant, stage: stage)
        report.fill(eventType, metadata, workerID, sequenceNumber)
        report.errorCode = errorCode
        report.errorMessage = errorMessage
        report.isRetryable = retryable
        report.nextRetryAt = nextRetryAt
        report.durationMilliseconds = durationMilliseconds
        change(&report)
        return try await record(PipelineCommand(.recordFailure, report), of: request)
    }

    /// Records that a stage of a request is not needed.
    @discardableResult
    public func skipped(
        _ request: String,
        tenant: String,
        stage: String,
        eventType: String? = nil,
        metadata: String? = nil,
        workerID: String? = nil,
        sequenceNumber: Int64? = nil,
        _ change: (inout PipelineReport) -> Void = { _ in }
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        var report = PipelineReport(tenant: tenant, stage: stage)
        report.fill(eventType, metadata, workerID, sequenceNumber)
        change(&report)
        return try await record(PipelineCommand(.recordSkip, report), of: request)
    }

    /// Records that a failed stage will be tried again.
    ///
    /// Without an instant the stage's retry policy chooses one, by the number of the attempt and
    /// with jitter, and refuses where no attempt is left.
    @discardableResult
    public func retryScheduled(
        _ request: String,
        tenant: String,
        stage: String,
        eventType: String? = nil,
        nextRetryAt: Timestamp? = nil,
        metadata: String? = nil,
        workerID: String? = nil,
        sequenceNumber: Int64? = nil,
        _ change: (inout PipelineReport) -> Void = { _ in }
    ) async throws(PipelineTrackerError) -> PipelineRecording {
        var report = PipelineReport(tenant: tenant, stage: stage)
        report.fill(eventType, metadata, workerID, sequenceNumber)
        report.nextRetryAt = nextRetryAt
        change(&report)
        let verb: PipelineCommand.Verb = nextRetryAt == nil ? .scheduleRetry : .recordRetry
        return try await record(PipelineCommand(verb, report), of: request)
    }
}

extension PipelineReport {
    fileprivate mutating func fill(
        _ eventType: String?,
        _ metadata: String?,
        _ workerID: String?,
        _ sequenceNumber: Int64?
    ) {
        self.eventType = eventType
        self.metadata = metadata.map { Array($0.utf8) }
        self.workerID = workerID
        self.sequenceNumber = sequenceNumber
    }
}
