public import CairnCore
public import CairnDomains
internal import CairnJournal

/// What would be different about a request, had it had another history or other rules.
public struct RequestWhatIf: Sendable {
    /// `pagw_id`.
    public let requestID: String
    /// How many events of the request were removed; they are in neither history.
    public let removedCount: Int
    /// Both histories, event by event.
    public let history: WhatIf<RequestMachine>
    /// From when on the request is stuck in each history; nil where its latest event is neither
    /// STARTED nor FAILED.
    public let recordedRest: RequestRest?
    public let rest: RequestRest?
    /// What becomes of each failure, in the order of the events.
    public let retries: [RetryOutlook]

    /// Whether anything differs: states, anomalies, when it is stuck, or what is tried again.
    public var differs: Bool {
        history.differs || recordedRest != rest || retries.contains(where: \.differs)
    }
}

/// When a request whose latest event is STARTED or FAILED counts as stuck.
public struct RequestRest: Hashable, Sendable {
    /// `stage` of the latest event.
    public let stage: String
    public let eventType: String
    public let status: PipelineStatus
    /// `created_at` of the latest event.
    public let since: Timestamp
    /// The last instant at which it is not stuck yet: by the deadline that its stage declares, or
    /// else by the seed's 15 minutes.
    public let deadline: Timestamp
    /// Why it rests, as of the instant that is asked about.
    public let reason: StuckReason
    /// Whether it is stuck at that instant.
    public let isStuck: Bool
}

/// What becomes of a failure, or of a retry that was planned without one, in each history.
public struct RetryOutlook: Hashable, Sendable {
    /// The number of its line, from 0.
    public let line: Int
    public let stage: String
    public let attempt: Int64
    /// `created_at`.
    public let failedAt: Timestamp
    /// When the list of open retries has it tried again; nil where that does not list it.
    public let recordedRetryAt: Timestamp?
    public let retryAt: Timestamp?
    /// What the stage's policy says of a failure at that time and attempt; nil for no failure.
    public let recordedPolicy: RetryChoice?
    public let policy: RetryChoice?

    public var differs: Bool { recordedRetryAt != retryAt || recordedPolicy != policy }
}

/// What a retry policy decides after a failure.
public enum RetryChoice: Hashable, Sendable {
    /// It is tried again; chance decides when between the two.
    case again(earliest: Timestamp, latest: Timestamp)
    /// As many attempts as the policy allows were made.
    case exhausted(attemptCountMax: Int64)
    /// The failure is not to be tried again, whatever the policy says.
    case final

    /// The last instant at which it is tried again; nil where it is not.
    public var latest: Timestamp? {
        if case .again(_, let latest) = self { latest } else { nil }
    }

    init(_ event: PipelineEvent, by policy: RetryPolicy) {
        guard event.isRetryable else {
            self = .final
            return
        }
        guard event.attempt < policy.attemptCountMax else {
            self = .exhausted(attemptCountMax: policy.attemptCountMax)
            return
        }
        self = .again(
            earliest: event.createdAt.adding(policy.shortestDelay(afterAttempt: event.attempt)),
            latest: event.createdAt.adding(policy.delay(afterAttempt: event.attempt))
        )
    }
}

extension RetryPolicy {
    /// The wait after a try with as much taken off as chance may.
    fileprivate func shortestDelay(afterAttempt attempt: Int64) -> TimeSpan {
        let share = Int128(1_000 - min(max(jitterThousandths, 0), 1_000))
        let full = Int128(delay(afterAttempt: attempt).nanoseconds)
        // What chance may take off is rounded down, so the rest is rounded up.
        return TimeSpan(nanoseconds: Int64(clamping: (full * share + 999) / 1_000))
    }
}

/// Why there is no answer to a question about what did not happen.
public enum WhatIfError: Error, Hashable, Sendable {
    case incident(IncidentError)
    case overlay(OverlayError)
    case policy(PolicyChangeError)
    /// No journal could hold a changed event.
    case event(PipelineEventError)
}

extension WhatIfError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .incident(let error): error.description
        case .overlay(let error): error.description
        case .policy(let error): error.description
        case .event(let error): "an event cannot be changed so: \(error)"
        }
    }
}
