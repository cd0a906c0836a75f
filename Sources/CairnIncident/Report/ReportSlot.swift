internal import CairnCore
internal import CairnDomains

/// One field of a request's state, or of that of a stage, as a report ships it.
struct ReportSlot: Sendable {
    enum Kind: String, Sendable {
        case word, number, time, flag, milliseconds
    }

    let name: String
    let kind: Kind
    /// Which of ``ReportEvent/columnNames`` the field usually is taken from.
    let column: Int?

    init(_ name: String, _ kind: Kind, from column: String? = nil) {
        self.name = name
        self.kind = kind
        self.column = column.flatMap { ReportEvent.columnNames.firstIndex(of: $0) }
    }

    /// The fields of a request, the counts of its anomalies by kind at the end.
    static let ofRequest = of(anomalies: PipelineAnomaly.Kind.allCases.map(\.name))

    /// The fields of a request or a stream of which so much can be odd.
    static func of(anomalies: [String]) -> [ReportSlot] {
        [
            ReportSlot("stage", .word), ReportSlot("event_type", .word, from: "type"),
            ReportSlot("status", .word, from: "status"),
            ReportSlot("attempt", .number, from: "attempt"),
            ReportSlot("attempt_max", .number, from: "attempt"),
            ReportSlot("retryable", .flag, from: "retryable"),
            ReportSlot("next_retry_at", .time, from: "retry"),
            ReportSlot("sequence_no", .number, from: "number"),
            ReportSlot("created_at", .time), ReportSlot("first_created_at", .time),
            ReportSlot("last_created_at", .time), ReportSlot("event_count", .number),
            ReportSlot("terminal", .flag), ReportSlot("reopened_count", .number),
            ReportSlot("open_starts", .word), ReportSlot("error_stage", .word),
            ReportSlot("error_code", .word, from: "code"),
            ReportSlot("error_message", .word, from: "message"),
            ReportSlot("error_attempt", .number, from: "attempt"),
            ReportSlot("error_created_at", .time), ReportSlot("anomaly_count", .number),
        ] + anomalies.map { ReportSlot("anomalies.\($0)", .number) }
    }

    /// The fields of a stage, under the names of ``RequestRow/stageParts``.
    static let ofStage = [
        ReportSlot("status", .word, from: "status"),
        ReportSlot("attempt", .number, from: "attempt"),
        ReportSlot("attempt_max", .number, from: "attempt"),
        ReportSlot("retryable", .flag, from: "retryable"),
        ReportSlot("next_retry_at", .time, from: "retry"), ReportSlot("event_count", .number),
        ReportSlot("failure_count", .number), ReportSlot("started_at", .time, from: "started"),
        ReportSlot("ended_at", .time, from: "completed"),
        ReportSlot("duration_ms", .milliseconds, from: "duration"),
        ReportSlot("total_duration_ms", .milliseconds),
        ReportSlot("error_code", .word, from: "code"),
    ]
}

extension PipelineState {
    /// The values of ``ReportSlot/ofRequest``; of a stream, those that it has of them.
    func reportValues(_ words: inout ReportWords, _ facts: StreamFacts? = nil) -> [Int64?] {
        let current = current
        let hasEnded = facts?.hasEnded ?? isTerminal
        let odd = facts?.departureCount ?? Int64(clamping: anomalies.totalCount)
        let counts =
            facts?.anomalyCounts
            ?? PipelineAnomaly.Kind.allCases.map { Int64(clamping: anomalies[$0]) }
        let isRetryable: Int64? = current.map { $0.isRetryable ? 1 : 0 }
        let starts = openStarts
        let number = current.map { $0.sequenceNumber ?? Int64(clamping: $0.sequence.rawValue) }
        let failure = lastError
        return [
            words.number(ifAny: current?.stage), words.number(ifAny: current?.eventType),
            words.number(ifAny: current?.status.word), current?.attempt, attemptMax, isRetryable,
            current?.nextRetryAt?.microseconds, number, current?.createdAt.microseconds,
            firstCreatedAt?.microseconds, lastCreatedAt?.microseconds,
            Int64(clamping: eventCount), hasEnded ? 1 : 0, Int64(clamping: reopenedCount),
            starts.isEmpty ? nil : words.number(of: starts.joined(separator: ", ")),
            words.number(ifAny: failure?.stage), words.number(ifAny: failure?.code),
            words.number(ifAny: failure?.message), failure?.attempt,
            failure?.createdAt.microseconds, odd,
        ] + counts
    }
}

/// What a machine's own path says of a stream so far, in place of a pipeline's rules.
struct StreamFacts {
    /// How often the stream left its path, by the kinds that there are.
    private(set) var anomalyCounts: [Int64]
    private(set) var hasEnded = false

    var departureCount: Int64 { anomalyCounts.reduce(0, +) }

    init(isJudged: Bool) {
        anomalyCounts = isJudged ? ReportStreams.departures.map { _ in 0 } : []
    }

    mutating func take(_ step: ReportStreams.Step) {
        hasEnded = step.hasEnded
        for index in anomalyCounts.indices where step.departure == ReportStreams.departures[index] {
            anomalyCounts[index] += 1
        }
    }
}

extension ReportStreams.Step {
    /// The kind of departure as a bit, by its place among those that there are.
    var anomalies: Int64 {
        departure.flatMap { ReportStreams.departures.firstIndex(of: $0) }.map { 1 << $0 } ?? 0
    }
}

extension PipelineStageState {
    /// The values of ``ReportSlot/ofStage``.
    func reportValues(_ words: inout ReportWords) -> [Int64?] {
        [
            words.number(of: status.word), attempt, attemptMax, isRetryable ? 1 : 0,
            nextRetryAt?.microseconds, Int64(clamping: eventCount),
            Int64(clamping: failureCount), startedAt?.microseconds, endedAt?.microseconds,
            lastDurationMilliseconds, totalDurationMilliseconds,
            words.number(ifAny: lastError?.code),
        ]
    }
}
