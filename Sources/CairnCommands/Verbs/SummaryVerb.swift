internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// Requests' events by the hour.
struct SummaryVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary",
        abstract: "Counts events by hour, tenant, stage, type and status.",
        discussion: """
            Hours are those of UTC and of created_at, and are counted whole: the one that --since \
            is in is the first, and the one that --until is in is the last.

            Answers come from tables beside the journal where 'cairn import' or 'cairn index' \
            made them, if at most 65,536 events or a quarter of the journal came since, and \
            otherwise, or with --as-of, from going through the events.
            """
    )

    @OptionGroup var read: ReadOptions

    @Option(help: "Only events of this tenant.")
    var tenant: String?

    @Option(help: "Only events of this stage, as the rows have it.")
    var stage: String?

    @Option(
        help: ArgumentHelp(
            "From when on: a span before now, or a time; 24h by default.",
            valueName: "time|span"
        ),
        transform: { try TimeBound($0) }
    )
    var since: TimeBound = .before(.seconds(86_400))

    @Option(
        help: ArgumentHelp(
            "Up to when: a span before now, or a time; all by default.",
            valueName: "time|span"
        ),
        transform: { try TimeBound($0) }
    )
    var until: TimeBound?

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try await read.open()
        let now = clock.now ?? open.now
        let query = SummaryQuery(
            tenant: tenant,
            stage: stage,
            since: since.instant(now: now),
            until: until?.instant(now: now)
        )
        let board = SummaryBoard(open.journal)
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            // Without stored tables, one question is cheaper than making them.
            if open.bound == nil, try await board.isNear() { return try await board.rows(query) }
            return try await open.requests.summary(query)
        }
        try Self.listing.print(rows, as: read.format, hint: open.hint(now: now))
        try await open.noteRemovals("summary")
    }

    static let listing = Listing<SummaryRow>(
        columns: [
            .init("hour") { .time($0.hour) },
            .init("tenant") { .text($0.tenant) },
            .init("stage") { .text($0.stage) },
            .init("event_type") { .text($0.eventType) },
            .init("status") { .status($0.status) },
            .init("event_count") { .integer($0.eventCount) },
            .init("avg_duration_ms") { .meanMilliseconds($0.averageDurationMilliseconds) },
            .init("max_duration_ms") { .milliseconds($0.durationMillisecondsMax) },
            .init("metadata_bytes") { .integer($0.metadataByteCount) },
        ],
        emptyText: "no events in that time"
    )
}
