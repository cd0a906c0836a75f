internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Where one request stands.
struct StateVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Shows what the events of a request amount to."
    )

    @Argument(help: "The request's pagw_id.")
    var request: String

    @OptionGroup var read: ReadOptions

    func run() async throws {
        let open = try await read.open()
        let (state, removedCount) = try await reading(open.path) {
            () async throws(IncidentError) in
            try await open.requests.standing(of: request)
        }
        try Self.details(of: request, state)
            .print(as: read.format, followedBy: [Self.stages.text(state.stages)])
        open.noteRemovals("state", of: request, eventCount: removedCount)
    }

    private static func details(of request: String, _ state: PipelineState) -> Details {
        let current = state.current
        var details = Details()
        details.add("pagw_id", .text(request))
        details.add("tenant", .text(state.tenant))
        details.add("stage", .text(current?.stage))
        details.add("event_type", .text(current?.eventType))
        details.add("status", .status(current?.status))
        details.add("attempt", .integer(current?.attempt))
        details.add("attempt_max", .integer(state.attemptMax))
        details.add("retryable", .bool(current?.isRetryable ?? true), isInText: false)
        details.add("next_retry_at", .time(current?.nextRetryAt))
        let sequence = current.map { Int64(clamping: $0.sequence.rawValue) }
        details.add("sequence_no", .integer(current?.sequenceNumber ?? sequence))
        details.add("created_at", .time(current?.createdAt))
        details.add("first_created_at", .time(state.firstCreatedAt))
        details.add("last_created_at", .time(state.lastCreatedAt))
        details.add("event_count", .count(state.eventCount))
        details.add("terminal", .bool(state.isTerminal))
        details.add("reopened_count", .count(state.reopenedCount))
        details.add("last_error", state.lastError.map(error) ?? .text(nil))
        details.add("open_starts", .list(state.openStarts))
        details.add("anomaly_count", .count(state.anomalies.totalCount))
        let counts = PipelineAnomaly.Kind.allCases.filter { state.anomalies[$0] > 0 }
            .map { ($0.name, OutputValue.count(state.anomalies[$0])) }
        details.add("anomalies", .object(counts), isInText: !counts.isEmpty)
        details.add(
            "stages",
            .array(state.stages.map { stage in .object(Self.stages.members(of: stage)) }),
            isInText: false
        )
        return details
    }

    private static func error(_ error: PipelineFailure) -> OutputValue {
        .object([
            ("stage", .text(error.stage)), ("error_code", .text(error.code)),
            ("error_message", .text(error.message)), ("attempt", .integer(error.attempt)),
            ("created_at", .time(error.createdAt)),
        ])
    }

    private static let stages = Listing<PipelineStageState>(
        columns: [
            .init("stage") { .text($0.name) },
            .init("status") { .status($0.status) },
            .init("attempt") { .integer($0.attempt) },
            .init("attempt_max", isInText: false) { .integer($0.attemptMax) },
            .init("retryable", isInText: false) { .bool($0.isRetryable) },
            .init("next_retry_at") { .time($0.nextRetryAt) },
            .init("event_count") { .count($0.eventCount) },
            .init("failure_count") { .count($0.failureCount) },
            .init("started_at") { .time($0.startedAt) },
            .init("ended_at") { .time($0.endedAt) },
            .init("duration_ms") { .milliseconds($0.lastDurationMilliseconds) },
            .init("total_duration_ms", isInText: false) { .integer($0.totalDurationMilliseconds) },
            .init("error_code") { .text($0.lastError?.code) },
        ],
        emptyText: ""
    )
}
