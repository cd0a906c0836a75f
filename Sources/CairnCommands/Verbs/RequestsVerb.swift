internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The requests and where they stand.
struct RequestsVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "Lists the requests with their current state, the latest first.",
        discussion: """
            A predicate compares the fields of a request's state (pagw_id, tenant, stage, \
            event_type, status, attempt, attempt_max, retryable, next_retry_at, sequence_no, \
            created_at, first_created_at, last_created_at, time_in_state, event_count, terminal, \
            reopened_count, error_stage, error_code, error_message, anomaly_count, \
            anomalies.NAME, stages.NAME.status and the like) and parts of the metadata of its \
            current event, as 'cairn find' does with those of events.
            """
    )

    @OptionGroup var read: ReadOptions

    @OptionGroup var choice: RequestChoiceOptions
    @OptionGroup var time: IncidentOptions

    @Option(
        parsing: .unconditional,
        help: "Most rows; all by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit: Int?

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        var query = try choice.query(limit: limit)
        let open = try await read.open()
        let now = clock.now ?? open.now
        query.incident = try time.span(now: now)
        let rows = try await reading(open.path) { [query] () async throws(IncidentError) in
            try await open.requests.lines(query, now: now)
        }
        try Self.listing.print(rows, as: read.format)
        try await open.noteEndless("requests", query.incident, now: now)
        try await open.noteRemovals("requests")
    }

    static let listing = Listing<RequestLine>(
        columns: [
            .init("pagw_id") { .text($0.requestID) },
            .init("tenant") { .text($0.tenant) },
            .init("stage") { .text($0.stage) },
            .init("event_type") { .text($0.eventType) },
            .init("status") { .status($0.status) },
            .init("attempt") { .integer($0.attempt) },
            .init("sequence_no", isInText: false) { .integer($0.sequenceNumber) },
            .init("event_count") { .count($0.eventCount) },
            .init("created_at") { .time($0.createdAt) },
            .init("first_created_at", isInText: false) { .time($0.firstCreatedAt) },
            .init("time_in_state") { .span($0.timeInState) },
            .init("next_retry_at", isInText: false) { .time($0.nextRetryAt) },
            .init("terminal") { .bool($0.isTerminal) },
            .init("reopened_count", isInText: false) { .count($0.reopenedCount) },
            .init("error_code") { .text($0.errorCode) },
            .init("anomaly_count") { .count($0.anomalyCount) },
        ],
        emptyText: "no such requests"
    )
}
