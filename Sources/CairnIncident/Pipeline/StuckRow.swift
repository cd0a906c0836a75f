public import CairnCore
public import CairnDomains

/// A request that does not get on.
public struct StuckRow: Hashable, Sendable {
    /// `pagw_id`.
    public let requestID: String
    /// `tenant`.
    public let tenant: String
    /// `stage`, as the latest event has it.
    public let stage: String
    /// `event_type` of the latest event.
    public let eventType: String
    /// `status` of the latest event.
    public let status: PipelineStatus
    /// `created_at` of the latest event.
    public let createdAt: Timestamp
    /// `time_stuck`: how long ago that was.
    public let timeStuck: TimeSpan
    /// `sequence_no` of the latest event.
    public let sequenceNumber: Int64
    /// `attempt` of the latest event.
    public let attempt: Int64
    /// `next_retry_at` of the latest event.
    public let nextRetryAt: Timestamp?
    /// `worker_id` of the latest event.
    public let workerID: String?
    /// Where the latest event stands.
    public let position: Position
    /// `reason`.
    public let reason: StuckReason
}

/// Why a request does not get on, as far as its events tell.
public enum StuckReason: String, Hashable, Sendable, CaseIterable {
    /// Something runs or is awaited: its worker still records events, or none is named.
    case waiting
    /// It failed, and a retry is planned for later.
    case retryScheduled = "retry_scheduled"
    /// It failed, and the time of its retry has passed without one.
    case retryOverdue = "retry_overdue"
    /// A message to the outside may have been sent, and nobody will say whether it was.
    case inDoubt = "in_doubt"
    /// The worker that started it has recorded nothing since, for any request.
    case lostWorker = "lost_worker"
    /// It failed for good.
    case failed

    /// Reads the reason from a request's latest event.
    ///
    /// - Parameters:
    ///   - event: The latest event.
    ///   - effect: What the definition says that its type says of an effect outside.
    ///   - isWorkerSilent: Whether its worker, if it names one, has recorded nothing since.
    ///   - now: The instant that is asked about.
    init(
        _ event: PipelineEvent,
        effect: PipelineDefinition.ExternalEffect?,
        isWorkerSilent: Bool,
        now: Timestamp
    ) {
        let retryAt = event.isRetryable ? event.nextRetryAt : nil
        switch (event.status, retryAt) {
        case (.failed, let retryAt?): self = retryAt > now ? .retryScheduled : .retryOverdue
        case (.failed, nil) where effect == .unsettled: self = .inDoubt
        case (.failed, nil): self = event.isRetryable ? .waiting : .failed
        case (.started, _), (.completed, _), (.skipped, _), (.retryScheduled, _), (.other, _):
            if event.workerID == nil {
                self = effect == nil ? .waiting : .inDoubt
            } else if isWorkerSilent {
                self = effect == nil ? .lostWorker : .inDoubt
            } else {
                self = .waiting
            }
        }
    }
}
