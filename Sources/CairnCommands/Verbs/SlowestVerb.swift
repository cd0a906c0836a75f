internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB

/// The slowest stages.
struct SlowestVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slowest",
        abstract: "Lists the completed stages that take longest on average."
    )

    @OptionGroup var read: ReadOptions

    @Option(help: "Only events of this tenant.")
    var tenant: String?

    @Option(
        help: ArgumentHelp(
            "From when on: a span before now, or a time; 7d by default.",
            valueName: "span|time"
        ),
        transform: { try TimeBound($0) }
    )
    var since: TimeBound = .before(.seconds(7 * 86_400))

    @Option(
        parsing: .unconditional,
        help: "Most rows; 20 by default.",
        transform: { try Arguments.limit($0) }
    )
    var limit = 20

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let open = try await read.open()
        let now = clock.now ?? open.now
        let rows = try await reading(open.path) { () async throws(IncidentError) in
            try await open.requests.slowest(
                tenant: tenant,
                since: since.instant(now: now),
                limit: limit
            )
        }
        try Self.listing.print(rows, as: read.format, hint: open.hint(now: now))
        try await open.noteRemovals("slowest")
    }

    static let listing = Listing<SlowestRow>(
        columns: [
            .init("stage") { .text($0.stage) },
            .init("event_type") { .text($0.eventType) },
            .init("occurrences") { .integer($0.occurrences) },
            .init("avg_ms") { .meanMilliseconds($0.averageMilliseconds) },
            .init("max_ms") { .milliseconds($0.millisecondsMax) },
            .init("p95_ms") { .fractionalMilliseconds($0.percentile95Milliseconds) },
        ],
        emptyText: "no completed events with a duration in that time"
    )
}
