internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// Requests that do not get on.
struct StuckVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stuck",
        abstract: "Lists the requests whose latest event is STARTED or FAILED and too old.",
        discussion: """
            For an alert: --check --format json prints the list and ends with exit code 0 for an \
            empty one, 1 where a request is stuck, and another one where there is no answer: 66 \
            where --tenant names one that has no request.
            """
    )

    @OptionGroup var read: ReadOptions

    @Option(help: "Only requests of this tenant.")
    var tenant: String?

    @Option(
        help: ArgumentHelp("How long a request may rest; 15m by default.", valueName: "span"),
        transform: { try Arguments.span($0) }
    )
    var olderThan: TimeSpan = .seconds(900)

    @Flag(help: "Let the deadlines that stages declare replace --older-than.")
    var deadlines = false

    @Flag(help: "End with exit code 1 if a request is stuck.")
    var check = false

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try await read.open()
        let now = clock.now ?? open.now
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.stuck(
                tenant: tenant,
                now: now,
                olderThan: olderThan,
                usesDeadlines: deadlines
            )
        }
        if check, tenant != nil, rows.isEmpty { try await requireTenant(in: open, now: now) }
        try Self.listing.print(rows, as: read.format)
        try await open.noteRemovals("stuck")
        if check, !rows.isEmpty { throw CommandFailure.finding }
    }

    /// Refuses to find nothing stuck of a tenant that has no request, as of a misspelled one.
    private func requireTenant(in open: OpenView, now: Timestamp) async throws(CommandFailure) {
        let found = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.lines(RequestQuery(tenant: tenant, limit: 1), now: now)
        }
        if found.isEmpty { throw .noRequest("checked") }
    }

    static let listing = Listing<StuckRow>(
        columns: [
            .init("pagw_id") { .text($0.requestID) },
            .init("tenant", isInText: false) { .text($0.tenant) },
            .init("stage") { .text($0.stage) },
            .init("event_type") { .text($0.eventType) },
            .init("status") { .status($0.status) },
            .init("created_at") { .time($0.createdAt) },
            .init("time_stuck") { .span($0.timeStuck) },
            .init("reason") { .text($0.reason.rawValue) },
            .init("sequence_no", isInText: false) { .integer($0.sequenceNumber) },
            .init("attempt") { .integer($0.attempt) },
            .init("next_retry_at") { .time($0.nextRetryAt) },
            .init("worker_id") { .text($0.workerID) },
            .init("position", isInText: false) { .count($0.position.rawValue) },
        ],
        emptyText: "nothing is stuck"
    )
}
