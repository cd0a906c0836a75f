public import CairnCore
public import CairnDomains

/// How an event of a machine of yours stands on the page of a report.
///
/// A lane is to a stream what a stage is to a request: what starts in it ends in it, what failed in
/// it waits there for its next try. An event that says nothing of work is a dot in its lane.
public struct ReportRow: Hashable, Sendable {
    /// The part of the work that the event is about, by the name that the page shows.
    public var lane: String
    /// What the event says of that work; nil for nothing.
    public var status: PipelineStatus?
    /// Which try of that work it belongs to, from 1.
    public var attempt: Int64
    /// Of a failure: whether the work may be tried again.
    public var isRetryable: Bool
    /// When the work is tried next.
    public var nextRetryAt: Timestamp?
    /// How long the work took that it ends; nil for the time since that started in the lane.
    public var duration: TimeSpan?
    /// What failed, in a word by which failures are counted together.
    public var errorCode: String?
    /// What failed, in a sentence.
    public var errorMessage: String?
    /// When it happened; nil for the instant at which it was recorded.
    public var happenedAt: Timestamp?

    public init(
        lane: String,
        status: PipelineStatus? = nil,
        attempt: Int64 = 1,
        isRetryable: Bool = true,
        nextRetryAt: Timestamp? = nil,
        duration: TimeSpan? = nil,
        errorCode: String? = nil,
        errorMessage: String? = nil,
        happenedAt: Timestamp? = nil
    ) {
        self.lane = lane
        self.status = status
        self.attempt = attempt
        self.isRetryable = isRetryable
        self.nextRetryAt = nextRetryAt
        self.duration = duration
        self.errorCode = errorCode
        self.errorMessage = errorMessage
        self.happenedAt = happenedAt
    }
}

extension ReportRow {
    private static let nanosecondsPerMillisecond: Int64 = 1_000_000

    /// Notes when work starts, and how long it took where the row does not say.
    ///
    /// - Parameters:
    ///   - starts: When what is at work began, by lane.
    ///   - recordedAt: When the event was recorded.
    mutating func noteDuration(_ starts: inout [ExactText: Timestamp], recordedAt: Timestamp) {
        let instant = happenedAt ?? recordedAt
        switch status {
        case .started: starts[ExactText(lane)] = instant
        case .completed, .failed, .skipped:
            guard let start = starts.removeValue(forKey: ExactText(lane)) else { return }
            duration = duration ?? instant.since(start)
        case .retryScheduled, .other, nil: break
        }
    }

    /// The row as reports draw those of pipelines.
    ///
    /// - Parameters:
    ///   - name: What the event is called.
    ///   - document: What it says; nil where that is its name alone.
    ///   - recordedAt: When it was recorded.
    /// - Returns: The row.
    func event(named name: String, _ document: JSONValue?, recordedAt: Timestamp) -> PipelineEvent {
        var event = PipelineEvent(
            tenant: "",
            stage: lane,
            eventType: name,
            status: status ?? .other(""),
            createdAt: happenedAt ?? recordedAt
        )
        event.attempt = attempt
        event.isRetryable = isRetryable
        event.nextRetryAt = nextRetryAt
        event.durationMilliseconds = duration.map {
            $0.nanoseconds / Self.nanosecondsPerMillisecond
        }
        event.errorCode = errorCode
        event.errorMessage = errorMessage
        if let document {
            var writer = JSONWriter()
            writer.value(document)
            event.metadata = writer.bytes
        }
        return event
    }
}
